"""The rows behind the map's layers of coverage: what `services.coverage_layers` found, with its shapes.

What was found comes as arrays, filled in when a statement is run; homes still pass `visible`, and row-level security.
"""

from typing import Any

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy import func

from services.layer_rows import Rows, View, areas_of, counts_homes, single_homes
from services.models import Area, AreaLevel, CoverageAudit, Household
from services.models.base import SRID


def coverage(view: View) -> Rows:
    """The share of homes covered in each grid; close up, to whom homes are told, each home covered or not."""
    return _grids(view) if counts_homes(view) else _homes(view)


def gaps(view: View) -> Rows:
    """Homes close together that nobody reaches in time."""
    kinds = {
        "number": sa.BigInteger,
        "households": sa.Integer,
        "nearest": sa.Double,
        "shape": sa.Text,
        "audit": sa.Uuid,
    }
    found = _found("gaps", kinds)
    told = (found.c.number.label("feature_id"), func.ST_GeomFromWKB(func.decode(found.c.shape, "hex"), SRID))
    shape = sa.type_coerce(told[1], Geometry("MULTIPOLYGON", SRID)).label("geom")
    name = sa.cast(found.c.audit, sa.Text) + "/gap-" + sa.cast(found.c.number % 100_000 + 1, sa.Text)
    rows = sa.select(told[0], shape, name.label("id"), found.c.households, found.c.nearest.label("nearest_seconds"))
    return _by_audit(rows, found)


def _grids(view: View) -> Rows:
    counts = dict.fromkeys(("households", "covered", "twice"), sa.Integer)
    found = _found("lines", {"grid_id": sa.Uuid, **counts, "suppressed": sa.Boolean, "audit": sa.Uuid})
    covered = sa.cast(found.c.covered, sa.Double)
    share: sa.ColumnElement[float] = covered.op("/", return_type=sa.Double())(func.nullif(found.c.households, 0))
    figures = (found.c.households, found.c.covered, found.c.twice, share.label("covered_share"), found.c.suppressed)
    rows = areas_of(AreaLevel.GRID, view).join(found, found.c.grid_id == Area.id).add_columns(*figures)
    return _by_audit(rows, found)


def _homes(view: View) -> Rows:
    kinds = {"feature_id": sa.BigInteger, "state": sa.Text, "seconds": sa.Integer, "audit": sa.Uuid}
    found = _found("homes", kinds)
    rows = single_homes(view).join(found, found.c.feature_id == Household.feature_id)
    return _by_audit(rows.add_columns(found.c.state, found.c.seconds), found)


def _found(name: str, kinds: Any) -> Any:
    """The arrays of `coverage_layers.columns` as a table."""
    arrays = [
        sa.cast(sa.bindparam(f"found_{name}_{part}", "{}", sa.Text), sa.ARRAY(kind)) for part, kind in kinds.items()
    ]
    parts = [sa.column(part, kind) for part, kind in kinds.items()]
    return func.unnest(*arrays).table_valued(*parts, name=f"found_{name}").render_derived()


def _by_audit(rows: Rows, found: Any) -> Rows:
    """With what the audit asked, for a card to tell."""
    asked = (CoverageAudit.id.label("audit"), CoverageAudit.minutes, CoverageAudit.supply)
    return rows.join(CoverageAudit, CoverageAudit.id == found.c.audit).add_columns(*asked)
