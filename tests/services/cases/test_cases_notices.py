"""What residents without an account are sent, and deadlines that move when a year's days off are published."""

from datetime import date, datetime

from services.cases import falling_due, residents
from services.cases.engine import Opening, open_case
from services.channels import Letter
from services.models import Case
from services.models.contacts import ContactChannel
from services.postmen import Postman
from services.workdays import jurisdictions
from services.workdays.jurisdictions import Decided
from tests import post
from tests.caseroom import HERE, KEYRING, ZONE, CaseRoom
from tests.conftest import StandingClock

PHONE = "13800001234"


class Sent:
    """A channel that keeps what it was given."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, Letter]] = []

    async def send(self, address: str, letter: Letter) -> None:
        """Keep it."""
        self.letters.append((address, letter))


async def test_a_resident_is_told_by_text_message(caseroom: CaseRoom) -> None:
    """The one-time code, then each step that is told; the number and the words never lie in the outbox."""
    async with caseroom.database.write() as session:
        await residents.send_code(session, KEYRING, PHONE)
    sent = Sent()
    postman = Postman(caseroom.database, KEYRING, {ContactChannel.SMS: sent})
    await post.deliver(caseroom.database, postman)
    (address, letter) = sent.letters[0]
    code = letter.text.removeprefix("您的验证码是")[:6]
    assert (address, letter.text) == (PHONE, f"您的验证码是{code}，十分钟内有效。")
    contact_id = await residents.prove(caseroom.database, KEYRING, PHONE, code)
    case = await opened_by_phone(caseroom, contact_id)
    await caseroom.act(case, "worker", "ACCEPT")
    await post.deliver(caseroom.database, postman)
    assert [(to, each.text) for to, each in sent.letters[1:]] == [(PHONE, f"您的事项{case.number}：已受理。")]
    for message in await caseroom.told():
        assert PHONE not in f"{message.key}{message.body}"
        assert code not in f"{message.key}{message.body}"


async def test_a_deadline_moves_when_the_days_off_are_settled(
    caseroom: CaseRoom, standing_clock: StandingClock
) -> None:
    """Opened on Thursday 31 December 2026; the days off of 2027 are guessed: Friday is New Year, so Monday 4 counts.

    Then the street settles 2027 with Monday 4 as a day off: Tuesday 5 counts, and it is provisional no more.
    """
    standing_clock.moment = datetime(2026, 12, 31, 9, tzinfo=ZONE)
    case = await caseroom.open()
    assert await due_of(caseroom, case) == (datetime(2027, 1, 5, tzinfo=ZONE), True)
    assert await falling_due.recompute_all(caseroom.database, KEYRING) == 0
    settled = Decided({date(2027, 1, 1): ("OFF", "元旦"), date(2027, 1, 4): ("OFF", "元旦")}, (2027,), reason="通知")
    async with caseroom.database.write() as session:
        await jurisdictions.change(session, caseroom.actors["street"], caseroom.street.id, settled, 0)
    assert await falling_due.recompute_all(caseroom.database, KEYRING) == 1
    assert await due_of(caseroom, case) == (datetime(2027, 1, 6, tzinfo=ZONE), False)
    assert await caseroom.kinds(case) == ["OPENED", "RECALCULATED"]
    assert await falling_due.recompute_all(caseroom.database, KEYRING) == 0
    await caseroom.case(case.id)


async def opened_by_phone(caseroom: CaseRoom, contact_id: object) -> Case:
    """A case opened by somebody without an account."""
    opening = Opening("APPEAL", "井盖松动", longitude=HERE[0], latitude=HERE[1], contact_id=contact_id)  # type: ignore[arg-type]
    async with caseroom.database.write() as session:
        return await open_case(session, KEYRING, None, opening)


async def due_of(caseroom: CaseRoom, case: Case) -> tuple[datetime | None, bool]:
    """When the case is to be accepted, and whether that may move."""
    (term,) = (await caseroom.state(case)).running
    return term.due_at, term.provisional
