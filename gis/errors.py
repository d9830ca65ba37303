"""What the geometry and street library refuses, each with a code and a sentence that says what to do."""

from typing import ClassVar


class GisError(ValueError):
    """The input cannot be used: see the message."""

    code: ClassVar[str] = "GIS_INPUT_INVALID"
