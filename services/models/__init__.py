"""Tables, one file a noun, each with its named selects. Models import nothing of the platform but each other."""

from services.models.accounts import Account, Role, RoleGrant
from services.models.areas import Area, AreaLevel, AreaVersion
from services.models.base import Base, new_id
from services.models.calls import (
    Call,
    CallEvent,
    CallEventKind,
    CallMark,
    CallNote,
    CallOutcome,
    CallStatus,
    Press,
    TerminalButton,
)
from services.models.care import CareCategory, CareRecord, CareTeamMember, Sensitivity, Visit
from services.models.contacts import ContactChannel, EmergencyContact
from services.models.contents import ContentVersion
from services.models.coverage import (
    AuditState,
    CoverageAudit,
    CoverageResult,
    CoverageRoster,
    CoverageSupply,
    TravelMode,
)
from services.models.events import LiveEvent, LiveStream
from services.models.households import (
    DeclaredSystem,
    Household,
    HouseholdEvent,
    HouseholdEventKind,
    StreetLink,
)
from services.models.imports import ImportRun, ImportState
from services.models.ladders import LadderRow
from services.models.offers import Offer, OfferStatus
from services.models.organisations import Organisation, OrganisationKind, OrganisationMember
from services.models.outbox import Message, Recipient
from services.models.phones import Phone
from services.models.presences import Presence, ServerProcess
from services.models.residents import Residence, Resident, Sex
from services.models.service_points import ServiceMode, ServicePoint, ServicePointKind
from services.models.streets import Barrier, MapFeature, Network, Street
from services.models.terminal_keys import TerminalCondition, TerminalKey, TerminalTrouble
from services.models.terminals import Terminal, TerminalStatus
from services.models.timers import Timer, TimerKind
from services.models.workers import (
    Assignment,
    DutyPattern,
    Position,
    Shift,
    Worker,
    WorkerRole,
    WorkerStatus,
)

__all__ = [
    "Account",
    "Area",
    "AreaLevel",
    "AreaVersion",
    "Assignment",
    "AuditState",
    "Barrier",
    "Base",
    "Call",
    "CallEvent",
    "CallEventKind",
    "CallMark",
    "CallNote",
    "CallOutcome",
    "CallStatus",
    "CareCategory",
    "CareRecord",
    "CareTeamMember",
    "ContactChannel",
    "ContentVersion",
    "CoverageAudit",
    "CoverageResult",
    "CoverageRoster",
    "CoverageSupply",
    "DeclaredSystem",
    "DutyPattern",
    "EmergencyContact",
    "Household",
    "HouseholdEvent",
    "HouseholdEventKind",
    "ImportRun",
    "ImportState",
    "LadderRow",
    "LiveEvent",
    "LiveStream",
    "MapFeature",
    "Message",
    "Network",
    "Offer",
    "OfferStatus",
    "Organisation",
    "OrganisationKind",
    "OrganisationMember",
    "Phone",
    "Position",
    "Presence",
    "Press",
    "Recipient",
    "Residence",
    "Resident",
    "Role",
    "RoleGrant",
    "Sensitivity",
    "ServerProcess",
    "ServiceMode",
    "ServicePoint",
    "ServicePointKind",
    "Sex",
    "Shift",
    "Street",
    "StreetLink",
    "Terminal",
    "TerminalButton",
    "TerminalCondition",
    "TerminalKey",
    "TerminalStatus",
    "TerminalTrouble",
    "Timer",
    "TimerKind",
    "TravelMode",
    "Visit",
    "Worker",
    "WorkerRole",
    "WorkerStatus",
    "new_id",
]
