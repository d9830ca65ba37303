"""Cases over the API: residents without an account, who sees what, what the loser of a race is told."""

from typing import Any

from fixtures import makers
from schema import case_boards
from services.models import Account, Role
from tests.schema.asking import Asking
from tests.schema.casestage import PHONE, TRACKING, CaseStage
from tests.schema.town import Town

OPEN = """mutation($point: PointInput, $phone: String, $code: String, $kind: String!) {
  openCase(input: {kind: $kind, subject: "井盖松动", point: $point, phone: $phone, code: $code}) {
    case { id number state assignee { name } household { id } } trackingCode similar { id }
  }
}"""
SEND = "mutation($phone: String!) { sendCaseCode(phone: $phone) }"
TRACK = """query($number: String!, $code: String!) {
  trackCase(number: $number, code: $code) { state stateName mayRate publicTimeline { text } }
}"""
RATE = """mutation($number: String!, $code: String!, $satisfied: Boolean!) {
  rateCase(number: $number, code: $code, satisfied: $satisfied) { state }
}"""
FILE = """query($id: ID!) {
  case(id: $id) { subject description sealed timeline { kind detail } allowedActions { name } details }
}"""
BOARD = """query($mine: Boolean, $overdue: Boolean) {
  cases(filter: {mine: $mine, overdue: $overdue, open: true}) {
    totalCount edges { node { number kind { code } subject state rung { level area { code } } assignee { name }
      acceptDueAt closeDueAt overdueWorkingDays paused provisional } }
  }
}"""
ACT = """mutation($id: ID!, $action: String!, $version: Int!, $note: String) {
  actOnCase(input: {id: $id, action: $action, version: $version, note: $note}) { case { state version } }
}"""


def here() -> dict[str, float]:
    """A place in the first grid."""
    lon, lat = makers.degrees(60, 500)
    return {"longitude": lon, "latitude": lat}


async def someone(stage: CaseStage, role: Role, area: Any, **columns: Any) -> Account:
    """An account with a role in an area."""
    async with stage.ask.database.write() as session:
        return await makers.make_account(session, role, area, **columns)


async def test_a_resident_without_an_account(changing: tuple[Asking, Town]) -> None:
    """A code to the phone, the whistle, the grid worker has it; answered, rated not content, opened again."""
    ask, town = changing
    stage, nobody = await CaseStage.of(ask, town), ask.as_(None)
    assert await nobody(SEND, phone=PHONE) == {"sendCaseCode": True}
    code = await stage.code_sent()
    assert len(code) == 6
    wrong = "000000" if code != "000000" else "111111"
    given = {"point": here(), "kind": "APPEAL", "phone": PHONE}
    assert await nobody.code(OPEN, **given, code=wrong) == "CODE_WRONG"
    assert await nobody.code(OPEN, **given) == "CODE_WRONG"
    opened = (await nobody(OPEN, **given, code=code))["openCase"]
    assert opened["case"]["assignee"]["name"] == town.workers[0].name
    number, tracking = opened["case"]["number"], opened["trackingCode"]
    worker = ask.as_(town.grid_worker)
    await worker(ACT, id=opened["case"]["id"], action="ACCEPT", version=1)
    case_id = opened["case"]["id"]
    answer = (
        'mutation($id: ID!) { actOnCase(input: {id: $id, action: "ANSWER", version: 2, note: "done",'
        " fields: {solved: true}}) { case { state } } }"
    )
    assert (await worker(answer, id=case_id))["actOnCase"]["case"]["state"] == "ANSWERED"
    told = (await nobody(TRACK, number=number, code=tracking.lower()))["trackCase"]
    assert told["mayRate"]
    assert [line["text"] for line in told["publicTimeline"]] == ["已收到", "已受理", "已处理并答复"]
    assert await nobody(RATE, number=number, code=tracking, satisfied=False) == {"rateCase": {"state": "RECEIVED"}}
    assert await nobody.code(RATE, number=number, code=tracking, satisfied=True) == "CASE_NOT_NOW"


async def test_a_wrong_number_and_a_wrong_code_are_answered_alike(changing: tuple[Asking, Town]) -> None:
    """Nobody learns by guessing which numbers there are."""
    ask, town = changing
    case = await (await CaseStage.of(ask, town)).opened()
    nobody = ask.as_(None)
    wrong_code = await nobody.refused(TRACK, number=case.number, code="AAAAAAAAAA")
    wrong_number = await nobody.refused(TRACK, number="SQ20990000001", code=TRACKING)
    assert wrong_code["extensions"]["code"] == wrong_number["extensions"]["code"] == "NOT_FOUND"
    assert wrong_code["message"].replace(case.number, "N") == wrong_number["message"].replace("SQ20990000001", "N")


