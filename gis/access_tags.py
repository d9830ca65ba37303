"""Who may use a street, and in which direction: OpenStreetMap's tags turned into flags.

The rules follow the OSM wiki ("OSM tags for routing/Access restrictions"; "Key:oneway"; "Key:barrier"): the most
particular tag wins (foot over access; motorcar over motor_vehicle over vehicle over access); what is private is closed.
"""

import re
from collections.abc import Mapping
from enum import IntFlag

Tags = Mapping[str, str]

MODES = ("foot", "ebike", "car")
MODE_TAGS: dict[str, tuple[str, ...]] = {
    "foot": ("foot", "access"),
    "ebike": ("electric_bicycle", "bicycle", "vehicle", "access"),
    "car": ("motorcar", "motor_vehicle", "vehicle", "access"),
}
CLOSED = frozenset(
    "no private agricultural forestry military emergency delivery use_sidepath dismount permit discouraged".split()
)

_FOOT_ONLY = "footway pedestrian steps platform corridor bridleway ladder".split()
_FOOT_AND_EBIKE = "cycleway path".split()
_EVERYBODY = "trunk primary secondary tertiary unclassified residential living_street service track road".split()
_LINKS = "trunk_link primary_link secondary_link tertiary_link".split()
CLASS_MODES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_FOOT_ONLY, ("foot",)),
    **dict.fromkeys(_FOOT_AND_EBIKE, ("foot", "ebike")),
    **dict.fromkeys(_EVERYBODY + _LINKS, MODES),
    **dict.fromkeys(["motorway", "motorway_link"], ("car",)),
}
# Not streets yet, or no longer, or never open to the public.
NO_STREET = frozenset(
    "proposed construction planned abandoned disused razed raceway escape bus_guideway busway via_ferrata rest_area "
    "services elevator emergency_bay traffic_island no".split()
)


class StreetFlag(IntFlag):
    """What holds for a street, in one number that is stored in the table of streets."""

    FOOT_FORWARD = 1
    FOOT_BACKWARD = 2
    EBIKE_FORWARD = 4
    EBIKE_BACKWARD = 8
    CAR_FORWARD = 16
    CAR_BACKWARD = 32
    BRIDGE = 64
    TUNNEL = 128
    STEPS = 256
    ROUNDABOUT = 512


FORWARD = {"foot": StreetFlag.FOOT_FORWARD, "ebike": StreetFlag.EBIKE_FORWARD, "car": StreetFlag.CAR_FORWARD}
BACKWARD = {"foot": StreetFlag.FOOT_BACKWARD, "ebike": StreetFlag.EBIKE_BACKWARD, "car": StreetFlag.CAR_BACKWARD}
PERMISSIONS = StreetFlag(63)


def street_flags(tags: Tags) -> StreetFlag:
    """Give the flags of a street; no permission bit is set when nobody may use it.

    A class that is not OSM's (a survey office's own word, or none) counts as open to everybody.
    """
    flags = StreetFlag(0)
    for mode in MODES:
        if _mode_allowed(tags, mode):
            flags |= _directions(tags, mode)
    return flags | _form(tags)


def _mode_allowed(tags: Tags, mode: str) -> bool:
    street_class = tags.get("highway", "road")
    if street_class in NO_STREET or (tags.get("area") == "yes" and mode != "foot"):
        return False
    own = next((tags[key] for key in MODE_TAGS[mode][:-1] if key in tags), "unknown")
    if own != "unknown":
        return own not in CLOSED
    # access=no closes; access=yes does not open: it never let a car onto a footway.
    return tags.get("access") not in CLOSED and _open_by_class(tags, street_class, mode)


def _open_by_class(tags: Tags, street_class: str, mode: str) -> bool:
    if mode == "foot" and tags.get("sidewalk") in ("yes", "both", "left", "right"):
        return True
    if mode != "car" and tags.get("motorroad") == "yes":
        return False
    return mode in CLASS_MODES.get(street_class, MODES)


def _directions(tags: Tags, mode: str) -> StreetFlag:
    way = {"foot": _foot_way, "ebike": _ebike_way, "car": _car_way}[mode](tags)
    both = FORWARD[mode] | BACKWARD[mode]
    return {1: FORWARD[mode], -1: BACKWARD[mode]}.get(way, both)


def _foot_way(tags: Tags) -> int:
    # Escalators move one way; a one-way street does not bind those who walk.
    return _sense(tags.get("oneway:foot")) or {"forward": 1, "backward": -1}.get(tags.get("conveying", ""), 0)


def _ebike_way(tags: Tags) -> int:
    if "oneway:bicycle" in tags:
        return _sense(tags["oneway:bicycle"])
    lanes = (tags.get(key, "") for key in ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both"))
    return 0 if any(lane.startswith("opposite") for lane in lanes) else _car_way(tags)


def _car_way(tags: Tags) -> int:
    said = tags.get("oneway")
    if said is not None:
        return _sense(said)
    implied = tags.get("junction") in ("roundabout", "circular") or tags.get("highway") == "motorway"
    return 1 if implied else 0


def _sense(value: str | None) -> int:
    """Give 1 along the line, -1 against it, 0 both ways."""
    return {"yes": 1, "true": 1, "1": 1, "-1": -1, "reverse": -1}.get(value or "", 0)


def _form(tags: Tags) -> StreetFlag:
    flags = StreetFlag(0)
    if tags.get("bridge", "no") != "no":
        flags |= StreetFlag.BRIDGE
    if tags.get("tunnel", "no") not in ("no", "building_passage", "culvert"):
        flags |= StreetFlag.TUNNEL
    if tags.get("highway") == "steps":
        flags |= StreetFlag.STEPS
    if tags.get("junction") in ("roundabout", "circular"):
        flags |= StreetFlag.ROUNDABOUT
    return flags


def maximum_speed(tags: Tags) -> float:
    """Give the signposted limit in km/h; NaN when none is signposted or it is a word such as CN:urban."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(mph|km/h|kmh)?\s*", tags.get("maxspeed", ""))
    if found is None or float(found[1]) <= 0:
        return float("nan")
    return float(found[1]) * (1.609344 if found[2] == "mph" else 1.0)


def whole_number(text: str | None) -> int:
    """Read `layer`, `building:levels` and the like; 0 when it is missing or not a number."""
    found = re.match(r"\s*([+-]?\d{1,4})", text or "")
    return int(found[1]) if found else 0
