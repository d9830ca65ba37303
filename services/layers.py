"""The map's layers as data: to add one, add an entry here and its select in `services.layer_rows`."""

import dataclasses
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from gis.tiles import Box
from services import call_rights, settings
from services import layer_rows as rows
from services.access import Actor
from services.contents import Content
from services.errors import Invalid, NotAllowed, NotFound
from services.layer_rows import Rows, View
from services.models import Area, AreaLevel, Role

OSM = "Streets as imported (OpenStreetMap data: © OpenStreetMap contributors)"
HOMES_SHOWN_TO = frozenset(
    {
        Role.GRID_WORKER,
        Role.VOLUNTEER,
        Role.SOCIAL_WORKER,
        Role.COMMUNITY_STAFF,
        Role.DISPATCHER,
        Role.SUPERVISOR,
        Role.MANAGER,
        Role.ADMIN,
    }
)
"""Who may find a single home in the own areas; planners and auditors only count."""
POSITIONS_SHOWN_TO = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.MANAGER, Role.ADMIN})
"""Where somebody is now is sensitive: only for those who send help."""
CALLS_SHOWN_TO = frozenset({*call_rights.STAFF, Role.ADMIN})
"""Who may see the calls of the own areas."""
MOST_TOGETHER = 20


class LayersTooMany(Invalid):
    """There are {count} layers in one address; at most {most} are drawn together. Ask in several requests."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text in Chinese and in English."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Sign:
    """One line of a legend: what a colour says; `night` is that of the dark style where it is another."""

    color: str
    label: Words
    night: str | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer: its rows, who may see it (None: every person), what its freshness hangs on.

    `labels` gives points that go along in a tile as a layer of their own, `ID-labels`. `own_rows` says that two viewers
    of one role may get different rows; `live` that rows change without a new content version.
    """

    id: str
    title: Words
    description: Words
    select: Callable[[View], Rows]
    geometry: str
    contents: frozenset[Content]
    min_zoom: int = 8
    max_zoom: int = 16
    labels: Callable[[View], Rows] | None = None
    shown_to: frozenset[Role] | None = None
    own_rows: bool = False
    live: bool = False
    counts: Callable[[View], bool] = rows.counts_nothing
    base: bool = False
    attribution: str = ""
    legend: tuple[Sign, ...] = ()

    def allows(self, actor: Actor) -> bool:
        """Whether the actor may have this layer at all; a device has none."""
        return actor.terminal_id is None and (self.shown_to is None or bool(self.shown_to & actor.roles))


LAYERS: tuple[Layer, ...] = (
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
    Layer(
        "communities",
        Words("社区", "Communities"),
        Words("社区边界与名称", "Borders and names of communities"),
        partial(rows.areas_of, AreaLevel.COMMUNITY),
        "polygon",
        frozenset({Content.AREAS}),
        labels=partial(rows.area_labels, AreaLevel.COMMUNITY),
        legend=(Sign("#6a3d9a", Words("社区边界", "Border of a community"), "#b794e6"),),
    ),
    Layer(
        "grids",
        Words("网格", "Grids"),
        Words("网格边界与名称", "Borders and names of grids"),
        partial(rows.areas_of, AreaLevel.GRID),
        "polygon",
        frozenset({Content.AREAS}),
        labels=partial(rows.area_labels, AreaLevel.GRID),
        min_zoom=10,
        legend=(Sign("#1f5fa8", Words("网格边界", "Border of a grid"), "#6ea8ee"),),
    ),
    Layer(
        "care",
        Words("关爱对象数量", "Care load"),
        Words("每个网格的关爱对象人数；人数少的不显示", "People in care by grid; small numbers are withheld"),
        rows.care_load,
        "polygon",
        frozenset({Content.AREAS, Content.CARE, Content.HOMES}),
        counts=rows.counts_all,
        min_zoom=11,
        legend=(
            Sign("#fdebd3", Words("不足 100 人", "Under 100 people"), "#4a3a26"),
            Sign("#fdc68a", Words("100 至 199 人", "100 to 199"), "#7a5326"),
            Sign("#f6944d", Words("200 至 299 人", "200 to 299"), "#ab5f22"),
            Sign("#d9561c", Words("300 人及以上", "300 and more"), "#e0702e"),
            Sign("#9e9e9e", Words("人数少，不显示", "Few, withheld")),
        ),
    ),
    Layer(
        "households",
        Words("住户", "Homes"),
        Words(
            "放大后为本人辖区的住户；远看或无权时为数量（约数）",
            "Close up the homes of your own areas; from afar, or without the right, rounded numbers",
        ),
        rows.households,
        "point",
        frozenset({Content.HOMES, Content.AREAS}),
        counts=rows.counts_homes,
        min_zoom=11,
        max_zoom=17,
        own_rows=True,
        legend=(
            Sign("#00796b", Words("住户", "A home"), "#4dd0c0"),
            Sign("#4db6ac", Words("住户数量（约数）", "Number of homes, rounded"), "#1f766c"),
        ),
    ),
    Layer(
        "service-points",
        Words("服务点", "Service points"),
        Words("服务中心、卫生、食堂、日托等", "Service centres, clinics, canteens, day care and others"),
        rows.service_points,
        "point",
        frozenset({Content.SERVICE_POINTS}),
        min_zoom=11,
        legend=(
            Sign("#b3261e", Words("服务中心（站）", "Service centre")),
            Sign("#1565c0", Words("卫生、药房", "Clinic, pharmacy")),
            Sign("#8d5a00", Words("食堂、日间照料、活动室", "Canteen, day care, activities")),
            Sign("#37474f", Words("警务、市场服务", "Police post, market service")),
        ),
    ),
    Layer(
        "terminals",
        Words("一键通终端", "Terminals"),
        Words("本人辖区内的终端及其状态", "Terminals in your own areas, by state"),
        rows.terminals,
        "point",
        frozenset({Content.TERMINALS, Content.HOMES}),
        min_zoom=13,
        shown_to=HOMES_SHOWN_TO,
        own_rows=True,
        live=True,
        legend=(
            Sign("#2e7d32", Words("在线", "Online")),
            Sign("#b26a00", Words("低电量、断电", "Battery low, mains lost")),
            Sign("#c62828", Words("失联", "Silent")),
            Sign("#757575", Words("未曾上线", "Never seen")),
        ),
    ),
    Layer(
        "workers",
        Words("在岗人员", "Workers on duty"),
        Words("在岗人员最近的位置", "Where those on duty were seen last"),
        rows.workers,
        "point",
        frozenset({Content.WORKERS}),
        min_zoom=10,
        shown_to=POSITIONS_SHOWN_TO,
        own_rows=True,
        live=True,
        legend=(
            Sign("#00897b", Words("可派", "Available")),
            Sign("#b26a00", Words("已派单", "Offered a call")),
            Sign("#6a1b9a", Words("处置中", "On a call")),
        ),
    ),
    Layer(
        "calls",
        Words("呼叫", "Open calls"),
        Words("本人辖区内未结束的呼叫", "Open calls of your own areas"),
        rows.open_calls,
        "point",
        frozenset({Content.HOMES}),
        min_zoom=8,
        shown_to=CALLS_SHOWN_TO,
        own_rows=True,
        live=True,
        legend=(
            Sign("#c62828", Words("紧急", "Emergency")),
            Sign("#b26a00", Words("寻找人员", "Help is being found")),
            Sign("#6a1b9a", Words("有人处置", "In somebody's hands")),
        ),
    ),
)
NOBODY = Actor(uuid.UUID(int=0), "", frozenset(), (), ())
BY_ID = {layer.id: layer for layer in LAYERS}


