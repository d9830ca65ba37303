"""In development `./dev run` prints a link for each demo role; the token stands where it is never sent (`#token=`)."""

from services import database, tokens
from services.errors import NotFound
from services.models import Role
from services.secrets import token_secret
from services.settings import Settings

PAGES = {
    Role.DISPATCHER: "/",
    Role.MANAGER: "/",
    Role.PLANNER: "/",
    Role.GRID_WORKER: "/phone",
}
"""The roles that a newcomer looks around with, and where."""


async def links(settings: Settings, site: str) -> list[str]:
    """A line for each role whose demo user is there; none in production and in a town of one's own."""
    if settings.environment != "development" or settings.owner_database_url is None:
        return []
    store = database.Database(settings.owner_database_url, pool_size=1).acting_as("links")
    try:
        return [line for role in PAGES if (line := await _line(store, settings, site, role))]
    finally:
        await store.close()


async def _line(store: database.Database, settings: Settings, site: str, role: Role) -> str | None:
    try:
        async with store.read() as session:
            token = await tokens.issue_for_role(session, role, token_secret(settings))
    except NotFound:
        return None
    return f"{role.value.lower().replace('_', '-'):<12}{site}{PAGES[role]}#token={token}"
