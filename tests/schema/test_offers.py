"""Offers on the wire: what was asked may be looked at for as long as it is asked."""

from fixtures import makers
from services import dispatch, workers
from services.models import Role, WorkerRole
from tests.schema.asking import Asking
from tests.schema.callstage import CallStage
from tests.schema.town import Town

DECLINE = 'mutation ($id: ID!) { declineOffer(id: $id, reason: "Ill") { id status call { id } } }'
ACCEPT = "mutation ($id: ID!) { acceptOffer(id: $id) { id status call { id status } } }"


async def _asked_volunteer(ask: Asking, town: Town) -> tuple[Asking, str, str]:
    """A volunteer whom the desk asks: he follows no calls of the area, but this one. Client, offer, call."""
    stage = await CallStage.of(ask.database, town)
    async with stage.database.write() as session:
        worker = await makers.make_worker(session, town.grids[0], x=100, y=500, role=WorkerRole.VOLUNTEER)
        account = await makers.make_account(session, Role.VOLUNTEER, town.grids[0], worker=worker, name="Volunteer")
        await workers.start_shift(session, worker.id)
    call = await stage.press()
    desk = await stage.actor(stage.dispatcher)
    async with stage.database.write() as session:
        offered = await dispatch.offer_to(session, call.id, worker.id, desk)
    return ask.as_(account), str(offered.offer_id), str(call.id)


async def test_who_has_declined_sees_the_call_no_longer(changing: tuple[Asking, Town]) -> None:
    """And is told so by null, not by an error that would hide the answer."""
    volunteer, offer, _ = await _asked_volunteer(*changing)
    told = (await volunteer(DECLINE, id=offer))["declineOffer"]
    assert told == {"id": offer, "status": "DECLINED", "call": None}


async def test_who_has_accepted_sees_the_call(changing: tuple[Asking, Town]) -> None:
    volunteer, offer, call = await _asked_volunteer(*changing)
    told = (await volunteer(ACCEPT, id=offer))["acceptOffer"]
    assert told == {"id": offer, "status": "ACCEPTED", "call": {"id": call, "status": "ACCEPTED"}}
