"""The platform's own part of the style: care load, borders with names, homes, terminals, service points, workers."""

from typing import Any

from schema.style_base import name_of
from schema.style_colors import FONT, Colors

OFF = frozenset({"calls", "care", "cases", "coverage", "gaps", "households", "terminals"})
"""Not shown until asked for; the client switches `layout.visibility` by `metadata.layer`."""
KINDS = {
    "SERVICE_CENTRE": ("#b3261e", "中", "S"),
    "CLINIC": ("#1565c0", "医", "C"),
    "PHARMACY": ("#1565c0", "药", "P"),
    "CANTEEN": ("#8d5a00", "食", "E"),
    "DAY_CARE": ("#8d5a00", "托", "D"),
    "ACTIVITY_ROOM": ("#8d5a00", "活", "A"),
    "POLICE_POST": ("#37474f", "警", "G"),
    "MARKET_SERVICE": ("#37474f", "市", "M"),
}
TERMINALS = {
    "ONLINE": "#2e7d32",
    "LOW_BATTERY": "#b26a00",
    "MAINS_LOST": "#b26a00",
    "SILENT": "#c62828",
    "NEVER_SEEN": "#757575",
}
COVERED = {"TWICE": "#2171b5", "ONCE": "#6baed6", "NOT": "#d7301f"}
NOT_TOLD = "#9e9e9e"
SHARES = ["#d7301f", 0.5, "#fdae61", 0.9, "#6baed6", 0.97, "#2171b5"]
"""From nobody covered to everybody: a scale that is also told apart by the colour-blind."""
URGENT_FROM = 6
HELD = ("ACCEPTED", "ARRIVED", "HELD")
WORKERS = {"AVAILABLE": "#00897b", "OFFERED": "#b26a00", "COMMITTED": "#6a1b9a"}


def drawn(colors: Colors, language: str) -> list[dict[str, Any]]:
    """The layers that lie on the base map, from below."""
    name = name_of(language)
    return [
        *_borders(colors),
        *_gaps(colors),
        *_households(colors),
        _covered_homes(colors),
        *_terminals(colors),
        *_service_points(colors, language, name),
        *_workers(colors),
        *_calls(colors),
        _cases(colors),
        *_area_names(colors, language, name),
    ]


def _of(layer: str, kind: str, sheet: str | None = None, **more: Any) -> dict[str, Any]:
    layout = {**more.pop("layout", {}), **({"visibility": "none"} if layer in OFF else {})}
    told = {"type": kind, "source": layer, "source-layer": sheet or layer, "metadata": {"layer": layer}}
    return {**told, "layout": layout, **more}


def _dot(layer: str, color: Any, colors: Colors, radius: Any, **more: Any) -> dict[str, Any]:
    paint = {
        "circle-color": color,
        "circle-radius": radius,
        "circle-stroke-color": colors.halo,
        "circle-stroke-width": 1.2,
    }
    return _of(layer, "circle", id=more.pop("id", layer), paint=paint, **more)


def _text(layer: str, field: Any, size: Any, color: str, halo: str | None, **more: Any) -> dict[str, Any]:
    paint = {"text-color": color, **({"text-halo-color": halo, "text-halo-width": 1.6} if halo else {})}
    layout = {"text-field": field, "text-font": FONT, "text-size": size, **more.pop("layout", {})}
    return _of(layer, "symbol", id=f"{layer}-names", paint=paint, layout=layout, **more)


def _grow(low: float, at_low: float, high: float, at_high: float) -> list[Any]:
    return ["interpolate", ["linear"], ["zoom"], low, at_low, high, at_high]


def _match(name: str, colors: dict[str, str], other: str) -> list[Any]:
    return ["match", ["get", name], *(part for pair in colors.items() for part in pair), other]


def below(colors: Colors) -> list[dict[str, Any]]:
    """The layers that lie below buildings and streets."""
    few, some, many, most = colors.care
    steps = ["step", ["coalesce", ["get", "people"], 0], few, 100, some, 200, many, 300, most]
    told, withheld = ["!", ["to-boolean", ["get", "suppressed"]]], ["to-boolean", ["get", "suppressed"]]
    fill = {"fill-color": steps, "fill-opacity": 0.65}
    hatched = {"fill-pattern": f"hatch-{colors.name}", "fill-opacity": 0.7}
    return [
        _of("care", "fill", id="care", filter=told, paint=fill),
        _of("care", "fill", id="care-withheld", filter=withheld, paint=hatched),
        _covered_grids(),
    ]


def _covered_grids() -> dict[str, Any]:
    """A grid without homes has no share, as one where few live: both are grey."""
    share = ["case", ["has", "covered_share"], ["step", ["get", "covered_share"], *SHARES], NOT_TOLD]
    grids = ["!", ["has", "state"]]
    return _of("coverage", "fill", id="coverage", filter=grids, paint={"fill-color": share, "fill-opacity": 0.6})


