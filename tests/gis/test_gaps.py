"""Clusters of homes that nobody reaches, in drawn places."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon

from gis.coordinates import LocalProjection
from gis.gaps import cluster_areas, find_gaps

HERE = LocalProjection(106.7, 26.5)


def found(homes: list[tuple[float, float]], uncovered: list[bool], seconds: list[int] | None = None) -> list:
    """The gaps among homes with one resident more each: 1, 2, 3, ..."""
    count = len(homes)
    return find_gaps(
        HERE,
        np.array(homes, np.float64).reshape(count, 2),
        np.array(uncovered, np.bool_),
        np.arange(1, count + 1, dtype=np.int32),
        np.array([-1] * count if seconds is None else seconds, np.int32),
    )


def meters(area: MultiPolygon) -> MultiPolygon:
    """An area back in metres."""
    return HERE.geometry_to_meters(area)


def test_two_clusters_the_larger_first() -> None:
    """Homes 0, 1, 2 stand 60 m apart; 3 and 4 a kilometre away; 5 is covered. Residents 1+2+3 and 4+5."""
    gaps = found(
        [(0, 0), (60, 0), (120, 0), (1000, 0), (1030, 0), (500, 500)],
        [True, True, True, True, True, False],
        [700, 650, 900, -1, -1, 300],
    )

    assert [gap.homes.tolist() for gap in gaps] == [[0, 1, 2], [3, 4]]
    assert [gap.resident_count for gap in gaps] == [6, 9]
    assert [gap.nearest_seconds for gap in gaps] == [650, None]
    assert all(meters(gaps[0].area).contains(shapely.Point(x, 0)) for x in (0, 60, 120))
    assert not meters(gaps[0].area).intersects(meters(gaps[1].area))


def test_a_covered_home_beside_is_left_out() -> None:
    """Cells are counted from two cells beside the lost home: a covered home in the middle of the next is left out."""
    gaps = found([(10, 10), (70, 30)], [True, False])

    assert [gap.home_count for gap in gaps] == [1]
    assert meters(gaps[0].area).contains(shapely.Point(10, 10))
    assert not meters(gaps[0].area).contains(shapely.Point(70, 30))


@pytest.mark.parametrize("count", [0, 3])
def test_nothing_uncovered_is_no_gap(count: int) -> None:
    """No homes, or all of them covered."""
    assert found([(0.0, 0.0)] * count, [False] * count) == []


def test_homes_at_one_place_are_one_gap() -> None:
    """Four homes behind one door: 1 + 2 + 3 + 4 people."""
    [gap] = found([(5, 5)] * 4, [True] * 4)
    assert (gap.home_count, gap.resident_count) == (4, 10)
    assert gap.area.is_valid


def test_the_area_of_no_homes_is_empty() -> None:
    """And that of one home holds it."""
    assert cluster_areas(HERE, np.zeros((0, 2))).is_empty
    assert meters(cluster_areas(HERE, np.array([[3.0, 4.0]]))).contains(shapely.Point(3, 4))


homes = st.lists(st.tuples(st.floats(-3000, 3000), st.floats(-3000, 3000), st.booleans()), max_size=60)


@given(homes)
def test_every_uncovered_home_is_in_exactly_one_gap(drawn: list[tuple[float, float, bool]]) -> None:
    """Counts add up, areas are valid and apart, and each home lies in its own (to a cell's corner cut)."""
    gaps = found([(x, y) for x, y, _ in drawn], [lost for _, _, lost in drawn])

    together = sorted(home for gap in gaps for home in gap.homes.tolist())
    assert together == [at for at, (_, _, lost) in enumerate(drawn) if lost]
    for gap in gaps:
        area = meters(gap.area)
        assert area.is_valid
        assert all(area.distance(shapely.Point(drawn[home][:2])) < 20 for home in gap.homes)
