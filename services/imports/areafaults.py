"""Do the areas still fit together once the file is in: each fault with its place and size.

Grids must tile their community. Of the upper levels a file may hold only a part, so gaps between them are no fault.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from gis.shapes import label_point, to_geojson
from gis.tiling import Violation, ViolationKind, check_tiling
from services.imports.areacodes import is_within, level_of, parent_code
from services.imports.areastore import NewArea, StoredArea
from services.imports.jobs import Job
from services.imports.problems import Problem
from services.models import AreaLevel

SENTENCES = {
    ViolationKind.OVERLAP: "The areas {codes} overlap by {size} m² near {place}. Draw their border once.",
    ViolationKind.GAP: "Between the grids {codes} {size} m² belong to none, near {place}. Close the gap.",
    ViolationKind.OUTSIDE: "The area {codes} reaches {size} m² out of its parent near {place}. Mend its border.",
    ViolationKind.INVALID: "The area {codes} is no valid polygon. Draw it again.",
    ViolationKind.NOT_CLOSED: "The border of the area {codes} is not closed. Close it.",
}


def tiling_faults(job: Job, areas: list[NewArea], stored: Mapping[str, StoredArea]) -> list[NewArea]:
    """The areas that fit together once all are stored; the faults of the others become problems.

    Where the parts of an area do not fit, nothing within it is taken, since each border is that of two.
    """
    shapes = {code: area.boundary for code, area in stored.items()} | {area.code: area.boundary for area in areas}
    parts: dict[str, dict[str, Any]] = {}
    for code, shape in shapes.items():
        parts.setdefault(parent_code(code) or "", {})[code] = shape
    broken = []
    for parent in sorted({code for area in areas for code in (area.code, area.parent_code) if code in parts}):
        faults = _faults(parent, shapes[parent], parts[parent])
        members = [area for area in areas if is_within(area.code, parent)]
        job.problems += [problem for fault in faults for problem in _problems(fault, members)]
        broken += [parent] if faults else []
    unfit = {area.code for area in areas if any(is_within(area.code, parent) for parent in broken)}
    if job.options.skip_bad:
        faulty = {problem.row for problem in job.problems}
        job.problems += _left_out((area for area in areas if area.code in unfit), faulty)
    return [area for area in areas if area.code not in unfit]


def _faults(parent: str, outline: Any, parts: Mapping[str, Any]) -> list[Violation]:
    whole = level_of(parent) is AreaLevel.COMMUNITY
    return [fault for fault in check_tiling(outline, parts) if whole or fault.kind is not ViolationKind.GAP]


def _left_out(areas: Iterable[NewArea], faulty: Collection[int]) -> list[Problem]:
    reason = "Left out, since its neighbours do not fit together. Mend those first."
    return [Problem(area.row, "boundary", "NEIGHBOURS_UNFIT", reason) for area in areas if area.row not in faulty]


def _problems(fault: Violation, members: list[NewArea]) -> list[Problem]:
    """One for each area of the file that has part in the fault; for the whole when none has."""
    concerned = [area for area in members if area.code in fault.codes] or members[:1]
    place = label_point(fault.area) if fault.square_meters else None
    sentence = SENTENCES[fault.kind].format(
        codes=" and ".join(fault.codes),
        size=f"{fault.square_meters:.1f}",
        place=f"{place.x:.6f}, {place.y:.6f}" if place else "",
    )
    shape = to_geojson(fault.area)
    code = ("GRIDS_" if level_of(fault.codes[0]) is AreaLevel.GRID else "AREAS_") + fault.kind.value
    return [Problem(area.row, "boundary", code, sentence, shape) for area in concerned]
