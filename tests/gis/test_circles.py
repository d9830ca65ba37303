"""The naive circle, against every distance measured."""

import numpy as np

from gis.circles import Cells, within_circles


def test_the_border_of_the_circle_is_inside() -> None:
    """Points 0, 100, 100.001 and 300 m east of the only centre; radius 100 m."""
    points = np.array([[0.0, 0], [100, 0], [100.001, 0], [300, 0]])
    assert within_circles(Cells.of(points), np.zeros((1, 2)), 100.0).tolist() == [True, True, False, False]


def test_many_circles_agree_with_every_distance_measured() -> None:
    """5,000 points, 40 centres, some of them outside the box of the points."""
    random = np.random.default_rng(3)
    points, centres = random.uniform(0, 9_000, (5_000, 2)), random.uniform(-1_000, 10_000, (40, 2))
    apart = np.linalg.norm(points[:, None, :] - centres[None, :, :], axis=2).min(axis=1)
    assert (within_circles(Cells.of(points), centres, 780.0) == (apart <= 780.0)).all()


def test_nothing_and_nobody() -> None:
    """No points give no answers; no centres claim nobody."""
    assert len(within_circles(Cells.of(np.zeros((0, 2))), np.zeros((1, 2)), 100.0)) == 0
    assert not within_circles(Cells.of(np.zeros((3, 2))), np.zeros((0, 2)), 100.0).any()
