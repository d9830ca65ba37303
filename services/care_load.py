"""The people in care of each grid, as a map layer: numbers, of which small ones are withheld."""

import sqlalchemy as sa
from sqlalchemy import func

from services.access import counted
from services.layer_rows import Rows, View, areas_of
from services.models import Area, AreaLevel, CareCategory, CareRecord, Household, Residence, Resident
from services.models.areas import standing
from services.models.care import shown_to


def care_load(view: View) -> Rows:
    """The grids with the number of people in care; a small number is withheld, and with one alone the next smallest."""
    load = _care_around(view).subquery()
    return (
        areas_of(AreaLevel.GRID, view)
        .join(load, load.c.id == Area.id)
        .add_columns(sa.case((load.c.withheld, None), else_=load.c.people).label("people"))
        .add_columns(load.c.withheld.label("suppressed"))
    )


def _care_around(view: View) -> Rows:
    """All grids of the communities in view, for what is withheld may not depend on the box: their people in care."""
    around = sa.select(Area.parent_id).where(Area.level == AreaLevel.GRID, view.touches(Area.boundary))
    found = counted(_in_care(around), view.actor).subquery()
    people = func.coalesce(found.c.people, 0)
    small = sa.and_(people > 0, people < view.suppress_below)
    alone = func.count().filter(small).over(partition_by=Area.parent_id) == 1
    in_order = (people < view.suppress_below, people, Area.code)
    next_one = func.row_number().over(partition_by=Area.parent_id, order_by=in_order) == 1
    beside = sa.and_(alone, next_one, people >= view.suppress_below)
    return (
        standing()
        .where(Area.level == AreaLevel.GRID, Area.parent_id.in_(around))
        .outerjoin(found, found.c.grid_id == Area.id)
        .with_only_columns(Area.id, people.label("people"), sa.or_(small, beside).label("withheld"))
    )


def _in_care(communities: Rows) -> Rows:
    """(grid, people) under a category that is not sealed, in the grids of these communities."""
    area = sa.orm.aliased(Area)
    return (
        sa.select(Household.grid_id, func.count(sa.distinct(CareRecord.resident_id)).label("people"))
        .join(Residence, Residence.household_id == Household.id)
        .join(CareRecord, CareRecord.resident_id == Residence.resident_id)
        .join(CareCategory, CareCategory.id == CareRecord.category_id)
        .join(Resident, Resident.id == CareRecord.resident_id)
        .join(area, area.id == Household.grid_id)
        .where(Household.restricted.is_(False), Resident.restricted.is_(False), area.parent_id.in_(communities))
        .where(Household.closed_at.is_(None), Residence.until.is_(None), shown_to(None))
        .group_by(Household.grid_id)
    )
