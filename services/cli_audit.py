"""./dev audit AREA: the table of a coverage audit in the terminal."""

import asyncio
import uuid
from datetime import datetime
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer
from rich.console import Console
from rich.table import Column, Table

from services import coverage, coverage_export, networks
from services.actors import actor_of
from services.coverage_export import Export
from services.coverage_jobs import Jobs
from services.database import Database
from services.database_urls import opened
from services.errors import NotFound
from services.models import Account, Area, CoverageAudit, CoverageSupply, Role, RoleGrant, TravelMode
from services.models.areas import standing
from services.secrets import token_secret
from services.settings import Settings, load


class NobodyMayAudit(NotFound):
    """No account may audit everywhere here. Load the demo, or give an account the role ADMIN without an area."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(audit)


def audit(
    area: Annotated[str, typer.Argument(help="The area's code: 12 digits, a grid 15.")],
    supply: Annotated[CoverageSupply, typer.Option(help="Who or what must be in reach.")] = CoverageSupply.POSTS,
    minutes: Annotated[float, typer.Option(help="How long the way may take.")] = 10.0,
    by: Annotated[TravelMode, typer.Option(help="How one travels.")] = TravelMode.WALK,
    at: Annotated[
        datetime | None, typer.Option(help="Shifts and opening hours of this moment; now if not given.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="The folder of the private database.")] = None,
) -> None:
    """Which homes does such supply reach in time? The audit is stored like any other."""
    with opened(load(data=data)) as settings:
        when = at.astimezone() if at else None
        found = asyncio.run(_audited(settings, area, supply, minutes, by, when))
    _show(found, Console())


async def _audited(
    settings: Settings, code: str, supply: CoverageSupply, minutes: float, mode: TravelMode, at: datetime | None
) -> Export:
    assert settings.database_url
    database = Database(settings.database_url).acting_as("audit")
    jobs = Jobs(database)
    networks.CURRENT.use_folder(settings.data / "networks")
    async with database.write() as session:
        await networks.CURRENT.refresh(session)
        account = await session.scalar(_accounts_everywhere())
        area_id = await session.scalar(standing().with_only_columns(Area.id).where(Area.code == code))
        if account is None:
            raise NobodyMayAudit
        if area_id is None:
            raise NotFound(code)
        actor = await actor_of(session, account)
        question = coverage.Question(area_id, minutes, mode, supply, at)
        ordered = await coverage.order(session, actor, question, jobs)
    await jobs.settle()
    async with database.read(actor.identity) as session:
        export = await coverage_export.load(session, actor, ordered.id, token_secret(settings))
    await database.close()
    return export


def _accounts_everywhere() -> sa.Select[uuid.UUID]:
    grants = sa.select(RoleGrant.account_id).where(RoleGrant.role == Role.ADMIN, RoleGrant.area_id.is_(None))
    return (
        sa.select(Account.id).where(Account.id.in_(grants), Account.disabled_at.is_(None)).order_by(Account.id).limit(1)
    )


def _show(export: Export, console: Console) -> None:
    audit = export.audit
    console.print(f"[bold]{export.area.name}[/bold] {export.area.code} · {_asked(audit)}")
    table = Table(
        Column("grid", no_wrap=True, min_width=15),
        "name",
        *_right("homes", "covered", "%", "twice", "circle", "median min"),
    )
    for row in export.rows():
        table.add_row(row["code"], row["name"], *(_cell(row[name]) for name in ("households", "covered")),
                      _percent(row["covered_share"]), _cell(row["covered_twice"]), _cell(row["circle"]),
                      _minutes(row["median_seconds"]))  # fmt: skip
    console.print(table)
    share = audit.covered_count / audit.household_count if audit.household_count else None
    console.print(
        f"{audit.covered_count:,} of {audit.household_count:,} homes covered ({_percent(share)} %), "
        f"{audit.twice_covered_count:,} twice, {audit.unreachable_count:,} not reached within an hour, "
        f"{audit.unlinked_count:,} without a street; median {_minutes(audit.median_seconds)} min, "
        f"nine tenths {_minutes(audit.p90_seconds)} min."
    )
    wrong = audit.straight_line["falsely_covered"]
    console.print(f"The circle would claim {wrong:,} homes that nobody reaches in time. {len(audit.gaps)} gaps.")


def _asked(audit: CoverageAudit) -> str:
    speed = f" at {audit.speed_meters_per_second} m/s" if audit.speed_meters_per_second else ""
    who = f"{audit.supply.value} × {audit.supply_count:,}"
    return f"{audit.minutes:g} min {audit.travel_mode.value}{speed} · {who} · network {audit.network_version}"


def _right(*headings: str) -> list[Column]:
    return [Column(heading, justify="right") for heading in headings]


def _cell(value: object) -> str:
    return "withheld" if value is None else f"{value:,}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"


def _minutes(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds / 60:.1f}"