async def test_a_principal_takes_the_consent_back(changing: tuple[Asking, Town]) -> None:
    """With number and code, without an account; a kind that asks no consent has none to take back."""
    ask, town = changing
    stage, nobody = await CaseStage.of(ask, town), ask.as_(None)
    revoke = """mutation($number: String!) {
      revokeCaseConsent(number: $number, code: "ABCDEFGHJK", reason: "我自己去") { state }
    }"""
    petition = await stage.opened("PETITION", consent=True, wish="办理房产证")
    assert await nobody(revoke, number=petition.number) == {"revokeCaseConsent": {"state": "WITHDRAWN"}}
    assert await nobody.code(revoke, number=petition.number) == "CASE_NOT_NOW"
    assert await nobody.code(revoke, number=(await stage.opened()).number) == "ACTION_UNKNOWN"


async def test_offices_and_rulings_are_the_managers(changing: tuple[Asking, Town]) -> None:
    """An office sees what it is called to; the closing term runs from the opening where that is settled."""
    ask, town = changing
    stage = await CaseStage.of(ask, town)
    official = await someone(stage, Role.VOLUNTEER, town.grids[3])
    area = str(town.community.id)
    add = """mutation($area: ID!) {
      addCaseOffice(areaId: $area, code: "BUREAU", kind: BUREAU, name: "城管") { id }
    }"""
    settle = """mutation($area: ID!, $from: String!) {
      settleCaseRule(areaId: $area, kind: "APPEAL", closeStarts: $from) { closeStarts }
    }"""
    join = "mutation($id: ID!, $account: ID!) { joinCaseOffice(id: $id, accountId: $account) { code } }"
    assert await ask.as_(stage.staff).code(add, area=area) == "NOT_ALLOWED"
    office = (await ask(add, area=area))["addCaseOffice"]["id"]
    assert await ask.code(add, area=area) == "OFFICE_CODE_TAKEN"
    await ask(join, id=office, account=str(official.id))
    assert await ask.code(settle, area=area, **{"from": "SOMETIME"}) == "START_UNFIT"
    await ask(settle, area=area, **{"from": "OPENED"})
    case = await stage.opened()
    assert case.close_starts == "OPENED"
    assert await ask.as_(official).code(FILE, id=str(case.id)) == "NOT_FOUND"
    await stage.act(case, town.grid_worker, "JOIN_UNIT", unit_id=office, part="现场查看")
    found = (await ask.as_(official)(FILE, id=str(case.id)))["case"]
    assert {each["name"] for each in found["allowedActions"]} == {"UNIT_DONE", "NOTE", "LINK"}
    dues = "query($id: ID!) { case(id: $id) { acceptDueAt closeDueAt } }"
    told = (await ask.as_(stage.staff)(dues, id=str(case.id)))["case"]
    assert told["acceptDueAt"] < told["closeDueAt"]


async def test_codes_are_few_and_attempts_are_counted(changing: tuple[Asking, Town]) -> None:
    """Three codes in ten minutes; after five wrong guesses even the right one is void."""
    ask, town = changing
    stage, nobody = await CaseStage.of(ask, town), ask.as_(None)
    for _ in range(3):
        await nobody(SEND, phone=PHONE)
    assert await nobody.code(SEND, phone=PHONE) == "TOO_MANY_CODES"
    assert await nobody.code(SEND, phone="12") == "PHONE_UNFIT"
    code = await stage.code_sent()
    given = {"point": here(), "kind": "APPEAL", "phone": PHONE}
    for guess in range(5):
        assert await nobody.code(OPEN, **given, code=f"{(int(code) + guess + 1) % 1_000_000:06}") == "CODE_WRONG"
    assert await nobody.code(OPEN, **given, code=code) == "CODE_WRONG"


async def test_without_a_token_nothing_else_is_open(changing: tuple[Asking, Town]) -> None:
    """Not the board, not the file, not a second field beside an open one."""
    ask, town = changing
    case = await (await CaseStage.of(ask, town)).opened()
    nobody = ask.as_(None)
    assert await nobody.code(BOARD) == "NOT_SIGNED_IN"
    assert await nobody.code(FILE, id=str(case.id)) == "NOT_SIGNED_IN"
    assert await nobody.code(ACT, id=str(case.id), action="ACCEPT", version=1) == "NOT_SIGNED_IN"
    both = f'{{ trackCase(number: "{case.number}", code: "{TRACKING}") {{ state }} cases {{ totalCount }} }}'
    assert await nobody.code(both) == "NOT_SIGNED_IN"
    assert await nobody.code(OPEN, kind="HAZARD", point=here(), phone=PHONE, code="000000") == "CODE_WRONG"


