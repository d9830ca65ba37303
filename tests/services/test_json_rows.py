"""Rows that come as JSON are the rows that a session reads."""

import orjson
import sqlalchemy as sa
from geoalchemy2 import WKBElement

from services import json_rows
from services.database import plain_sql
from services.models import Call, Household, Offer
from tests.callroom import CallRoom

KINDS = {"offer": Offer, "call": Call, "home": Household}


async def test_rows_read_over_a_direct_line_are_those_of_a_session(room: CallRoom) -> None:
    """Every column of an offer, its call and its home: ids, times, codes, arrays, documents and places."""
    await room.worker(380)
    call = await room.call_for_help()
    columns = (column for name, kind in KINDS.items() for column in json_rows.columns_of(kind, name))
    asked = sa.select(*columns).select_from(Offer).join(Call, Call.id == Offer.call_id)
    asked = asked.join(Household, Household.id == Call.household_id)
    (found,) = await room.database.ask(json_rows.every(plain_sql(asked)))
    (row,) = orjson.loads(found)
    for name, kind in KINDS.items():
        read = json_rows.row_of(kind, name, row)
        async with room.database.read() as session:
            (stored,) = await session.scalars(sa.select(kind).where(kind.id == read.id))  # type: ignore[union-attr]
        for column in kind.__table__.columns:
            ours, theirs = getattr(read, column.key), getattr(stored, column.key)
            if isinstance(theirs, WKBElement):
                ours, theirs = bytes(ours.data), bytes(theirs.data)
            assert (type(ours), ours) == (type(theirs), theirs), column.key
    assert call.status == "OFFERED"


async def test_no_row_is_an_empty_list_and_an_outer_join_that_found_none_is_none(room: CallRoom) -> None:
    (empty,) = await room.database.ask(json_rows.every("SELECT id FROM offers"))
    assert orjson.loads(empty) == []
    assert json_rows.row_of(Call, "call", {"call_id": None}) is None
