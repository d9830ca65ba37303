"""Text on its way into a spreadsheet: what would be taken for a formula there stays text."""

from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def plain(value: Any) -> Any:
    """The value; text that begins as a formula does gets an apostrophe before it (OWASP, CSV injection)."""
    return "'" + value if isinstance(value, str) and value.startswith(FORMULA) else value