SEEN_BY = {
    Role.GRID_WORKER: True,
    Role.COMMUNITY_STAFF: True,
    Role.MANAGER: True,
    Role.SUPERVISOR: True,
    Role.AUDITOR: True,
    Role.PLANNER: False,
    Role.VOLUNTEER: False,
}


async def test_who_sees_a_case_of_the_own_area(changing: tuple[Asking, Town]) -> None:
    """Staff of the area do; an auditor without the words; planners and volunteers not at all."""
    ask, town = changing
    stage = await CaseStage.of(ask, town)
    case = await stage.opened()
    for role, sees in SEEN_BY.items():
        asked = ask.as_(await someone(stage, role, town.community))
        assert (await asked(BOARD))["cases"]["totalCount"] == sees, role
        if not sees:
            assert await asked.code(FILE, id=str(case.id)) == "NOT_FOUND"
            continue
        found = (await asked(FILE, id=str(case.id)))["case"]
        assert found["description"] == (None if role is Role.AUDITOR else "晚上看不见路")
        assert bool(found["allowedActions"]) == (role is not Role.AUDITOR)


async def test_another_area_and_the_platform_s_administrator_see_nothing(changing: tuple[Asking, Town]) -> None:
    """The worker of the last grid, and the administrator who keeps the house."""
    ask, town = changing
    stage = await CaseStage.of(ask, town)
    case = await stage.opened()
    async with ask.database.write() as session:
        admin = await makers.make_account(session, Role.ADMIN)
    for account in (await someone(stage, Role.GRID_WORKER, town.grids[3]), admin):
        assert await ask.as_(account).code(FILE, id=str(case.id)) == "NOT_FOUND"
        assert (await ask.as_(account)(BOARD))["cases"]["totalCount"] == 0


async def test_of_two_at_once_one_wins_and_the_other_is_told_why(changing: tuple[Asking, Town]) -> None:
    """Both have seen version 1; the second hears what the case is now, and by which action."""
    ask, town = changing
    stage = await CaseStage.of(ask, town)
    case = await stage.opened()
    worker, manager = ask.as_(town.grid_worker), ask.as_(await someone(stage, Role.GRID_WORKER, town.grids[0]))
    assert (await worker(ACT, id=str(case.id), action="ACCEPT", version=1))["actOnCase"]["case"]["version"] == 2
    told = await manager.refused(ACT, id=str(case.id), action="ACCEPT", version=1)
    assert told["extensions"]["code"] == "STALE_VERSION"
    assert "ACCEPTED, by ACCEPT" in told["message"]
    assert (await worker(FILE, id=str(case.id)))["case"]["timeline"][-1]["kind"] == "ACCEPT"


async def test_a_board_costs_the_same_whatever_its_length(changing: tuple[Asking, Town]) -> None:
    """One case or six: the same number of statements."""
    ask, town = changing
    stage = await CaseStage.of(ask, town)
    worker = ask.as_(town.grid_worker)
    counts = []
    for more in (1, 5):
        for _ in range(more):
            await stage.opened()
        async with worker.counting() as statements:
            await worker(BOARD, mine=True)
        counts.append(len(statements))
    assert counts[0] == counts[1]


CLAIM = {"happened_on": "2026-05-20", "kind": "砸坏车窗"}
OF_AREA = """query($area: ID!) { cases(filter: {areaId: $area, open: true}) { edges { cursor node {
  number subject acceptDueAt closeDueAt overdueWorkingDays provisional assignee { name } } } } }"""


async def test_a_page_of_an_area_s_board_is_two_statements(changing: tuple[Asking, Town]) -> None:
    """The cases and their clocks (nothing is late, so no calendar is asked); names are a third."""
    ask, town = changing
    stage = await CaseStage.of(ask, town)
    await stage.opened()
    staff, area = ask.as_(stage.staff), str(town.community.id)
    async with staff.counting() as statements:
        await staff(OF_AREA, area=area)  # where the area lies is remembered like the rights
        statements.clear()
        found = (await staff(OF_AREA, area=area))["cases"]["edges"][0]["node"]
    assert found["acceptDueAt"] is not None
    assert (found["closeDueAt"], found["overdueWorkingDays"], found["provisional"]) == (None, 0, False)
    assert [each.split("FROM ")[1].split()[0] for each in statements] == ["cases", "case_terms", "workers"]


FIELDS = {"kind": "{ code }", "household": "{ id }", "opener": "{ id }", "agent": "{ id }", "assignee": "{ name }"}
FIELDS |= {"leadUnit": "{ code }", "rung": "{ level area { code } unit { code } }"}


