"""The base map's part of the style: ground, green, water, buildings, railways, streets by class, walls and gates."""

from typing import Any

from schema.style_colors import FONT, Colors

MAJOR = ["motorway", "trunk", "primary", "motorway_link", "trunk_link", "primary_link"]
MIDDLE = ["secondary", "tertiary", "secondary_link", "tertiary_link"]
FOOT = ["footway", "path", "steps", "pedestrian", "cycleway", "bridleway", "corridor"]
GATES = ["match", ["get", "state"], "CLOSED", "#c62828", "FOOT_ONLY", "#b26a00", "#2e7d32"]


def ground(colors: Colors) -> list[dict[str, Any]]:
    """What everything stands on, from below."""
    return [
        {"id": "ground", "type": "background", "paint": {"background-color": colors.ground}},
        _area("green", "green", colors.green),
        _area("water", "water", colors.water, polygons=True),
        _line("river", "water", colors.water, _by_zoom(10, 1, 16, 8), lines=True),
    ]


def drawn(colors: Colors, language: str) -> list[dict[str, Any]]:
    """What is built, with names, from below."""
    return [
        *_buildings(colors),
        *_rails(colors),
        *_streets(colors),
        *_barriers(colors),
        *_names(colors, language),
    ]


def name_of(language: str) -> list[Any]:
    """The name in the language, or what there is."""
    zh, en = ["get", "name"], ["get", "name_en"]
    return ["coalesce", zh, en, ""] if language == "zh" else ["coalesce", en, zh, ""]


def named(layer: str, text: Any, size: Any, color: str, halo: str, **layout: Any) -> dict[str, Any]:
    """Letters on the map."""
    return {
        "id": f"{layer}-names",
        "type": "symbol",
        "source": "base",
        "source-layer": layer,
        "metadata": {"layer": layer},
        "layout": {"text-field": text, "text-font": FONT, "text-size": size, **layout},
        "paint": {"text-color": color, "text-halo-color": halo, "text-halo-width": 1.4},
    }


def _by_zoom(low: float, at_low: float, high: float, at_high: float) -> list[Any]:
    return ["interpolate", ["exponential", 1.6], ["zoom"], low, at_low, high, at_high]


def _of(layer: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "source": "base", "source-layer": layer, "metadata": {"layer": layer}, **more}


def _area(id_: str, layer: str, color: str, *, polygons: bool = False) -> dict[str, Any]:
    only = {"filter": ["==", ["geometry-type"], "Polygon"]} if polygons else {}
    return _of(layer, "fill", id=id_, paint={"fill-color": color}, **only)


def _line(id_: str, layer: str, color: str, width: Any, *, lines: bool = False) -> dict[str, Any]:
    only = {"filter": ["==", ["geometry-type"], "LineString"]} if lines else {}
    paint = {"line-color": color, "line-width": width}
    return _of(layer, "line", id=id_, paint=paint, layout={"line-cap": "round", "line-join": "round"}, **only)


def _buildings(colors: Colors) -> list[dict[str, Any]]:
    paint = {"fill-color": colors.building, "fill-outline-color": colors.building_edge}
    return [_of("buildings", "fill", id="buildings", minzoom=13.5, paint=paint)]


def _rails(colors: Colors) -> list[dict[str, Any]]:
    sleepers = {"line-color": colors.ground, "line-width": _by_zoom(12, 0.6, 17, 3), "line-dasharray": [4, 4]}
    return [
        _line("rail", "rail", colors.rail, _by_zoom(12, 1.4, 17, 5)),
        _of("rail", "line", id="rail-sleepers", minzoom=13, paint=sleepers),
    ]


def _streets(colors: Colors) -> list[dict[str, Any]]:
    classes = ["get", "road_class"]
    foot = ["in", classes, ["literal", FOOT]]
    width = _widths((1.4, 10), (1.0, 7.5), (0.4, 4.2))
    casing = _widths((2.2, 12.5), (1.7, 9.5), (0.7, 5.8))
    color = ["match", classes, MAJOR, colors.major, MIDDLE, colors.middle, colors.minor]
    order = ["match", classes, MAJOR, 3, MIDDLE, 2, 1]
    layout = {"line-cap": "round", "line-join": "round", "line-sort-key": order}
    dashed = {"line-color": colors.foot, "line-width": _by_zoom(14, 0.7, 18, 2.4), "line-dasharray": [2, 1.4]}
    return [
        _of("streets", "line", id="footways", minzoom=14, filter=foot, paint=dashed),
        _of(
            "streets",
            "line",
            id="streets-casing",
            minzoom=12,
            filter=["!", foot],
            layout=layout,
            paint={"line-color": colors.casing, "line-width": casing},
        ),
        _of(
            "streets",
            "line",
            id="streets",
            filter=["!", foot],
            layout=layout,
            paint={"line-color": color, "line-width": width},
        ),
    ]


def _widths(major: tuple[float, float], middle: tuple[float, float], minor: tuple[float, float]) -> list[Any]:
    """Widths at zoom 11 and at zoom 17, in pixels, by class."""
    classes = ["get", "road_class"]
    at = [["match", classes, MAJOR, major[i], MIDDLE, middle[i], minor[i]] for i in (0, 1)]
    return ["interpolate", ["exponential", 1.5], ["zoom"], 11, at[0], 17, at[1]]


def _barriers(colors: Colors) -> list[dict[str, Any]]:
    walls = {"line-color": colors.wall, "line-width": 1.4, "line-dasharray": [3, 1]}
    gates = {
        "circle-color": GATES,
        "circle-radius": _by_zoom(15, 2.2, 18, 5),
        "circle-stroke-color": colors.halo,
        "circle-stroke-width": 1,
    }
    lines, points = ["==", ["geometry-type"], "LineString"], ["==", ["geometry-type"], "Point"]
    return [
        _of("barriers", "line", id="walls", minzoom=14.5, filter=lines, paint=walls),
        _of("barriers", "circle", id="gates", minzoom=15, filter=points, paint=gates),
    ]


def _names(colors: Colors, language: str) -> list[dict[str, Any]]:
    name = name_of(language)
    along = {"symbol-placement": "line", "text-letter-spacing": 0.05}
    foot = ["in", ["get", "road_class"], ["literal", FOOT]]
    return [
        {
            **named("streets", name, _by_zoom(13, 10, 17, 13), colors.text, colors.halo, **along),
            "minzoom": 13.5,
            "filter": ["!", foot],
        },
        {
            **named("water", name, 13, colors.water_text, colors.halo, **{**along, "text-letter-spacing": 0.3}),
            "filter": ["==", ["geometry-type"], "LineString"],
        },
    ]
