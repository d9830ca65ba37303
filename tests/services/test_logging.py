"""The log is JSON, one thing a line, and tells nothing of a person."""

import json
import logging as stdlib
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog

from services import logging
from services.errors import NotFound


@pytest.fixture
def written() -> Iterator[StringIO]:
    """What is written to the log."""
    root = stdlib.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = StringIO()
    logging.configure("info", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def only_line(written: StringIO) -> dict[str, object]:
    (line,) = written.getvalue().splitlines()
    told: dict[str, object] = json.loads(line)
    return told


def test_a_line_is_json_with_time_and_level(written: StringIO) -> None:
    structlog.get_logger().info("call opened", call="c1", presses=2)
    line = only_line(written)
    assert line.pop("timestamp") is not None
    assert line == {"event": "call opened", "level": "info", "call": "c1", "presses": 2}


def test_fields_about_people_are_withheld_at_any_depth(written: StringIO) -> None:
    structlog.get_logger().info(
        "read", resident_name="张三丰", phone="1", seen={"address": "东街一号", "count": 3}, point=[1, 2]
    )
    line = only_line(written)
    assert line["resident_name"] == line["phone"] == line["point"] == "withheld"
    assert line["seen"] == {"address": "withheld", "count": 3}


@pytest.mark.parametrize(
    "shape",
    ["13812345678", "+86 138 1234 5678", "11010519491231002X", "Bearer abc.def", "eyJhbGciOi.eyJzdWIi.c2ln"],
)
def test_what_looks_like_a_person_is_withheld_in_any_text(written: StringIO, shape: str) -> None:
    structlog.get_logger().warning(f"could not reach {shape} today", list=[f"x {shape}"])
    line = only_line(written)
    assert line["event"] == "could not reach withheld today"
    assert line["list"] == ["x withheld"]


def test_a_password_in_an_address_is_withheld(written: StringIO) -> None:
    structlog.get_logger().info("to postgresql://app:pw@db/linli")
    assert only_line(written)["event"] == "to postgresql://withhelddb/linli"


def test_an_exception_is_told_by_class_and_place_without_its_message(written: StringIO) -> None:
    try:
        raise ValueError("Key (name)=(张三丰) already exists")
    except ValueError:
        structlog.get_logger().exception("failed")
    line = only_line(written)
    assert line["error"] == "builtins.ValueError"
    assert str(line["at"]).count("test_logging.py") == 1
    assert "张三丰" not in json.dumps(line, ensure_ascii=False)


def test_a_refusal_is_told_by_its_code(written: StringIO) -> None:
    structlog.get_logger().info("refused", exc_info=NotFound("张三丰"))
    assert only_line(written)["error"] == "NOT_FOUND"


def test_lines_of_libraries_pass_through_the_same_sieve(written: StringIO) -> None:
    stdlib.getLogger("some.library").error("row %s", "13812345678", exc_info=ValueError("张三丰"))
    line = only_line(written)
    assert (line["event"], line["level"], line["error"]) == ("row withheld", "error", "builtins.ValueError")
    assert "张三丰" not in json.dumps(line, ensure_ascii=False)
