"""What a request brings beside its operation, and what its answer leaves in the browser: for signing in and out.

The refresh token may stay in a cookie that no script reads. It is sent to `/graphql` only, never from another site's
page (SameSite=Strict, and the Origin is looked at), and does nothing there but refresh.
"""

import uuid
from dataclasses import dataclass, field

from graphql import FieldNode, OperationType
from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import Response

from services import clock
from services.access import Actor
from services.sign_ins import Tokens

COOKIE = "linli_refresh"
PATH = "/graphql"
OPEN = {
    OperationType.MUTATION: {"signIn", "secondFactor", "choosePassword", "refresh"}
    | {"sendCaseCode", "openCase", "rateCase", "revokeCaseConsent"}  # a resident without an account raises a matter
    | {"voteByPhone"},
    OperationType.QUERY: {"trackCase", "publicVote", "caseKinds", "disputeQuestions", "guidanceOpinion", "settings"},
}
ENTRANCES = frozenset.union(*map(frozenset, OPEN.values()))
"""The only fields that are open to those who are not signed in, each alone in its document."""

NOBODY = Actor(uuid.UUID(int=0), "", frozenset(), (), ())


@dataclass
class Doorstep:
    """One request: from which address, by which sign-in, with which refresh token in its cookie."""

    address: str = ""
    sign_in_id: uuid.UUID | None = None
    refresh: str | None = None
    secure: bool = False
    _left: list[tuple[str, int]] = field(default_factory=list)

    @classmethod
    def of(cls, request: Request, sign_in_id: uuid.UUID | None = None) -> "Doorstep":
        """As the request tells it; a cookie sent from a page of another site is not looked at."""
        refresh = request.cookies.get(COOKIE) if _is_own_page(request) else None
        address = request.client.host if request.client else ""
        return cls(address, sign_in_id, refresh, request.url.scheme == "https")

    @property
    def keeps(self) -> bool:
        """True when the refresh token goes into the cookie, and so not into the answer."""
        return any(value for value, _ in self._left)

    def keep(self, tokens: Tokens) -> None:
        """The browser keeps the refresh token for as long as it is good."""
        seconds = int((tokens.refresh_expires_at - clock.now()).total_seconds())
        self._left = [(tokens.refresh, seconds)]

    def forget(self) -> None:
        """The browser forgets the refresh token."""
        self._left = [("", 0)]

    def leave(self, response: Response) -> Response:
        """The response with its cookie."""
        for value, seconds in self._left:
            response.set_cookie(
                COOKIE, value, max_age=seconds, path=PATH, secure=self.secure, httponly=True, samesite="strict"
            )
        return response


def is_entrance(kind: OperationType, selections: tuple[object, ...]) -> bool:
    """True for a document of one entrance alone."""
    one = selections[0] if len(selections) == 1 else None
    return isinstance(one, FieldNode) and one.name.value in OPEN.get(kind, ())


def _is_own_page(request: Request) -> bool:
    origin = request.headers.get("origin")
    return origin is None or URL(origin).netloc == request.headers.get("host")
