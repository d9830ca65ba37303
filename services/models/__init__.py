"""Tables, one file a noun, each with its named selects. Models import nothing of the platform but each other."""

from services.models.accounts import Account, Deputy, Role, RoleGrant
from services.models.areas import Area, AreaLevel, AreaVersion
from services.models.attachments import Attachment
from services.models.base import Base, new_id
from services.models.calendars import CalendarVersion
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
from services.models.care import (
    CareCategory,
    CareDuty,
    CareEvent,
    CareEventKind,
    CareRecord,
    CareTeamMember,
    CloseReason,
    Sensitivity,
    Visit,
    VisitConflict,
    VisitPurpose,
)
from services.models.case_votes import CaseBallot, CaseVote
from services.models.cases import (
    Case,
    CaseContact,
    CaseEvent,
    CaseLink,
    CaseMember,
    CaseRule,
    CaseTerm,
    CaseUnit,
    Unit,
    UnitKind,
    UnitMember,
)
from services.models.consents import Consent, ConsentGiver
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
from services.models.openings import Opening, OpeningVerdict
from services.models.organisations import Organisation, OrganisationKind, OrganisationMember
from services.models.outbox import Message, Recipient
from services.models.phones import Phone
from services.models.presences import Presence, ServerProcess
from services.models.readings import Reading, ReadingAnchor, ReadingHead
from services.models.residents import Residence, Resident, Sex
from services.models.rosters import KitIssue, Post, RosterDuty, Training
from services.models.service_points import ServiceMode, ServicePoint, ServicePointKind
from services.models.sign_ins import (
    Lockout,
    OidcFlow,
    OutsideIdentity,
    RecoveryCode,
    RefreshToken,
    SignIn,
    SignInEnd,
    SignInMethod,
)
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
    "Attachment",
    "AuditState",
    "Barrier",
    "Base",
    "CalendarVersion",
    "Call",
    "CallEvent",
    "CallEventKind",
    "CallMark",
    "CallNote",
    "CallOutcome",
    "CallStatus",
    "CareCategory",
    "CareDuty",
    "CareEvent",
    "CareEventKind",
    "CareRecord",
    "CareTeamMember",
    "Case",
    "CaseBallot",
    "CaseContact",
    "CaseEvent",
    "CaseLink",
    "CaseMember",
    "CaseRule",
    "CaseTerm",
    "CaseUnit",
    "CaseVote",
    "CloseReason",
    "Consent",
    "ConsentGiver",
    "ContactChannel",
    "ContentVersion",
    "CoverageAudit",
    "CoverageResult",
    "CoverageRoster",
    "CoverageSupply",
    "DeclaredSystem",
    "Deputy",
    "DutyPattern",
    "EmergencyContact",
    "Household",
    "HouseholdEvent",
    "HouseholdEventKind",
    "ImportRun",
    "ImportState",
    "KitIssue",
    "LadderRow",
    "LiveEvent",
    "LiveStream",
    "Lockout",
    "MapFeature",
    "Message",
    "Network",
    "Offer",
    "OfferStatus",
    "OidcFlow",
    "Opening",
    "OpeningVerdict",
    "Organisation",
    "OrganisationKind",
    "OrganisationMember",
    "OutsideIdentity",
    "Phone",
    "Position",
    "Post",
    "Presence",
    "Press",
    "Reading",
    "ReadingAnchor",
    "ReadingHead",
    "Recipient",
    "RecoveryCode",
    "RefreshToken",
    "Residence",
    "Resident",
    "Role",
    "RoleGrant",
    "RosterDuty",
    "Sensitivity",
    "ServerProcess",
    "ServiceMode",
    "ServicePoint",
    "ServicePointKind",
    "Sex",
    "Shift",
    "SignIn",
    "SignInEnd",
    "SignInMethod",
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
    "Training",
    "TravelMode",
    "Unit",
    "UnitKind",
    "UnitMember",
    "Visit",
    "VisitConflict",
    "VisitPurpose",
    "Worker",
    "WorkerRole",
    "WorkerStatus",
    "new_id",
]
