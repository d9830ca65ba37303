"""How a vote of homes stands."""

from typing import Any

from strawberry import Parent

from schema.lens import lens, listing, shown
from services.cases import votes

MOST_CHOICES = 30


@lens
class CaseChoice:
    """A choice of a vote and how many homes are for it."""

    choice: str = shown("The choice.")
    households: int = shown("How many homes.")


@lens
class CaseTally:
    """How a vote stands."""

    voted: int = shown("How many homes have voted.")
    eligible: int = shown("How many may vote.")
    quorum_reached: bool = shown("Whether enough have voted: two thirds.")

    @listing(graphql_type=list[CaseChoice], at_most=MOST_CHOICES)
    def tally(self, row: Parent[votes.Count]) -> list[Any]:
        """Homes by choice; empty while a secret vote runs."""
        return [CaseChoice(choice=choice, households=homes) for choice, homes in sorted(row.by_choice.items())]