def _covered_homes(colors: Colors) -> dict[str, Any]:
    home = ["has", "state"]
    return _dot(
        "coverage", _match("state", COVERED, NOT_TOLD), colors, _grow(16, 4, 19, 8), id="coverage-homes", filter=home
    )


def _gaps(colors: Colors) -> list[dict[str, Any]]:
    color = "#c2185b" if colors.name == "light" else "#ff6f9f"
    return [
        _of("gaps", "fill", id="gaps-found", paint={"fill-color": color, "fill-opacity": 0.28}),
        _of("gaps", "line", id="gaps-found-line", paint={"line-color": color, "line-width": 2}),
    ]


def _borders(colors: Colors) -> list[dict[str, Any]]:
    community = {"line-color": colors.community, "line-width": _grow(10, 1.2, 16, 3.4), "line-opacity": 0.85}
    grid = {"line-color": colors.grid, "line-width": _grow(11, 0.6, 16, 1.8), "line-dasharray": [4, 2]}
    over = ["boolean", ["feature-state", "over"], False]
    fill = {"fill-color": colors.grid, "fill-opacity": ["case", over, 0.12, 0.02]}
    joined = {"line-join": "round"}
    return [
        _of("grids", "fill", id="grids-fill", paint=fill),
        _of("grids", "line", id="grids", paint=grid, layout=joined),
        _of("communities", "line", id="communities", paint=community, layout=joined),
    ]


def _households(colors: Colors) -> list[dict[str, Any]]:
    number = ["coalesce", ["get", "homes"], 1]
    cell, single = ["has", "suppressed"], ["!", ["has", "suppressed"]]
    grows = ["interpolate", ["linear"], ["sqrt", number], 1, 7, 20, 26]
    shown = ["case", ["to-boolean", ["get", "suppressed"]], "…", ["to-string", ["get", "homes"]]]
    return [
        {**_dot("households", colors.cell, colors, grows, id="homes-counted", filter=cell)},
        _dot("households", colors.home, colors, _grow(16, 2.4, 19, 6), id="homes", filter=single),
        _text("households", shown, 11, colors.cell_text, None, filter=cell, layout={"text-allow-overlap": True}),
    ]


def _terminals(colors: Colors) -> list[dict[str, Any]]:
    return [_dot("terminals", _match("status", TERMINALS, "#757575"), colors, _grow(13, 4, 18, 8))]


def _service_points(colors: Colors, language: str, name: list[Any]) -> list[dict[str, Any]]:
    color = _match("kind", {kind: told[0] for kind, told in KINDS.items()}, "#37474f")
    which = 1 if language == "zh" else 2
    letter = _match("kind", {kind: told[which] for kind, told in KINDS.items()}, "·")
    over = {"text-allow-overlap": True, "text-ignore-placement": True}
    below = {"text-anchor": "top", "text-offset": [0, 1.1], "text-max-width": 9, "text-optional": True}
    return [
        _dot("service-points", color, colors, _grow(12, 4, 16, 9.5)),
        {
            **_text("service-points", letter, _grow(14, 9, 16, 11.5), "#ffffff", None, layout=over, minzoom=14),
            "id": "service-points-kind",
        },
        _text("service-points", name, 11, colors.text, colors.halo, layout=below, minzoom=15),
    ]


def _workers(colors: Colors) -> list[dict[str, Any]]:
    below = {"text-anchor": "top", "text-offset": [0, 0.9], "text-optional": True}
    ring = {**_dot("workers", _match("status", WORKERS, "#757575"), colors, _grow(11, 5, 17, 9))}
    ring["paint"] = {**ring["paint"], "circle-stroke-width": 2.5}
    return [ring, _text("workers", ["get", "name"], 11, colors.text, colors.halo, layout=below, minzoom=14)]


def _calls(colors: Colors) -> list[dict[str, Any]]:
    urgent, held = [">=", ["get", "priority"], URGENT_FROM], ["in", ["get", "status"], ["literal", list(HELD)]]
    color = ["case", held, "#6a1b9a", urgent, "#c62828", "#b26a00"]
    return [_dot("calls", color, colors, _grow(10, 6, 16, 11))]


def _cases(colors: Colors) -> dict[str, Any]:
    late = ["to-boolean", ["get", "late"]]
    return _dot("cases", ["case", late, "#c62828", "#0d47a1"], colors, _grow(10, 4, 16, 8))


def _area_names(colors: Colors, language: str, name: list[Any]) -> list[dict[str, Any]]:
    zh, en = ["get", "short"], ["get", "short_en"]
    short = ["coalesce", zh, en] if language == "zh" else ["coalesce", en, zh]
    grids = _text("grids", short, _grow(13, 10.5, 16, 14), colors.grid_text, colors.halo, sheet="grids-labels")
    communities = _text(
        "communities",
        name,
        _grow(11, 11, 15, 16),
        colors.community_text,
        colors.halo,
        sheet="communities-labels",
        layout={"text-letter-spacing": 0.08},
        maxzoom=15.5,
    )
    return [{**grids, "minzoom": 13.2, "layout": {**grids["layout"], "text-max-width": 8}}, communities]
