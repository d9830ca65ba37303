"""Accounts, their roles and deputies, for whoever manages them; an account itself is shown to itself."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import sqlalchemy as sa
import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import Parent

from schema import areas
from schema.areas import Area
from schema.context import Info, id_of
from schema.lens import field, given, lens, listing, mutation, shown, words
from schema.loading import many_each
from schema.pages import After, Connection, First, Order, Page, page
from services import accounts, deputies, grants
from services.access import Actor
from services.accounts import Opened
from services.database import speaking_as
from services.models import Account as AccountRow
from services.models import Area as AreaRow
from services.models import Deputy as DeputyRow
from services.models import Role
from services.models import RoleGrant as GrantRow

words(Role)

IN_ORDER = Order("accounts", AccountRow.login, AccountRow.id)
MOST_GRANTS = 50

AccountId = Annotated[strawberry.ID, strawberry.argument(description="The account.")]


@lens
class RoleGrant:
    """A role in an area for a span of time."""

    id: strawberry.ID = shown("Opaque.")
    role: Role = shown("Which role.")
    valid_from: datetime = shown("Since when it holds.")
    valid_to: datetime | None = shown("When it ends; null: for good.")

    @field(graphql_type=Area | None)
    async def area(self, info: Info, row: Parent[GrantRow]) -> AreaRow | None:
        """Where it holds; null: everywhere."""
        return await info.context.load(areas.by_id, row.area_id)


@lens
class Deputy:
    """One account stands in for another during a leave."""

    id: strawberry.ID = shown("Opaque.")
    absent_id: strawberry.ID = shown("The account that is away.")
    deputy_id: strawberry.ID = shown("The account that holds its roles, too, for that span.")
    valid_from: datetime = shown("From when.")
    valid_to: datetime = shown("Until when.")


@lens
class Account:
    """Somebody who signs in."""

    id: strawberry.ID = shown("Opaque.")
    login: str = shown("What is typed to sign in.")
    name: str = shown("The person's name.")
    created_at: datetime = shown("Since when it is here.")
    disabled_at: datetime | None = shown("When it was closed; null while it is open.")

    @field()
    def second_factor(self, row: Parent[AccountRow]) -> bool:
        """True when a code is asked for beside the password."""
        return row.totp_since is not None

    @listing(graphql_type=list[RoleGrant], at_most=MOST_GRANTS)
    async def grants(self, info: Info, row: Parent[AccountRow]) -> list[GrantRow]:
        """The roles that hold now or will, the account's own."""
        return await info.context.load(grants_of, row.id) or []


@lens
class OpenedAccount:
    """An account with its first password."""

    account: Account = shown("The account.")
    first_password: str = shown("To hand over; shown this once, and to be changed when it is used.")


@given
class OpenAccountInput:
    """A new account, which begins with one role."""

    login: str = shown("3 to 80 small letters, digits, dots, dashes, underscores.")
    name: str = shown("The person's name.")
    role: Role = shown("The role to begin with.")
    area_id: strawberry.ID = shown("Where it holds.")


@given
class GrantRoleInput:
    """A role for somebody."""

    account_id: strawberry.ID = shown("Who gets it.")
    role: Role = shown("Which role.")
    area_id: strawberry.ID | None = strawberry.field(default=None, description="Where; null: everywhere.")
    valid_from: datetime | None = strawberry.field(default=None, description="From when; null: now.")
    valid_to: datetime | None = strawberry.field(default=None, description="Until when; null: for good.")


@given
class AppointDeputyInput:
    """Who stands in for whom."""

    absent_id: strawberry.ID = shown("The account that is away.")
    deputy_id: strawberry.ID = shown("The account that stands in.")
    valid_from: datetime = shown("From when.")
    valid_to: datetime = shown("Until when, 90 days later at most.")


