"""The layers of the base map, from the imported street file, in drawing order."""

from functools import partial

from services import layer_rows as rows
from services.contents import Content
from services.layer import Layer, Sign, Words

OSM = "Streets as imported (OpenStreetMap data: © OpenStreetMap contributors)"
BASE: tuple[Layer, ...] = (
    Layer(
        "green",
        Words("绿地", "Green"),
        Words("公园、林地、草地", "Parks, woods, meadows"),
        partial(rows.features, ("green",)),
        "polygon",
        frozenset({Content.STREETS}),
        min_zoom=10,
        base=True,
        attribution=OSM,
    ),
    Layer(
        "water",
        Words("水系", "Water"),
        Words("河流、湖泊、水库", "Rivers, lakes, reservoirs"),
        partial(rows.features, ("water", "river")),
        "geometry",
        frozenset({Content.STREETS}),
        base=True,
        attribution=OSM,
        legend=(Sign("#a9cfe4", Words("水面", "Water"), "#16344a"),),
    ),
    Layer(
        "buildings",
        Words("建筑物", "Buildings"),
        Words("楼栋轮廓与层数", "Outlines, with storeys"),
        partial(rows.features, ("building",)),
        "polygon",
        frozenset({Content.STREETS}),
        min_zoom=13,
        base=True,
        attribution=OSM,
    ),
    Layer(
        "rail",
        Words("铁路", "Railways"),
        Words("铁路与轻轨", "Railways and light rail"),
        partial(rows.features, ("railway",)),
        "line",
        frozenset({Content.STREETS}),
        min_zoom=10,
        base=True,
        attribution=OSM,
    ),
    Layer(
        "streets",
        Words("街道", "Streets"),
        Words("按等级区分的道路与步行通道", "Roads and footways by class"),
        rows.streets,
        "line",
        frozenset({Content.STREETS}),
        base=True,
        attribution=OSM,
        legend=(
            Sign("#f6cf86", Words("主要道路", "Main roads"), "#6d5a33"),
            Sign("#c9a58c", Words("步行通道、台阶", "Footways, steps"), "#6b5647"),
        ),
    ),
    Layer(
        "barriers",
        Words("围墙与门", "Walls and gates"),
        Words("围墙、栅栏；门对行人是否开放", "Walls and fences; whether gates let walkers through"),
        rows.barriers,
        "geometry",
        frozenset({Content.STREETS}),
        min_zoom=14,
        base=True,
        attribution=OSM,
        legend=(
            Sign("#8a7d6d", Words("围墙、栅栏", "Wall or fence")),
            Sign("#c62828", Words("门：关闭", "Gate: closed")),
            Sign("#b26a00", Words("门：仅行人", "Gate: walkers only")),
            Sign("#2e7d32", Words("门：开放", "Gate: open")),
        ),
    ),
)
