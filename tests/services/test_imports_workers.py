"""Workers, their areas, duties and shifts; terminals, service points, organisations."""

from tests.conftest import StandingClock
from tests.services.county import COMMUNITY, EAST, WEST, County

WORKERS = f"""工号,姓名,角色,电话,技能,语言,区域编号,经度,纬度,值班
W1,乙一,网格员,15410000001,急救;心理,普通话,{WEST},106.002,26.005,1-5 08:30-17:30;6-7 09:00-12:00
W2,乙二,VOLUNTEER,,,,{COMMUNITY},106.003,26.005,3 22:00-06:00
"""
SERVES = (
    "SELECT w.code, a.code, n.since::text, n.until::text FROM assignments n JOIN workers w ON w.id = n.worker_id"
    " JOIN areas a ON a.id = n.area_id ORDER BY w.code, n.since, n.until"
)
SHIFTS = (
    "SELECT w.code, to_char(s.starts_at AT TIME ZONE 'Asia/Shanghai', 'MM-DD HH24:MI'),"
    " to_char(s.ends_at AT TIME ZONE 'Asia/Shanghai', 'MM-DD HH24:MI')"
    " FROM shifts s JOIN workers w ON w.id = s.worker_id WHERE w.code = %s ORDER BY s.starts_at"
)


def test_workers_with_area_duty_and_shifts(gridded: County, standing_clock: StandingClock) -> None:
    """It is Wednesday 20 May 2026, 09:00: W1 is on duty since 08:30; fourteen days are written out, to 3 June."""
    assert gridded.bring("workers", WORKERS).counts.added == 2
    who = "SELECT code, role, status, skills, languages, phone_sealed IS NULL FROM workers ORDER BY code"
    assert gridded.ask(who) == [
        ("W1", "GRID_WORKER", "OFF_DUTY", ["急救", "心理"], ["普通话"], False),
        ("W2", "VOLUNTEER", "OFF_DUTY", [], [], True),
    ]
    assert gridded.ask(SERVES) == [("W1", WEST, "2026-05-20", None), ("W2", COMMUNITY, "2026-05-20", None)]
    first = gridded.ask(SHIFTS, "W1")
    assert first[0] == ("W1", "05-20 08:30", "05-20 17:30")
    assert first[3] == ("W1", "05-23 09:00", "05-23 12:00")  # Saturday
    # 20-22 May, 25-29 May, 1-3 June are 11 weekdays; 23, 24, 30, 31 May are 4 days of weekends.
    assert len(first) == 15
    assert gridded.ask(SHIFTS, "W2") == [("W2", "05-20 22:00", "05-21 06:00"), ("W2", "05-27 22:00", "05-28 06:00")]


def test_the_same_workers_again_change_nothing(gridded: County, standing_clock: StandingClock) -> None:
    """A day later, too: the shifts go on by a day, but no worker has changed."""
    gridded.bring("workers", WORKERS)
    standing_clock.forward(days=1)
    counts = gridded.bring("workers", WORKERS).counts
    assert (counts.added, counts.changed, counts.unchanged) == (0, 0, 2)
    assert gridded.ask(SHIFTS, "W1")[-1] == ("W1", "06-04 08:30", "06-04 17:30")
    assert len(gridded.ask(SERVES)) == 2


def test_a_changed_duty_plans_anew_what_has_not_begun(gridded: County, standing_clock: StandingClock) -> None:
    """Today's shift of W1 stays as it began; from tomorrow on it is the new hours. The area changes today."""
    gridded.bring("workers", WORKERS)
    changed = WORKERS.replace("1-5 08:30-17:30;6-7 09:00-12:00", "1-7 10:00-18:00").replace(WEST, EAST)
    counts = gridded.bring("workers", changed).counts
    assert (counts.changed, counts.unchanged) == (1, 1)
    shifts = gridded.ask(SHIFTS, "W1")
    assert shifts[:2] == [("W1", "05-20 08:30", "05-20 17:30"), ("W1", "05-21 10:00", "05-21 18:00")]
    assert len(shifts) == 14
    assert gridded.ask(SERVES)[:2] == [("W1", WEST, "2026-05-20", "2026-05-20"), ("W1", EAST, "2026-05-20", None)]