async def test_a_page_reads_of_a_case_what_is_asked_and_no_more(changing: tuple[Asking, Town]) -> None:
    """Each field by itself, an appeal and a sealed claim; no words, no forms, no key leave the store for a title."""
    ask, town = changing
    stage = await CaseStage.of(ask, town)
    appeal = await stage.act(await stage.opened(), town.grid_worker, "ACCEPT")
    claim = await stage.opened("CLAIM", **CLAIM)
    staff = ask.as_(stage.staff)
    asked = [name for name in case_boards.COLUMNS if "." not in name]
    board = "cases(filter: {{open: true}}) {{ edges {{ node {{ id {0} }} }} }}"
    both = "query($id: ID!) {{ case(id: $id) {{ {0} }} " + board + " }}"
    for name in asked:
        field = f"{name} {FIELDS.get(name, '')}"
        for case in (appeal, claim):
            found = await staff(both.format(field), id=str(case.id))
            (node,) = [each["node"] for each in found["cases"]["edges"] if each["node"]["id"] == str(case.id)]
            assert node[name] == found["case"][name], name
    ask.statements.clear()
    await staff("{ cases { edges { node { number ... on Case { subject rung { level } } } } } }")
    (page, *_) = [each for each in ask.statements if "FROM cases" in each]
    read = {each.strip().rpartition(".")[2] for each in page.partition(" FROM ")[0].removeprefix("SELECT ").split(",")}
    read = {each.partition(" ")[0] for each in read}
    assert read == {"id", "number", "kind", "sealed", "subject", "household_id", "grid_id", "rung", "sort_due_at"}


async def test_the_area_of_a_board_gives_nobody_more_than_the_board_without_one(changing: tuple[Asking, Town]) -> None:
    """A planner of the area and a worker of another grid see nothing; a sealed case is told to its opener alone."""
    ask, town = changing
    stage = await CaseStage.of(ask, town)
    await stage.opened()
    area = str(town.community.id)
    others = (await someone(stage, Role.PLANNER, town.community), await someone(stage, Role.GRID_WORKER, town.grids[3]))
    for account in others:
        assert (await ask.as_(account)(OF_AREA, area=area))["cases"]["edges"] == []
    manager = ask.as_(await someone(stage, Role.MANAGER, town.community))
    await stage.opened("CLAIM", **CLAIM)
    assert len((await manager(OF_AREA, area=area))["cases"]["edges"]) == 1
    assert len((await ask.as_(stage.staff)(OF_AREA, area=area))["cases"]["edges"]) == 2


async def test_the_team_of_a_sealed_case_is_told_to_the_team_alone(changing: tuple[Asking, Town]) -> None:
    """Its opener is of it and lets a colleague join; the manager of the place finds neither case nor team."""
    ask, town = changing
    stage = await CaseStage.of(ask, town)
    case = await stage.opened("CLAIM", **CLAIM)
    mate = await someone(stage, Role.SOCIAL_WORKER, town.community, name="Mate")
    team = "query($id: ID!) { case(id: $id) { team { part since until member { id name } } } }"
    assert await ask.as_(mate).code(team, id=str(case.id)) == "NOT_FOUND"
    await stage.act(case, stage.staff, "JOIN_MEMBER", account_id=str(mate.id), part="社工")
    since = case.opened_at.isoformat().replace("+00:00", "Z")
    told = (await ask.as_(mate)(team, id=str(case.id)))["case"]["team"]
    assert [(each["part"], each["member"], each["until"]) for each in told] == [
        ("OPENER", {"id": str(stage.staff.id), "name": "Staff"}, None),
        ("社工", {"id": str(mate.id), "name": "Mate"}, None),
    ]
    assert told[0]["since"][:19] == since[:19]
    assert await ask.as_(await someone(stage, Role.MANAGER, town.community)).code(team, id=str(case.id)) == "NOT_FOUND"
    appeal = await stage.opened()
    assert (await ask.as_(stage.staff)(team, id=str(appeal.id)))["case"]["team"] == []


async def test_near_duplicates_are_suggested_to_who_may_see_them(changing: tuple[Asking, Town]) -> None:
    """The same lamp within 200 m; each keeps its clock, and they are linked."""
    ask, town = changing
    stage = await CaseStage.of(ask, town)
    staff = ask.as_(stage.staff)
    first = (await staff(OPEN, kind="APPEAL", point=here()))["openCase"]
    second = (await staff(OPEN, kind="APPEAL", point=here()))["openCase"]
    assert (first["similar"], second["similar"]) == ([], [{"id": first["case"]["id"]}])
    far = makers.degrees(1250, 500)
    third = await staff(OPEN, kind="APPEAL", point={"longitude": far[0], "latitude": far[1]})
    assert third["openCase"]["similar"] == []
    links = "query($id: ID!) { case(id: $id) { links { relation case { id } } } }"
    found = (await staff(links, id=second["case"]["id"]))["case"]["links"]
    assert found == [{"relation": "SIMILAR", "case": {"id": first["case"]["id"]}}]
