"""What is left of a name, a phone, an address and a place."""

import uuid

import pytest
from shapely import Point, box

from services import masking

KEY = b"k" * 32
HOME = Point(102.7, 25.0)


@pytest.mark.parametrize(
    ("text", "left"), [("张小明", "张**"), ("张", "张**"), ("Ping H0050", "P**"), (None, None), ("", "")]
)
def test_a_name_keeps_its_first_character(text: str | None, left: str | None) -> None:
    assert masking.name(text) == left


@pytest.mark.parametrize(
    ("text", "left"),
    [("13800001234", "138****1234"), ("+8613800001234", "+86****1234"), ("62311", "****"), (None, None), ("", "")],
)
def test_a_phone_keeps_its_ends_when_they_tell_little(text: str | None, left: str | None) -> None:
    assert masking.phone(text) == left


def test_an_address_keeps_the_street() -> None:
    assert masking.address("柳巷12号3栋２单元") == "柳巷**号**栋**单元"


def test_a_place_is_moved_the_same_way_each_time_and_stays_in_the_grid() -> None:
    """80 to 250 m away (1 degree of latitude: 111 320 m), inside a grid of about 1 km; by the id and by the key."""
    grid = box(102.695, 24.995, 102.705, 25.005)
    ids = [uuid.UUID(int=number) for number in range(200)]
    moved = [masking.place(HOME, grid, one, KEY) for one in ids]
    assert moved == [masking.place(HOME, grid, one, KEY) for one in ids]
    assert all(grid.contains(one) for one in moved)
    east = [(one.x - HOME.x) * 111_320 * 0.906308 for one in moved]  # cos 25 degrees
    north = [(one.y - HOME.y) * 111_320 for one in moved]
    far = [(x * x + y * y) ** 0.5 for x, y in zip(east, north, strict=True)]
    assert 80 <= min(far) <= max(far) <= 250.001
    assert len({(one.x, one.y) for one in moved}) == 200
    assert masking.place(HOME, grid, ids[0], b"another" * 5) != moved[0]


def test_in_a_grid_too_small_the_place_tells_nothing_of_the_home() -> None:
    """20 m by 20 m: nothing 80 m away is inside, so every home gets the same point of the grid."""
    grid = box(102.6999, 24.9999, 102.7001, 25.0001)
    near = Point(102.69995, 25.00005)
    assert masking.place(HOME, grid, uuid.uuid4(), KEY) == masking.place(near, grid, uuid.uuid4(), KEY)