def test_workers_that_do_not_fit(gridded: County) -> None:
    """Role, duty, area, a code that comes twice."""
    text = f"""code,name,role,area_code,longitude,latitude,duty
W1,a,KING,{WEST},106.002,26.005,
W2,b,GRID_WORKER,529901001001009,106.002,26.005,
W3,c,GRID_WORKER,{WEST},106.002,26.005,all day
W4,d,GRID_WORKER,{WEST},106.002,26.005,
W4,d,GRID_WORKER,{WEST},106.002,26.005,
"""
    outcome = gridded.bring("workers", text)
    assert [(p.row, p.column, p.code) for p in outcome.problems] == [
        (2, "role", "WORD_UNKNOWN"),
        (3, "area_code", "AREA_UNKNOWN"),
        (4, "duty", "TIMES_FORM"),
        (6, "code", "DUPLICATE_IN_FILE"),
    ]


def test_terminals_in_homes_and_in_the_store_room(housed: County) -> None:
    """Twice changes nothing; a terminal that goes into a home does."""
    text = "序列号,户号,型号,安装日期,心跳分钟\nT1,H1,YJT-2,2026-03-01,30\nT2,,,,\n"
    assert housed.bring("terminals", text).counts.added == 2
    query = (
        "SELECT t.serial, h.code, t.status, t.heartbeat_seconds, (t.installed_at AT TIME ZONE 'Asia/Shanghai')::text"
        " FROM terminals t LEFT JOIN households h ON h.id = t.household_id ORDER BY t.serial"
    )
    assert housed.ask(query) == [
        ("T1", "H1", "NEVER_SEEN", 1800, "2026-03-01 00:00:00"),
        ("T2", None, "NEVER_SEEN", 3600, None),
    ]
    assert housed.bring("terminals", text).counts.unchanged == 2
    counts = housed.bring("terminals", text.replace("T2,,", "T2,H2,")).counts
    assert (counts.changed, counts.unchanged) == (1, 1)
    outcome = housed.bring("terminals", "serial,household_code,heartbeat_minutes\nT3,H9,60\nT4,H1,1441\n")
    assert [(p.row, p.code) for p in outcome.problems] == [(2, "HOUSEHOLD_UNKNOWN"), (3, "NUMBER_RANGE")]


def test_service_points_with_hours_and_modes(gridded: County) -> None:
    """In the grid in which they lie."""
    text = """编号,名称,英文名,类型,地址,经度,纬度,营业时间,服务模式
S1,卫生站,Clinic,卫生服务站,柳巷1号,106.002,26.005,1-5 08:30-17:30,社工点对点;MARKET
"""
    assert gridded.bring("service-points", text).counts.added == 1
    query = "SELECT s.kind, s.hours, s.service_modes, a.code FROM service_points s JOIN areas a ON a.id = s.grid_id"
    expected = ("CLINIC", [[[1, 2, 3, 4, 5], "08:30", "17:30"]], ["SOCIAL_WORKER", "MARKET"], WEST)
    assert gridded.ask(query) == [expected]
    assert gridded.bring("service-points", text).counts.unchanged == 1
    outcome = gridded.bring("service-points", text.replace("106.002", "106.2"))
    assert [(p.row, p.code) for p in outcome.problems] == [(2, "OUTSIDE_EVERY_GRID")]


def test_organisations_with_members(gridded: County) -> None:
    """A member who goes is gone; an unknown one is named."""
    gridded.bring("workers", WORKERS)
    text = f"编号,类型,名称,英文名,区域编号,成员\nO1,志愿者队伍,柳巷队,Willow Team,{COMMUNITY},W1;W2\n"
    assert gridded.bring("organisations", text).counts.added == 1
    members = "SELECT o.code, w.code FROM organisation_members m JOIN organisations o ON o.id = m.organisation_id"
    members += " JOIN workers w ON w.id = m.worker_id ORDER BY w.code"
    assert gridded.ask(members) == [("O1", "W1"), ("O1", "W2")]
    assert gridded.bring("organisations", text).counts.unchanged == 1
    assert gridded.bring("organisations", text.replace("W1;W2", "W2")).counts.changed == 1
    assert gridded.ask(members) == [("O1", "W2")]
    outcome = gridded.bring("organisations", text.replace("W1;W2", "W8"))
    assert [(p.row, p.column, p.code) for p in outcome.problems] == [(2, "members", "WORKER_UNKNOWN")]
