"""The bench of a surge: what it holds against one by one."""

import numpy as np

from bench.surge import one_by_one, total
from services.surge_plans import Plan


def test_one_by_one_takes_who_is_nearest_of_those_left() -> None:
    # The first takes worker 0 (10 s) and leaves 500 s to the second, who counts four times: 10 + 4 x 500 = 2010.
    # Together the second gets worker 0 and the first worker 1: 20 + 4 x 12 = 68. The third finds nobody: 7200 s.
    seconds = np.array([[10.0, 20.0], [12.0, 500.0], [30.0, np.inf]])
    plan = Plan([], [], seconds, np.array([1.0, 4.0, 1.0]), [1, 0, None])
    assert one_by_one(plan) == [0, 1, None]
    assert total(plan, one_by_one(plan)) == 2010 + 7200
    assert total(plan, plan.chosen) == 68 + 7200
    assert one_by_one(plan) == [0, 1, None]  # and the plan is as it was
