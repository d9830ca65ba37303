"""Accounts: opened with a first password that must be changed, closed so that open sockets end within seconds."""

import re
import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services import clock, events, grants, passwords, second_factor, sign_ins
from services.access import Actor
from services.errors import Invalid, NotAllowed, NotFound, Refusal
from services.models.accounts import Account, Role, RoleGrant
from services.models.areas import Area, AreaLevel
from services.models.base import new_id
from services.models.sign_ins import OutsideIdentity, SignInEnd

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,78}[a-z0-9]")


class LoginTaken(Refusal):
    """An account with the login {subject} is here already. Choose another login."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An account with its first password, shown this once."""

    account: Account
    first_password: str


async def add(session: AsyncSession, login: str, name: str) -> Opened:
    """An account without any role yet. Raises LoginTaken; Invalid for a login of other characters."""
    if not LOGIN.fullmatch(login):
        raise Invalid(reason="A login has 3 to 80 small letters, digits, dots, dashes or underscores.")
    if not 0 < len(name.strip()) <= 80:
        raise Invalid(reason="A name has 1 to 80 characters.")
    fresh = {"id": new_id(), "login": login, "name": name.strip(), "created_at": clock.now()}
    once = insert(Account).values(fresh).on_conflict_do_nothing(index_elements=["login"])
    account = await session.scalar(once.returning(Account))
    if account is None:
        raise LoginTaken(login)
    return await new_first_password(session, account)


async def add_under(session: AsyncSession, actor: Actor, login: str, name: str, role: Role, area: uuid.UUID) -> Opened:
    """An account that begins with one role, given by a manager of its area. Raises as `add` and `grants.give` do."""
    opened = await add(session, login, name)
    await grants.give(session, actor, opened.account.id, role, area)
    return opened


async def new_first_password(session: AsyncSession, account: Account) -> Opened:
    """Another first password, for whoever forgot the own one: no second factor, no open sign-in is left."""
    password = passwords.first()
    account.password_hash, account.must_change_password = await passwords.store(password), True
    await second_factor.remove(session, account)
    await sign_ins.end(session, account.id, SignInEnd.PASSWORD_CHANGED)
    await session.flush()
    return Opened(account, password)


async def reset(session: AsyncSession, actor: Actor, account_id: uuid.UUID) -> Opened:
    """A new first password by a manager who could give all that the account holds. Raises NotAllowed, NotFound."""
    await grants.require_over(session, actor, account_id)
    return await new_first_password(session, await locked(session, account_id))


async def close(session: AsyncSession, actor: Actor, account_id: uuid.UUID) -> Account:
    """The account signs in no more, and is signed out everywhere. Raises NotAllowed, NotFound."""
    await grants.require_over(session, actor, account_id)
    return await shut(session, await locked(session, account_id))


async def shut(session: AsyncSession, account: Account) -> Account:
    """Close it, whoever says so."""
    account.disabled_at = account.disabled_at or clock.now()
    await sign_ins.end(session, account.id, SignInEnd.DISABLED)
    await session.flush()
    return account


async def reopen(session: AsyncSession, actor: Actor, account_id: uuid.UUID) -> Account:
    """A closed account may sign in again, with what it knew and held. Raises NotAllowed, NotFound."""
    await grants.require_over(session, actor, account_id)
    account = await locked(session, account_id)
    account.disabled_at = None
    await events.wake(session, events.ACCOUNTS, account_id)
    await session.flush()
    return account


async def tie(session: AsyncSession, actor: Actor, account_id: uuid.UUID, issuer: str, subject: str) -> Account:
    """From now on the person whom an OpenID provider calls `subject` signs in as this account. Raises Invalid."""
    await grants.require_over(session, actor, account_id)
    return await know_as(session, await locked(session, account_id), issuer, subject)


async def know_as(session: AsyncSession, account: Account, issuer: str, subject: str) -> Account:
    """Tie it, whoever says so. Raises Invalid when the subject belongs to an account already."""
    tied = insert(OutsideIdentity).values(issuer=issuer, subject=subject, account_id=account.id)
    if await session.scalar(tied.on_conflict_do_nothing().returning(OutsideIdentity.account_id)) is None:
        raise Invalid(reason="This subject of the provider belongs to an account already.")
    return account


async def locked(session: AsyncSession, account_id: uuid.UUID) -> Account:
    """An account of a person, to be changed. Raises NotFound."""
    account = await session.get(Account, account_id, with_for_update=True)
    if account is None or account.terminal_id is not None:
        raise NotFound(account_id)
    return account


def shown_to(select: "sa.Select[Account]", actor: Actor) -> "sa.Select[Account]":
    """Narrowed to accounts of people: the own one; for managers those with a role in the own areas. See models."""
    people = select.where(Account.terminal_id.is_(None))
    if not actor.roles.intersection((Role.MANAGER, Role.ADMIN)):
        return people.where(Account.id == actor.account_id)
    if actor.everywhere:
        return people
    inside = sa.select(RoleGrant.account_id).join(Area, Area.id == RoleGrant.area_id).where(_within(actor))
    return people.where(sa.or_(Account.id == actor.account_id, Account.id.in_(inside)))


def _within(actor: Actor) -> "sa.ColumnElement[bool]":
    """True for the actor's areas and all inside them, of whatever level."""
    own = aliased(Area)
    digits = sa.case({level.value: level.own_digits for level in AreaLevel}, value=sa.cast(own.level, sa.Text))
    around = sa.func.starts_with(Area.code, sa.func.left(own.code, digits))
    return sa.exists().where(own.id.in_(actor.area_ids), around).correlate(Area)


def require_manager(actor: Actor) -> None:
    """NotAllowed for all others."""
    if actor.terminal_id is not None:
        raise NotAllowed
    actor.require(Role.MANAGER)
