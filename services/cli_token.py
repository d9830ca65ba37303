"""./dev token: a bearer token of the demo user with a role."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from services import database, tokens
from services.database_urls import opened
from services.errors import Invalid
from services.models import Role
from services.secrets import token_secret
from services.settings import Settings, load

ROLES = ", ".join(role.value.lower() for role in Role)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(token)


def token(
    role: Annotated[str, typer.Argument(help=f"One of: {ROLES}.")],
    serial: Annotated[str | None, typer.Option(help="The device's serial, for the role terminal.")] = None,
    data: Annotated[Path | None, typer.Option(help="The folder of the private database.")] = None,
) -> None:
    """Print a bearer token of the demo user with that role."""
    wanted = role_named(role)
    if wanted is Role.TERMINAL and not serial:
        raise Invalid(reason="A terminal's token needs the device: add --serial S.")
    settings = load(data=data)
    with opened(settings) as open_settings:
        print(asyncio.run(_issue(open_settings, wanted, token_secret(settings), serial)))


def role_named(name: str) -> Role:
    """The role by its name in small letters, `-` and `_` alike. Invalid tells which there are."""
    for role in Role:
        if role.value.lower() == name.lower().replace("-", "_"):
            return role
    raise Invalid(reason=f"There is no role {name}. The roles are: {ROLES}.")


async def _issue(settings: Settings, role: Role, secret: bytes, serial: str | None) -> str:
    assert settings.owner_database_url is not None
    store = database.Database(settings.owner_database_url, pool_size=1).acting_as("token")
    try:
        async with store.read() as session:
            return await tokens.issue_for_role(session, role, secret, serial)
    finally:
        await store.close()
