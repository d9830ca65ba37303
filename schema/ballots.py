"""A decision as the public reads it, and the own vote of a home by a one-time code."""

from datetime import date

from strawberry import Parent

from schema.case_acts import PART
from schema.case_tallies import MOST_CHOICES, CaseChoice
from schema.context import Info
from schema.lens import field, given, lens, listing, mutation, shown
from services.cases import ballots, residents
from services.cases.ballots import Published
from services.cases.kinds import kind_of


@given
class OwnVoteInput:
    """The vote of one's own home."""

    number: str = shown("The number of the decision.")
    phone: str = shown("The phone of a grown-up, as it is in the home's file.")
    code: str = shown("The one-time code sent to it (`sendCaseCode`).")
    choice: str = shown("What the home is for.")


@lens
class PublicVote:
    """A decision in which homes vote, as it is published."""

    is_open: bool = shown("Whether homes may vote now.")

    @field()
    def number(self, row: Parent[Published]) -> str:
        """Its number."""
        return row.case.number

    @field()
    def question(self, row: Parent[Published]) -> str:
        """What is to be decided."""
        return str(row.case.details["question"])

    @listing(graphql_type=list[str], at_most=MOST_CHOICES)
    def choices(self, row: Parent[Published]) -> list[str]:
        """Among what."""
        return list(row.case.details["choices"])

    @field()
    def secret(self, row: Parent[Published]) -> bool:
        """Whether nobody learns who voted for what."""
        return bool(row.case.details["secret"])

    @field()
    def vote_until(self, row: Parent[Published]) -> date | None:
        """The last day, when one was set."""
        until = row.case.details.get("vote_until")
        return date.fromisoformat(until) if until else None

    @field()
    def state(self, row: Parent[Published]) -> str:
        """Where it stands."""
        return row.case.state

    @field()
    def state_name(self, row: Parent[Published]) -> str:
        """Where it stands, in words."""
        return kind_of(row.case.kind).states[row.case.state]

    @field()
    def voted(self, row: Parent[Published]) -> int:
        """How many homes have voted."""
        return row.count.voted

    @field()
    def eligible(self, row: Parent[Published]) -> int:
        """How many may vote."""
        return row.count.eligible

    @field()
    def quorum_reached(self, row: Parent[Published]) -> bool:
        """Whether enough have voted: two thirds."""
        return row.count.quorum_reached

    @listing(graphql_type=list[CaseChoice], at_most=MOST_CHOICES)
    def result(self, row: Parent[Published]) -> list[CaseChoice]:
        """Homes by choice, once the vote is closed; empty while it runs."""
        return [CaseChoice(choice=choice, households=homes) for choice, homes in sorted(row.result.items())]


@lens
class BallotQuery:
    """What anybody can ask of a vote."""

    @field(graphql_type=PublicVote | None)
    async def public_vote(self, info: Info, number: str) -> Published:
        """A decision by its number, from when its vote is called."""
        async with info.context.api.platform(PART).read() as session:
            return await ballots.published(session, number)


@lens
class BallotMutation:
    """Voting without an account."""

    @mutation(graphql_type=PublicVote)
    async def vote_by_phone(self, info: Info, input: OwnVoteInput) -> Published:
        """The own home votes, once, by a phone in its file."""
        api = info.context.api
        contact_id = await residents.prove(api.platform(PART), api.keyring, input.phone, input.code)
        async with info.context.write(PART) as session:
            return await ballots.cast(session, api.keyring, input.number, contact_id, input.choice)
