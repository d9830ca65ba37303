"""Refusals: what the platform says no to, by name.

The class gives `extensions.code`, its docstring gives the sentence; `Refusal(id, key=value)` fills the braces.
What a user acts on (nobody in reach, a repeated press) is data and never an error.
"""

import re
from typing import Any, ClassVar


class Refusal(Exception):
    """This cannot be done."""

    code: ClassVar[str] = "REFUSED"

    def __init_subclass__(cls) -> None:
        """The code is the class name in capitals unless the class states its own."""
        if "code" not in cls.__dict__:
            cls.code = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).upper()

    def __init__(self, subject: object = None, /, **details: Any) -> None:
        """Keep what the client may act on in `details`; `subject` is the id or value that was refused."""
        self.subject = subject
        self.details = details
        sentence = " ".join((type(self).__doc__ or "").split())
        super().__init__(sentence.format_map(_Blanks(details, subject=subject)))


class _Blanks(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


class NotFound(Refusal):
    """Nothing with the id {subject} is here, or it is not yours to see. Check the id."""


class NotAllowed(Refusal):
    """Your role does not allow this here. Ask a manager of the area for the right."""


class NotSignedIn(Refusal):
    """This needs a valid token. Sign in again and send it as `Authorization: Bearer ...`."""


class Invalid(Refusal):
    """{reason}"""


class StaleVersion(Refusal):
    """{subject} was changed by someone else meanwhile (now version {current}). Load it again and repeat your change."""
