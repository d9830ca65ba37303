"""The viewer: who asks, in which roles, and where."""

from typing import Any

import strawberry
from strawberry import Parent

from schema import accounts, workers
from schema.accounts import Account
from schema.areas import Area
from schema.context import Info
from schema.lens import field, lens, listing, shown
from schema.workers import Worker
from services.access import Actor
from services.models import Account as AccountRow
from services.models import Area as AreaRow
from services.models import AreaLevel, Role
from services.models import Worker as WorkerRow
from services.models.areas import standing

MOST_AREAS = 50


@lens
class Viewer:
    """Whoever sent the token."""

    name: str = shown("Name of the account.")
    everywhere: bool = shown("True when some role holds everywhere.")

    @field(graphql_type=strawberry.ID)
    def id(self, actor: Parent[Actor]) -> Any:
        """Opaque id of the account."""
        return actor.account_id

    @listing(graphql_type=list[Role], at_most=len(Role))
    async def roles(self, actor: Parent[Actor]) -> list[Role]:
        """The roles held today, by name."""
        return sorted(actor.roles)

    @listing(graphql_type=list[Area], at_most=MOST_AREAS)
    async def areas(self, info: Info, actor: Parent[Actor]) -> Any:
        """The areas in which the roles are held; with a role everywhere, the districts."""
        own = AreaRow.level == AreaLevel.DISTRICT if actor.everywhere else AreaRow.id.in_(actor.area_ids)
        async with info.context.read() as session:
            return (await session.scalars(standing().where(own).order_by(AreaRow.code).limit(MOST_AREAS))).all()

    @field(graphql_type=Account)
    async def account(self, info: Info, actor: Parent[Actor]) -> AccountRow | None:
        """The account itself, with its roles in their areas and spans."""
        return await info.context.load(accounts.by_id, actor.account_id)

    @listing(graphql_type=list[strawberry.ID], at_most=MOST_AREAS)
    def deputy_for(self, actor: Parent[Actor]) -> Any:
        """The accounts for which one stands in now, and whose roles one holds with that."""
        return actor.deputy_for

    @field(graphql_type=Worker | None)
    async def worker(self, info: Info, actor: Parent[Actor]) -> WorkerRow | None:
        """The worker who signs in with this account, if it is one's."""
        return await info.context.load(workers.by_id, actor.worker_id)


@lens
class ViewerQuery:
    """What can be asked of oneself."""

    @field(graphql_type=Viewer)
    def viewer(self, info: Info) -> Actor:
        """Who you are here."""
        return info.context.actor
