"""The platform's own layers, in drawing order: borders, people in care, coverage, homes, help and who brings it."""

from functools import partial

from services import call_rights, care_load, case_rows, coverage, coverage_layers, coverage_rows
from services import layer_rows as rows
from services.cases import rights as case_rights
from services.contents import Content
from services.layer import Layer, Sign, Words
from services.models import AreaLevel, Role

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
AUDITS_SHOWN_TO = frozenset({*coverage.PLANNERS, Role.AUDITOR, Role.ADMIN})
"""Who may read coverage audits."""

COMMUNITY: tuple[Layer, ...] = (
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
        care_load.care_load,
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
        "coverage",
        Words("覆盖情况", "Coverage"),
        Words(
            "最近一次覆盖检查：每个网格的覆盖率；放大后有权者可见每户",
            "By the latest coverage check: the share by grid; close up, for who may find them, each home",
        ),
        coverage_rows.coverage,
        "geometry",
        frozenset({Content.AUDITS, Content.AREAS, Content.HOMES}),
        found=coverage_layers.found_coverage,
        min_zoom=10,
        max_zoom=17,
        shown_to=AUDITS_SHOWN_TO,
        own_rows=True,
        legend=(
            Sign("#d7301f", Words("不足 50 %；住户：无人可达", "Under 50 %; a home: nobody in time")),
            Sign("#fdae61", Words("50 % 至 90 %", "50 to 90 %")),
            Sign("#6baed6", Words("90 % 至 97 %；住户：一处可达", "90 to 97 %; a home: reached by one")),
            Sign("#2171b5", Words("97 % 以上；住户：多处可达", "Over 97 %; a home: by two or more")),
            Sign("#9e9e9e", Words("人数少，不显示；住户：尚未检查", "Few, withheld; a home: not checked yet")),
        ),
    ),
    Layer(
        "gaps",
        Words("覆盖盲区", "Gaps"),
        Words(
            "最近一次覆盖检查中无人按时可达的成片住户", "Homes close together that nobody reached in the latest check"
        ),
        coverage_rows.gaps,
        "polygon",
        frozenset({Content.AUDITS, Content.AREAS}),
        found=coverage_layers.found_gaps,
        min_zoom=10,
        shown_to=AUDITS_SHOWN_TO,
        own_rows=True,
        legend=(Sign("#c2185b", Words("盲区", "A gap"), "#ff6f9f"),),
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
    Layer(
        "cases",
        Words("事项", "Open matters"),
        Words("本人可见的未办结事项，逾期者标红", "Open matters that you may see; late ones stand out"),
        case_rows.open_cases,
        "point",
        frozenset({Content.AREAS}),
        min_zoom=8,
        shown_to=case_rights.STAFF,
        own_rows=True,
        live=True,
        legend=(
            Sign("#0d47a1", Words("在办", "In time")),
            Sign("#c62828", Words("逾期", "Late")),
        ),
    ),
)