def shown_to(actor: Actor) -> tuple[Layer, ...]:
    """The layers that the actor may have, in drawing order."""
    return tuple(layer for layer in LAYERS if layer.allows(actor))


def named(ids: str, actor: Actor) -> tuple[Layer, ...]:
    """The layers of `a` or `a,b,c`. Raises NotFound, NotAllowed, LayersTooMany."""
    wanted = ids.split(",")
    if len(wanted) > MOST_TOGETHER:
        raise LayersTooMany(count=len(wanted), most=MOST_TOGETHER)
    found = tuple(_named(one) for one in dict.fromkeys(wanted))
    if not all(layer.allows(actor) for layer in found):
        raise NotAllowed
    return found


def view(actor: Actor, zoom: int) -> View:
    """What this actor asks for."""
    few = settings.current().suppress_below
    return View(actor, zoom, homes=bool(HOMES_SHOWN_TO & actor.roles), suppress_below=few)


async def extent(session: AsyncSession) -> Box | None:
    """The box around all districts: west, south, east, north in degrees; None before any is imported."""
    around = sa.func.ST_Extent(Area.boundary)
    edges = (sa.func.ST_XMin, sa.func.ST_YMin, sa.func.ST_XMax, sa.func.ST_YMax)
    found = await session.execute(
        sa.select(*(edge(around) for edge in edges)).where(Area.level == AreaLevel.DISTRICT, Area.retired_at.is_(None))
    )
    west, south, east, north = found.one()
    return None if west is None else (west, south, east, north)


def fields(layer: Layer) -> dict[str, str]:
    """What each feature tells, by name: `Number`, `String` or `Boolean`."""
    rows = layer.select(View(NOBODY, layer.max_zoom, homes=True))
    return {one.name: _kind(one.type) for one in rows.selected_columns if one.name not in ("feature_id", "geom")}


def rights(layers: tuple[Layer, ...], actor: Actor) -> tuple[object, ...]:
    """What of the actor decides on the rows of these layers: nothing, or all rights, whichever there may be."""
    if not any(layer.own_rows for layer in layers):
        return ()
    rights = [one.name for one in dataclasses.fields(actor) if one.name not in ("name", "roles")]
    held = {name: getattr(actor, name) for name in rights}
    return sorted(actor.roles), held


def _kind(column: sa.types.TypeEngine[Any]) -> str:
    if isinstance(column, sa.Boolean):
        return "Boolean"
    return "Number" if isinstance(column, (sa.Integer, sa.Numeric)) else "String"


def _named(id_: str) -> Layer:
    try:
        return BY_ID[id_]
    except KeyError:
        raise NotFound(id_) from None
