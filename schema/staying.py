"""How long a connection may stay open: as long as its token, its sign-in and its account do.

Signing out and closing an account are committed rows; a wake-up lets every server look at them at once, and each looks
by itself every few seconds, since a wake-up may be lost. All of a process look in the same moment: they are looked up
together, and what they find is remembered until they look again, so that no event waits for it.
"""

import asyncio

import structlog
from sqlalchemy import exc

from schema.context import Api
from schema.signing_in import REMEMBERED
from services import events
from services.errors import NotSignedIn

log = structlog.get_logger("schema")

LOOK_SECONDS = REMEMBERED.total_seconds() - 1.0


async def until_over(api: Api, authorization: object) -> None:
    """Returns when whoever opened the connection with this token is not signed in any more."""
    try:
        account_id = api.actors.claims(authorization).account_id
        with api.wakeups.bell(events.ACCOUNTS, account_id) as bell:
            while True:
                if await bell.wait(_until_the_next_look()):
                    api.actors.forget_sign_ins(account_id)
                await _look(api, authorization)
    except NotSignedIn:
        return


def _until_the_next_look() -> float:
    """The moments are those at which the loop's clock is a multiple of the time between."""
    return LOOK_SECONDS - asyncio.get_running_loop().time() % LOOK_SECONDS


async def _look(api: Api, authorization: object) -> None:
    try:
        await api.actors.look_again(authorization)
    except (exc.OperationalError, exc.InterfaceError, exc.TimeoutError, OSError) as problem:
        log.warning("store not reached, connections stay", error=type(problem).__name__)
