"""A town in which somebody has whistled: who asks what, and how far the case has come before each operation."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from fixtures import makers
from services.actors import actor_of
from services.cases import engine, residents
from services.cases.engine import Act, Opening
from services.cases.letters import to_resident
from services.models import Account, Case, Message, Role
from tests.schema.asking import Asking
from tests.schema.town import Town

KEYRING = makers.KEYRING
TRACKING = "ABCDEFGHJK"
PHONE = "13800001234"


@dataclass
class CaseStage:
    """One case in the first grid; its worker gets it."""

    ask: Asking
    town: Town
    staff: Account

    @classmethod
    async def of(cls, ask: Asking, town: Town) -> "CaseStage":
        """With somebody of the community's staff."""
        async with ask.database.write() as session:
            staff = await makers.make_account(session, Role.COMMUNITY_STAFF, town.community, name="Staff")
        return cls(ask, town, staff)

    async def opened(self, kind: str = "APPEAL", /, consent: bool = False, **details: Any) -> Case:
        """Opened by the staff at the first home; it can be followed with `TRACKING`."""
        home = self.town.households[0]
        hashed = residents.tracking_hash(KEYRING, TRACKING)
        words = (kind, "路灯不亮", "晚上看不见路", details)
        opening = Opening(*words, household_id=home.id, consent=consent, tracking_hash=hashed)
        async with self.ask.api.platform("casework").write() as session:
            return await engine.open_case(session, KEYRING, await actor_of(session, self.staff.id), opening)

    async def act(self, case: Case, account: Account, action: str, **fields: Any) -> Case:
        """Somebody does something."""
        async with self.ask.api.platform("casework").write() as session:
            actor = await actor_of(session, account.id)
            return await engine.act(session, KEYRING, actor, Act(case.id, action, "because", fields))

    async def answered(self) -> Case:
        """The worker has accepted and answered."""
        case = await self.act(await self.opened(), self.town.grid_worker, "ACCEPT")
        return await self.act(case, self.town.grid_worker, "ANSWER", solved=True)

    async def voting(self) -> Case:
        """A vote is being held."""
        case = await self.opened("DECISION", question="停车位怎么分？")
        case = await self.act(case, self.staff, "DISCUSS")
        return await self.act(case, self.staff, "CALL_VOTE")

    async def code_sent(self) -> str:
        """The one-time code that a phone was sent last."""
        async with self.ask.api.platform("post").read() as session:
            messages = sa.select(Message).where(Message.template == "CASE_CODE").order_by(Message.id.desc()).limit(1)
            message = (await session.scalars(messages)).one()
            found = await to_resident(session, KEYRING, message)
        assert found is not None
        return "".join(each for each in found[1].text if each.isascii() and each.isdigit())


async def on_case_stage(stage: CaseStage, name: str) -> tuple[Account, dict[str, Any]]:
    """Who sends an operation, and with what."""
    lon, lat = makers.degrees(60, 500)
    staff, worker = stage.staff, stage.town.grid_worker
    match name:
        case "OpenCase":
            await stage.opened()
            point = {"longitude": lon, "latitude": lat}
            return staff, {"kind": "APPEAL", "subject": "路灯不亮了", "description": "已经三天", "point": point}
        case "TrackCase":
            return staff, {"number": (await stage.answered()).number, "code": TRACKING}
        case "CaseBoard":
            await stage.opened()
            return worker, {"areaId": str(stage.town.community.id), "kind": "APPEAL", "mine": True}
        case "CaseFile":
            return worker, {"id": str((await stage.answered()).id)}
        case "ActOnCase":
            case = await stage.opened()
            return worker, {"id": str(case.id), "action": "ACCEPT", "version": case.version}
        case "RateCase":
            return staff, {"number": (await stage.answered()).number, "code": TRACKING, "satisfied": True}
        case "Vote":
            case = await stage.voting()
            return staff, {"caseId": str(case.id), "householdId": str(stage.town.households[1].id), "choice": "同意"}
    raise AssertionError(name)
