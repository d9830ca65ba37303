"""Cases under whatever may happen in any order; the clock is moved by hand.

What must hold after every step: the lines alone tell the case, a clock of one name runs at most once, an ended case
has no clock and an open one is never without a next step, nobody is told the same thing twice.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from services import clock
from services.cases.kinds import kind_of
from services.errors import Refusal
from services.models import Case
from tests import postgres
from tests.callroom import emptied
from tests.caseforms import Forms, sample
from tests.caseroom import CaseRoom, opened
from tests.conftest import StandingClock

Answer = TypeVar("Answer")
PEOPLE = ("worker", "neighbour", "staff", "street", "centre", "leader", "official", "volunteer", "auditor", "nobody")
KINDS = ("APPEAL", "PETITION", "HAZARD")


class CaseMachine(RuleBasedStateMachine):
    """Three kinds of case, ten people, a clock."""

    url, owner_url = "", ""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.clock = StandingClock()
        self.frozen = clock.frozen(self.clock)
        self.frozen.__enter__()
        self.cases: list[Case] = []

    def teardown(self) -> None:
        self.run(self.context.__aexit__(None, None, None))
        self.frozen.__exit__(None, None, None)
        self.loop.close()

    @initialize()
    def open_the_district(self) -> None:
        self.run(emptied(self.owner_url))
        self.context = opened(self.url, pool_size=3)
        self.room: CaseRoom = self.run(self.context.__aenter__())
        self.raise_a_matter("APPEAL")

    @rule(kind=st.sampled_from(KINDS))
    def raise_a_matter(self, kind: str) -> None:
        """Somebody raises something."""
        ids = self.ids() if self.cases else None
        details = sample(kind_of(kind).details, ids) if ids else {}
        self.cases.append(self.run(self.room.open(kind, "staff", details, consent=True)))

    @rule(case=st.integers(0, 9), who=st.sampled_from(PEOPLE), number=st.integers(0, 40), satisfied=st.booleans())
    def act(self, case: int, who: str, number: int, satisfied: bool) -> None:
        """Anybody tries anything that is possible in the case's state."""
        found = self.run(self.room.case(self.cases[case % len(self.cases)].id))
        ways = [each for each in kind_of(found.kind).actions if found.state in each.source]
        if not ways:
            return
        chosen = ways[number % len(ways)]
        fields = {**sample(chosen.fields, self.ids())}
        if "satisfied" in fields:
            fields["satisfied"] = satisfied
        with suppress(*Refusal.__subclasses__()):
            self.run(self.room.act(found, who, chosen.name, **fields))

    @rule(hours=st.sampled_from([1, 5, 24, 72, 400, 3000]))
    def time_passes(self, hours: int) -> None:
        """The clock goes on, and whatever fell due is seen to."""
        self.clock.forward(hours=hours)
        self.run(self.room.sweep())

    @invariant()
    def what_must_hold(self) -> None:
        """See above."""
        for case in self.cases:
            found = self.run(self.room.case(case.id))  # asserts that the timeline rebuilds it
            state = self.run(self.room.state(found))
            lines = self.run(self.room.lines(found))
            assert [line.number for line in lines] == list(range(1, found.version + 1))
            names = [term.name for term in state.running]
            assert len(names) == len(set(names))
            if found.ended_at is not None:
                assert names == []
                assert found.state in kind_of(found.kind).ends
            else:
                assert names or state.is_paused
            assert all((term.due_at is None) == state.is_paused for term in state.running)
        keys = [message.key for message in self.run(self.room.told())]
        assert len(keys) == len(set(keys))

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return self.loop.run(work)

    def ids(self) -> Forms:
        return Forms(
            self.room.workers[0].id,
            self.room.units["BUREAU"],
            self.room.actors["staff"].account_id,
            self.cases[0].id,
            self.room.home.id,
        )


def test_cases_under_whatever_happens(databases: postgres.WorkerDatabases, fresh_database: str) -> None:
    """Three stories of up to twenty steps each, on the real store."""
    CaseMachine.url = databases.url(fresh_database)
    CaseMachine.owner_url = databases.url(fresh_database, postgres.OWNER)
    few = settings(
        max_examples=3, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    run_state_machine_as_test(CaseMachine, settings=few)
