"""./dev account: accounts made, reset, closed and tied to an OpenID provider by whoever runs the server."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeAlias, TypeVar

import sqlalchemy as sa
import typer
from sqlalchemy.ext.asyncio import AsyncSession

from services import accounts, clock
from services.accounts import Opened
from services.cli_token import role_named
from services.database import Database, migrate
from services.database_urls import opened
from services.errors import Invalid, NotFound
from services.models import Account, Area, Role, RoleGrant
from services.models.areas import standing
from services.settings import load

Result = TypeVar("Result")
Login: TypeAlias = Annotated[str, typer.Argument(help="What the person types to sign in.")]
Data: TypeAlias = Annotated[Path | None, typer.Option(help="The folder of the private database.")]

commands = typer.Typer(no_args_is_help=True, help="Add, reset and close accounts.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="account")


@commands.command()
def add(
    login: Login,
    role: Annotated[str, typer.Option(help="The role to begin with, such as dispatcher.")],
    area: Annotated[str | None, typer.Option(help="The area's code; an administrator may have none.")] = None,
    name: Annotated[str | None, typer.Option(help="The person's name; the login when not given.")] = None,
    data: Data = None,
) -> None:
    """Add an account and print its first password, which must be changed when it is used."""
    wanted = role_named(role)
    if wanted is Role.TERMINAL:
        raise Invalid(reason="Terminals get their accounts with the terminal.")
    if area is None and wanted is not Role.ADMIN:
        raise Invalid(reason="Say where the role holds: add --area CODE. Only an administrator's may hold everywhere.")
    print(_run(data, lambda session: _added(session, login, name or login, wanted, area)).first_password)


@commands.command()
def reset(login: Login, data: Data = None) -> None:
    """Print a new first password; the account is signed out everywhere, and its second factor is gone."""
    print(_run(data, lambda session: _reset(session, login)).first_password)


@commands.command()
def close(login: Login, data: Data = None) -> None:
    """Close an account: it is signed out everywhere within seconds."""
    _run(data, lambda session: _closed(session, login))


@commands.command()
def tie(
    login: Login,
    issuer: Annotated[str, typer.Option(help="The OpenID provider, as LINLI_OIDC_ISSUER has it.")],
    subject: Annotated[str, typer.Option(help="What the provider calls the person (the claim sub).")],
    data: Data = None,
) -> None:
    """Let the person whom an OpenID provider knows sign in as this account."""
    _run(data, lambda session: _tied(session, login, issuer, subject))


async def _added(session: AsyncSession, login: str, name: str, role: Role, code: str | None) -> Opened:
    area = None
    if code is not None:
        area = await session.scalar(standing().where(Area.code == code))
        if area is None:
            raise NotFound(code)
    found = await accounts.add(session, login, name)
    grant = RoleGrant(account_id=found.account.id, role=role, area_id=area.id if area else None)
    grant.valid_from = clock.now()
    session.add(grant)
    return found


async def _reset(session: AsyncSession, login: str) -> Opened:
    return await accounts.new_first_password(session, await _named(session, login))


async def _closed(session: AsyncSession, login: str) -> None:
    await accounts.shut(session, await _named(session, login))


async def _tied(session: AsyncSession, login: str, issuer: str, subject: str) -> None:
    await accounts.know_as(session, await _named(session, login), issuer, subject)


async def _named(session: AsyncSession, login: str) -> Account:
    account = await session.scalar(sa.select(Account).where(Account.login == login))
    if account is None:
        raise NotFound(login)
    return await accounts.locked(session, account.id)


def _run(data: Path | None, act: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
    with opened(load(data=data)) as settings:
        assert settings.owner_database_url is not None
        migrate(settings.owner_database_url)
        return asyncio.run(_done(settings.owner_database_url, act))


async def _done(url: str, act: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
    store = Database(url, pool_size=1).acting_as("accounts")
    try:
        async with store.write() as session:
            return await act(session)
    finally:
        await store.close()
