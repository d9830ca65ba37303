"""`POST /demo/press`: in development, whoever looks at the demo town may press one of its terminals.

Not there in production: a real press is proved by the terminal's key or token (`schema.presses`).
"""

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from schema import answers
from schema.context import Api
from services import intake, terminals
from services.access import Actor, visible
from services.errors import NotFound
from services.models import Household, Role, Terminal, TerminalButton, new_id
from services.press_orders import PressOrder

PRESSERS = (Role.DISPATCHER, Role.SUPERVISOR, Role.MANAGER, Role.ADMIN)
BUTTON = TerminalButton.EMERGENCY


def routes(api: Api) -> list[BaseRoute]:
    """The address, in development alone."""
    if not api.development:
        return []

    async def press(request: Request) -> Response:
        actor = await api.actors.by_token(request.headers.get("authorization"))
        actor.require(*PRESSERS)
        asked = orjson.loads(await request.body() or b"{}")
        async with api.database.read(actor.identity) as session:
            serial = await chosen(session, actor, asked.get("serial") if isinstance(asked, dict) else None)
        order = PressOrder(serial, f"demo-{new_id()}", BUTTON)
        pressed = await terminals.press(api.platform("intake"), order, _gateway(actor), api.keyring)
        intake.begin(pressed, api.dispatcher)
        told = {"serial": serial, "call": str(pressed.call.id)}
        return Response(orjson.dumps(told), headers={"Cache-Control": "no-store"}, media_type=answers.JSON)

    return [Route("/demo/press", answers.answering(press), methods=["POST"])]


async def chosen(session: AsyncSession, actor: Actor, serial: object) -> str:
    """That terminal, or any one, in a home that the actor may see. NotFound when there is none."""
    placed = sa.select(Terminal.serial).join(Household, Household.id == Terminal.household_id)
    seen = visible(placed.where(Terminal.retired_at.is_(None)), actor)
    if isinstance(serial, str):
        seen = seen.where(Terminal.serial == serial)
    found = await session.scalar(seen.order_by(sa.func.random()).limit(1))
    if found is None:
        raise NotFound(serial or "terminal")
    return str(found)


def _gateway(actor: Actor) -> Actor:
    """Who speaks for terminals, as a gateway does, in the areas of whoever pressed."""
    return Actor(actor.account_id, actor.name, frozenset({Role.TERMINAL}), actor.area_ids, actor.grid_ids)
