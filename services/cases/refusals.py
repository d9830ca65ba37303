"""What the engine says no to, by name."""

from services.errors import Invalid, NotAllowed, Refusal


class CaseNotNow(Refusal):
    """A case that is {state} cannot be {action}. Load it again; `allowedActions` says what may be done next."""


class ActionUnknown(Refusal):
    """This kind of case has no action {subject}. Ask `caseKinds` for those that it has."""


class NotYourPart(NotAllowed):
    """{action} is for {by} of this case, which you are not."""


class CaseIsPaused(Refusal):
    """The case is paused: {reason}. Whoever allowed the pause ends it with RESUME first."""


class CaseNotPaused(Refusal):
    """The case is not paused."""


class TopOfLadder(Refusal):
    """This is the last rung: there is nobody above to whom the case could climb. It is closed here."""


class BottomOfLadder(Refusal):
    """This is the first rung: the case cannot come down any further."""


class NotReturnable(Refusal):
    """Whoever has the case now is its last resort: it cannot be returned again. Handle it, or whistle it up."""


class AlreadyComplex(Refusal):
    """The case has its longer term already."""


class NoLongerTerm(Refusal):
    """No term that runs on this rung has a longer form."""


class AlreadyJoined(Refusal):
    """The unit {subject} has its part in this case already."""


class NotJoined(Refusal):
    """The unit {subject} has no open part in this case, or you do not work there."""


class NoteNeeded(Invalid):
    """{action} needs a note: say why, or what was done."""


class FieldsInvalid(Invalid):
    """{reason}"""


class ConsentNeeded(Refusal):
    """This kind of case is taken on only with the consent of the one for whom it is done. Record it first."""


class PlaceNeeded(Invalid):
    """Say where: a point inside a grid, a home, or an area."""


class KindNotYours(NotAllowed):
    """A case of this kind is opened by {by}."""


class AlreadyVoted(Refusal):
    """This home has voted already; one home, one vote."""


class NoVoteNow(Refusal):
    """No vote is being held in this case now."""


class ChoiceUnknown(Invalid):
    """{subject} is not one of the choices: {choices}."""


class NoQuorum(Refusal):
    """{voted} of {eligible} homes have voted; at least {needed} must. Wait, or ask the others."""


class NotMet(Refusal):
    """{reason}"""
