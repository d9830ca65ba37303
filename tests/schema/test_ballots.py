"""The own vote of a home over the API: by a phone that is in its file, proven by a one-time code."""

from datetime import date

from fixtures import makers
from services.models import Case, Role
from tests.schema.asking import Asking
from tests.schema.casestage import CaseStage
from tests.schema.town import Town

SEND = "mutation($phone: String!) { sendCaseCode(phone: $phone) }"
VOTE = """mutation($number: String!, $phone: String!, $code: String!, $choice: String!) {
  voteByPhone(input: {number: $number, phone: $phone, code: $code, choice: $choice}) {
    isOpen voted eligible quorumReached result { choice households }
  }
}"""
READ = """query($number: String!) {
  publicVote(number: $number) { question choices secret isOpen state voted eligible result { choice households } }
}"""
GROWN_UP, CHILD, TWICE, NOBODY = "13900000001", "13900000002", "13900000003", "13900000004"


async def files(stage: CaseStage) -> None:
    """In the first home a grown-up, her child, and a son whose number is in the second home's file as well."""
    first, second = stage.town.households[:2]
    async with stage.ask.database.write() as session:
        await makers.make_resident(session, first, phone=GROWN_UP, birth_date=date(1950, 1, 1))
        await makers.make_resident(session, first, phone=CHILD, birth_date=date(2020, 1, 1))
        await makers.make_resident(session, first, phone=TWICE, birth_date=date(1980, 1, 1))
        await makers.make_resident(session, second, phone=TWICE, birth_date=date(1980, 1, 1))


async def voted(stage: CaseStage, case: Case, phone: str, choice: str = "同意") -> str | None:
    """The code of the refusal, or None when the vote was kept."""
    nobody = stage.ask.as_(None)
    await nobody(SEND, phone=phone)
    given = {"number": case.number, "phone": phone, "code": await stage.code_sent(), "choice": choice}
    body = (await nobody.send(VOTE, **given)).json()
    return body["errors"][0]["extensions"]["code"] if "errors" in body else None


async def test_a_home_votes_once_by_its_own_phone(changing: tuple[Asking, Town]) -> None:
    """The grown-up does; neither the child, nor a number of two homes, nor a stranger's; the door finds it done."""
    ask, town = changing
    stage = await CaseStage.of(ask, town)
    await files(stage)
    case = await stage.voting()
    assert await voted(stage, case, CHILD) == "HOME_NOT_KNOWN"
    assert await voted(stage, case, TWICE) == "HOME_NOT_KNOWN"
    assert await voted(stage, case, NOBODY) == "HOME_NOT_KNOWN"
    assert await voted(stage, case, GROWN_UP, "大概") == "CHOICE_UNKNOWN"
    assert (await ask.as_(None)(READ, number=case.number))["publicVote"]["voted"] == 0
    assert await voted(stage, case, GROWN_UP) is None
    assert await voted(stage, case, GROWN_UP, "不同意") == "ALREADY_VOTED"
    door = 'mutation($c: ID!, $h: ID!) { vote(input: {caseId: $c, householdId: $h, choice: "同意"}) { voted } }'
    ids = {"c": str(case.id), "h": str(town.households[0].id)}
    assert await ask.as_(stage.staff).code(door, **ids) == "ALREADY_VOTED"


async def test_a_wrong_code_does_not_vote(changing: tuple[Asking, Town]) -> None:
    """The phone's code is asked, not the phone alone."""
    ask, town = changing
    stage = await CaseStage.of(ask, town)
    await files(stage)
    case = await stage.voting()
    await ask.as_(None)(SEND, phone=GROWN_UP)
    wrong = "000000" if await stage.code_sent() != "000000" else "111111"
    given = {"number": case.number, "phone": GROWN_UP, "choice": "同意"}
    assert await ask.as_(None).code(VOTE, **given, code=wrong) == "CODE_WRONG"
    assert (await ask.as_(None)(READ, number=case.number))["publicVote"]["voted"] == 0


async def test_the_result_is_told_when_the_vote_is_closed(changing: tuple[Asking, Town]) -> None:
    """While it runs only how many have voted; before it is called, and for other kinds, there is nothing to read.

    The first grid has six homes: two thirds are four. Three at the door and one by phone are for it.
    """
    ask, town = changing
    stage, nobody = await CaseStage.of(ask, town), ask.as_(None)
    await files(stage)
    assert await nobody.code(READ, number=(await stage.opened()).number) == "NOT_FOUND"
    early = await stage.opened("DECISION", question="停车位怎么分？")
    assert await nobody.code(READ, number=early.number) == "NOT_FOUND"
    case = await stage.voting()
    assert await voted(stage, case, GROWN_UP) is None
    told = (await nobody(READ, number=case.number))["publicVote"]
    assert told == {
        "question": "停车位怎么分？",
        "choices": ["同意", "不同意", "弃权"],
        "secret": False,
        "isOpen": True,
        "state": "VOTING",
        "voted": 1,
        "eligible": 6,
        "result": [],
    }
    door = 'mutation($c: ID!, $h: ID!) { vote(input: {caseId: $c, householdId: $h, choice: "同意"}) { voted } }'
    for home in town.households[1:4]:
        await ask.as_(stage.staff)(door, c=str(case.id), h=str(home.id))
    await stage.act(case, stage.staff, "ADOPT")
    told = (await nobody(READ, number=case.number))["publicVote"]
    assert (told["isOpen"], told["voted"]) == (False, 4)
    assert told["result"] == [{"choice": "同意", "households": 4}]
    assert await voted(stage, case, GROWN_UP) == "NO_VOTE_NOW"


async def test_nothing_of_a_vote_is_open_beside_what_is_published(changing: tuple[Asking, Town]) -> None:
    """Whoever is not signed in asks one field alone; a device of the town cannot vote by the staff's way."""
    ask, town = changing
    stage = await CaseStage.of(ask, town)
    case = await stage.voting()
    both = f'{{ publicVote(number: "{case.number}") {{ state }} cases {{ totalCount }} }}'
    assert await ask.as_(None).code(both) == "NOT_SIGNED_IN"
    async with ask.database.write() as session:
        volunteer = await makers.make_account(session, Role.VOLUNTEER, town.grids[0])
    door = 'mutation($c: ID!, $h: ID!) { vote(input: {caseId: $c, householdId: $h, choice: "同意"}) { voted } }'
    ids = {"c": str(case.id), "h": str(town.households[0].id)}
    assert await ask.as_(volunteer).code(door, **ids) == "NOT_FOUND"
