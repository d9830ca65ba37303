"""Open matters on the map: where, of which kind, how late; as the board has them, row by row."""

import sqlalchemy as sa
from sqlalchemy import func

from services.cases import boards, rights
from services.layer_rows import Rows, View
from services.models.cases import Case, is_open


def open_cases(view: View) -> Rows:
    """Open cases with a place that the viewer may see. A sealed one has none: a place tells who it is.

    Whether one is late is asked of the store's clock, since the statement is kept for other tiles.
    """
    told = (Case.feature_id, Case.location.label("geom"), Case.id, Case.number, Case.kind, Case.subject, Case.state)
    late = boards.overdue(func.now()).label("late")
    return rights.visible_cases(sa.select(*told, late).where(is_open(), view.touches(Case.location)), view.actor)
