"""What each field of the API gives away, by the classes of `services.policy`; and who may do what.

A field, mutation or subscription that stands nowhere here fails a test: whoever adds one says what it is.
"""

from collections.abc import Iterator, Mapping

from services.policy import FieldClass, Thing

FIELDS = """
Household           household  public     id code hasLift version closedAt grid residentCount hasTerminal
Household           household  personal   address building unit floor room location residents terminals calls visits
Household           household  personal   history
Household           care       sensitive  careCategories
HouseholdEvent      household  personal   id at kind detail
EmergencyContact    household  sensitive  id channel language name address
Terminal            household  public     id serial model status lastSeenAt batteryPercent heartbeatSeconds
Terminal            household  public     installedAt retiredAt household
Resident            resident   public     id code sex mobile relation since birthYear homes mergedFrom
Resident            resident   personal   name phone birthDate
Resident            resident   sensitive  identityNumber
Resident            care       sensitive  careRecords
Residence           resident   public     id relation since until household
Duplicate           resident   personal   first second shared
CareRecord          care       sensitive  id level openedAt consentAt reviewDueAt lastVisitAt version category notes
CareRecord          care       sensitive  diagnosis nextVisitDueAt team missingDuties consent visits history
CareEvent           care       sensitive  id at kind detail
CareTeamPlace       care       sensitive  duty worker
Consent             care       sensitive  id givenBy givenOn recordedAt purposes giver
ConsentWithdrawal   care       sensitive  erasedAfter
VisitDue            care       sensitive  careRecord household dueAt overdueDays
Visit               household  personal   id visitedAt recordedAt purpose worker household conflicts conflictingVisits
Visit               household  personal   struck
Visit               care       sensitive  note careRecord
CareCount           care       public     category count suppressed
VisitCount          care       public     grid due overdue
CategoryCoverage    care       public     residentCount coveredCount suppressed category
Call                call       public     id status priority pressCount mark terminalSerial openedAt answerDueAt
Call                call       public     answeredAt arrivedAt endedAt cancelPressed outcome serviceMode provider
Call                call       public     appointmentAt satisfied overdue claimedBy holder currentOffer offers
Call                call       public     candidates terminal
Call                call       personal   household timeline
CallEvent           call       public     sequence at kind call
TimelineLine        call       public     at kind status priority actor detail
TimelineLine        call       sensitive  note
Offer               call       public     id status rung etaSeconds distanceMeters reason offeredAt expiresAt
Offer               call       public     answeredAt path worker call
Candidate           call       public     eligible reason worker etaSeconds distanceMeters path measured
Candidate           call       public     positionSource
Press               call       public     call repeated joined
Worker              worker     public     id code name role status skills languages post areas
Worker              worker     personal   phone
WorkerPosition      worker     personal   accuracyMeters fixedAt worker location stale
"""
"""Type, thing, class, fields."""

OPEN: Mapping[str, str] = {
    "Areas, places and the map: nobody's": """
        Area Grid ServicePoint OpeningHours MapLayer LegendEntry PageInfo CareCategory
        WorkCalendarVersion WorkingDay SkippedDay StatedDay EmptyRung Rung DutyHour PublicSettings""",
    "Figures: homes are counted, people only as far as few and differing ones are withheld": """
        CoverageAudit AuditComparison AuditStraightLine CoverageChange CoverageGap GridComparison GridCoverage
        ServiceCircle StraightLine SiteSuggestion SuggestedSite
        Assessment AssessmentCalls AssessmentRow AssessmentStep AssessmentVisits AssessedSubject ComparedRow""",
    "Who works here and how they sign in: told to oneself and to those who grant the roles": """
        Account Deputy OpenedAccount RecoveryCodes RoleGrant SecondFactorEnrolment SignIn Viewer Staff Phone
        NewTerminalKey ImportRun ImportProblem OnDuty Team TeamDuty TeamKit TeamMember TeamPost TeamTraining""",
    "The log of readings and what became of a person's file: ids and times, told to who may look after them": """
        Opener Opening Reader Reading Erasure KeptByLaw""",
    "Casework: decided case by case by opener, agent, units and area (services.cases)": """
        ActedCase Attachment Case CaseChoice CaseKind CaseKindAction CaseKindRung CaseKindTerm CaseLink CaseNews
        CaseOffice CasePart CaseRung CaseTally CaseTeamMember CaseTerm CaseTimelineLine OpenedCase RatedCase
        SentFile SimilarCase TrackedCase
        PublicVote VisitPlanProposal DisputeChoice DisputeQuestion GuidanceOpinion OpinionSentence CaseRuling""",
}
"""Types that hold no person, or whose rows are decided one by one; and why."""

ACTS = """
anybody        signIn secondFactor choosePassword refresh sendCaseCode openCase rateCase
anybody        revokeCaseConsent voteByPhone
oneself        changePassword signOut beginSecondFactor confirmSecondFactor removeSecondFactor registerPhone
oneself        unregisterPhone
a_worker       confirmCall arriveAtCall acceptOffer declineOffer startShift endShift reportPosition
a_device       pressButton terminalHeartbeat
by_the_case    actOnCase vote
MANAGER        openAccount resetPassword closeAccount reopenAccount tieIdentity grantRole endGrant appointDeputy
MANAGER        endDeputy splitGrid mergeGrids moveBorder giveTerminalKey setLadder changeWorkCalendar exportPerson
MANAGER        eraseResident changeTeam addCaseOffice joinCaseOffice leaveCaseOffice settleCaseRule
STAFF          moveHousehold splitHousehold mergeHouseholds addEmergencyContact changeEmergencyContact
STAFF          removeEmergencyContact openCareRecord changeCareRecord closeCareRecord withdrawConsent recordVisit
STAFF          returnKit planDuty issueKit addTeamMember endDuty recordTraining addPost
STAFF          settleVisit openSealedHousehold reviewOpening mergeResidents resolveCall followUpCall
ADMIN          changeCareCategory
PLANNER        auditCoverage cancelAudit
DESK           claimCall keepClaim releaseCall offerCall escalateCall cancelCall
"""
"""Who may do what at all; the service behind each act looks at the area and the row besides."""

FOLLOWED = """
callEvents        the staff of the area
myOffers          the worker who is asked
workerPositions   those who send help in the area
"""


def classes() -> dict[str, tuple[Thing, FieldClass]]:
    """`Type.field` to what it tells and how much that gives away."""
    found = {}
    for type_, thing, class_, *fields in _lines(FIELDS):
        for field in fields:
            found[f"{type_}.{field}"] = (Thing(thing), FieldClass(class_))
    return found


def open_types() -> frozenset[str]:
    """The types without a class."""
    return frozenset(name for names in OPEN.values() for name in names.split())


def acts() -> dict[str, str]:
    """Each mutation and by whom."""
    return {name: who for who, *names in _lines(ACTS) for name in names}


def followed() -> frozenset[str]:
    """The subscriptions."""
    return frozenset(name for name, *_ in _lines(FOLLOWED))


def _lines(table: str) -> Iterator[list[str]]:
    return (line.split() for line in table.strip().splitlines())