@lens
class AccountMutation:
    """What a manager does with accounts. Nobody gives, takes or touches more than one holds oneself."""

    @mutation(graphql_type=OpenedAccount)
    async def open_account(self, info: Info, input: OpenAccountInput) -> Opened:
        """A new account in one of your areas, with a first password to hand over."""
        accounts.require_manager(info.context.actor)
        wanted = (input.login, input.name, input.role, id_of(input.area_id))
        async with info.context.write("accounts") as session:
            return await accounts.add_under(session, info.context.actor, *wanted)

    @mutation(graphql_type=OpenedAccount)
    async def reset_password(self, info: Info, account_id: AccountId) -> Opened:
        """Another first password for whoever forgot the own; the second factor is gone, and every sign-in ends."""
        accounts.require_manager(info.context.actor)
        async with info.context.write("accounts") as session:
            return await accounts.reset(session, info.context.actor, id_of(account_id))

    @mutation(graphql_type=Account)
    async def close_account(self, info: Info, account_id: AccountId) -> AccountRow:
        """The account signs in no more; what it has open ends within seconds."""
        accounts.require_manager(info.context.actor)
        async with info.context.write("accounts") as session:
            return await accounts.close(session, info.context.actor, id_of(account_id))

    @mutation(graphql_type=Account)
    async def reopen_account(self, info: Info, account_id: AccountId) -> AccountRow:
        """A closed account may sign in again."""
        accounts.require_manager(info.context.actor)
        async with info.context.write("accounts") as session:
            return await accounts.reopen(session, info.context.actor, id_of(account_id))

    @mutation(graphql_type=Account)
    async def tie_identity(
        self,
        info: Info,
        account_id: AccountId,
        issuer: Annotated[str, strawberry.argument(description="The OpenID provider's issuer.")],
        subject: Annotated[str, strawberry.argument(description="What it calls the person (the claim sub).")],
    ) -> AccountRow:
        """The person whom an OpenID provider knows signs in as this account from now on."""
        accounts.require_manager(info.context.actor)
        async with info.context.write("accounts") as session:
            return await accounts.tie(session, info.context.actor, id_of(account_id), issuer, subject)

    @mutation(graphql_type=RoleGrant)
    async def grant_role(self, info: Info, input: GrantRoleInput) -> GrantRow:
        """A role for somebody else, inside what you hold and no longer than you hold it."""
        accounts.require_manager(info.context.actor)
        where = id_of(input.area_id) if input.area_id else None
        span = (input.valid_from, input.valid_to)
        async with info.context.write("accounts") as session:
            return await grants.give(session, info.context.actor, id_of(input.account_id), input.role, where, *span)

    @mutation(graphql_type=RoleGrant)
    async def end_grant(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The grant.")]
    ) -> GrantRow:
        """A role ends now, for what is open, too."""
        accounts.require_manager(info.context.actor)
        async with info.context.write("accounts") as session:
            return await grants.end(session, info.context.actor, id_of(id))

    @mutation(graphql_type=Deputy)
    async def appoint_deputy(self, info: Info, input: AppointDeputyInput) -> DeputyRow:
        """Somebody stands in: said by the one who goes away, or by a manager who could give those roles."""
        pair = (id_of(input.absent_id), id_of(input.deputy_id))
        async with info.context.write("accounts") as session:
            return await grants.appoint(session, info.context.actor, *pair, input.valid_from, input.valid_to)

    @mutation(graphql_type=Deputy)
    async def end_deputy(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The deputy's row.")]
    ) -> DeputyRow:
        """The leave is over now: said by either of the two, or by a manager."""
        async with info.context.write("accounts") as session:
            return await grants.end_deputy(session, info.context.actor, id_of(id))


@lens
class AccountQuery:
    """What can be asked of accounts."""

    @field(graphql_type=Account | None)
    async def account(self, info: Info, id: strawberry.ID) -> AccountRow:
        """The account with this id: your own, or of one of your areas if you manage it."""
        return await info.context.find(by_id, id)

    @field(graphql_type=Connection[Account] | None)
    async def accounts(
        self,
        info: Info,
        text: Annotated[str | None, strawberry.argument(description="Whose login begins with this.")] = None,
        first: First = 50,
        after: After = None,
    ) -> Page[AccountRow]:
        """The accounts of people with a role in your areas, by login; for others than managers the own one."""
        chosen = accounts.shown_to(sa.select(AccountRow), info.context.actor)
        if text:
            chosen = chosen.where(AccountRow.login.startswith(text, autoescape=True))
        return await page(info.context, chosen, IN_ORDER, first, after)

    @listing(graphql_type=list[Deputy] | None, at_most=MOST_GRANTS)
    async def deputies(self, info: Info) -> Sequence[DeputyRow]:
        """Who stands in for you, or you for whom, now or later."""
        async with info.context.read() as session:
            return await deputies.around(session, info.context.actor.account_id)


async def by_id(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, AccountRow]:
    """Accounts by id, those that the actor may see."""
    found = accounts.shown_to(sa.select(AccountRow).where(AccountRow.id.in_(ids)), actor)
    return {row.id: row for row in await session.scalars(found)}


async def grants_of(session: AsyncSession, _: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[GrantRow]]:
    """Grants that are not over, by account; whoever sees the account sees them, those elsewhere, too."""
    ahead = sa.select(GrantRow.account_id, GrantRow).where(GrantRow.account_id.in_(ids), deputies.ahead(GrantRow))
    async with speaking_as(session, "accounts"):
        return await many_each(session, ahead.order_by(GrantRow.id), ids)
