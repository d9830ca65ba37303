"""All that crosses the wire. Each noun has a file; its queries, mutations and subscriptions are listed once, here."""

from functools import lru_cache
from typing import Any

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema import logged_fields
from schema.accounts import AccountMutation, AccountQuery
from schema.areas import AreaMutation, AreaQuery
from schema.assessment import AssessmentQuery
from schema.ballots import BallotMutation, BallotQuery
from schema.call_acts import CallMutation
from schema.call_events import CallEventSubscription
from schema.calls import CallQuery
from schema.care import CareQuery
from schema.care_categories import CareCategoryMutation
from schema.care_records import CareRecordMutation, CareRecordQuery
from schema.case_acts import CaseMutation, CaseTrackingQuery
from schema.case_boards import CaseQuery
from schema.case_kinds import CaseKindQuery
from schema.case_offices import CaseOfficeMutation, CaseOfficeQuery
from schema.case_visits import VisitPlanQuery
from schema.contacts import ContactMutation, ContactQuery
from schema.coverage import CoverageMutation, CoverageQuery
from schema.disputes import DisputeQuery
from schema.duty_hours import DutyHourQuery
from schema.household_search import HouseholdQuery
from schema.households import HouseholdMutation
from schema.imports import ImportQuery
from schema.ladders import LadderMutation, LadderQuery
from schema.layers import LayerQuery
from schema.my_offers import OfferSubscription
from schema.offers import OfferMutation, OfferQuery
from schema.openings import OpeningMutation, OpeningQuery
from schema.person_files import PersonFileMutation, PersonFileQuery
from schema.phones import PhoneMutation, PhoneQuery
from schema.positions import DutyMutation, PositionSubscription
from schema.read_log import ReadLogQuery
from schema.rosters import TeamMutation, TeamQuery
from schema.scalars import SCALARS
from schema.service_circle import ServiceCircleQuery
from schema.service_points import ServicePointQuery
from schema.settings import SettingsQuery
from schema.sign_in import SignInMutation
from schema.sites import SiteQuery
from schema.terminal_keys import TerminalKeyMutation
from schema.terminals import TerminalMutation, TerminalQuery
from schema.viewer import ViewerQuery
from schema.visits import VisitMutation, VisitQuery
from schema.workdays import WorkdayMutation, WorkdayQuery
from schema.workers import WorkerQuery

QUERIES: tuple[type, ...] = (
    ViewerQuery,
    AccountQuery,
    AreaQuery,
    HouseholdQuery,
    CareQuery,
    WorkerQuery,
    TerminalQuery,
    ServicePointQuery,
    ImportQuery,
    CoverageQuery,
    DutyHourQuery,
    ServiceCircleQuery,
    SiteQuery,
    LayerQuery,
    CallQuery,
    CaseKindQuery,
    CaseQuery,
    CaseTrackingQuery,
    BallotQuery,
    VisitPlanQuery,
    CaseOfficeQuery,
    OfferQuery,
    PhoneQuery,
    ContactQuery,
    LadderQuery,
    WorkdayQuery,
    AssessmentQuery,
    TeamQuery,
    DisputeQuery,
    CareRecordQuery,
    VisitQuery,
    OpeningQuery,
    ReadLogQuery,
    PersonFileQuery,
    SettingsQuery,
)
MUTATIONS: tuple[type, ...] = (
    SignInMutation,
    AccountMutation,
    AreaMutation,
    HouseholdMutation,
    CoverageMutation,
    TerminalMutation,
    CallMutation,
    CaseMutation,
    BallotMutation,
    CaseOfficeMutation,
    OfferMutation,
    DutyMutation,
    PhoneMutation,
    ContactMutation,
    TerminalKeyMutation,
    LadderMutation,
    WorkdayMutation,
    TeamMutation,
    CareRecordMutation,
    CareCategoryMutation,
    VisitMutation,
    OpeningMutation,
    PersonFileMutation,
)
SUBSCRIPTIONS: tuple[type, ...] = (CallEventSubscription, OfferSubscription, PositionSubscription)


@lru_cache(maxsize=1)
def build() -> strawberry.Schema:
    """The schema of the house."""
    return assemble(QUERIES, MUTATIONS, SUBSCRIPTIONS)


def assemble(
    queries: tuple[type, ...], mutations: tuple[type, ...], subscriptions: tuple[type, ...]
) -> strawberry.Schema:
    """A schema of these parts (tests add their own)."""
    schema = strawberry.Schema(
        query=_merged("Query", queries, "What can be asked."),
        mutation=_merged("Mutation", mutations, "What can be done; each is one act, stored whole or not at all."),
        subscription=_merged("Subscription", subscriptions, "What can be followed as it happens."),
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    logged_fields.attach(schema._schema)
    return schema


def _merged(name: str, parts: tuple[type, ...], description: str) -> Any:
    return strawberry.type(type(name, parts, {}), description=description) if parts else None
