"""Do the grids still tile their community once the file is in: each fault with its place and size."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from gis.shapes import label_point, to_geojson
from gis.tiling import Violation, ViolationKind, check_tiling
from services.imports.areastore import NewArea, StoredArea
from services.imports.jobs import Job
from services.imports.problems import Problem
from services.models import AreaLevel

SENTENCES = {
    ViolationKind.OVERLAP: "The grids {codes} overlap by {size} m² near {place}. Draw their border once.",
    ViolationKind.GAP: "Between the grids {codes} {size} m² belong to none, near {place}. Close the gap.",
    ViolationKind.OUTSIDE: "The grid {codes} reaches {size} m² out of its community near {place}. Mend its border.",
    ViolationKind.INVALID: "The grid {codes} is no valid polygon. Draw it again.",
    ViolationKind.NOT_CLOSED: "The border of the grid {codes} is not closed. Close it.",
}


def tiling_faults(job: Job, areas: list[NewArea], stored: Mapping[str, StoredArea]) -> list[NewArea]:
    """The areas whose communities are tiled once all are stored; the faults of the others become problems.

    Of a community with a fault no area is taken, since each border is that of two grids.
    """
    shapes = {code: area.boundary for code, area in stored.items()} | {area.code: area.boundary for area in areas}
    in_file: dict[str, list[NewArea]] = defaultdict(list)
    for area in areas:
        if area.level in (AreaLevel.COMMUNITY, AreaLevel.GRID):
            in_file[area.code[:12]].append(area)
    broken: set[str] = set()
    for community, members in sorted(in_file.items()):
        job.reporter.advance(len(members))
        for fault in _faults(community, shapes):
            broken.add(community)
            job.problems += _problems(fault, members)
        if community in broken and job.options.skip_bad:
            job.problems += _left_out(members, {problem.row for problem in job.problems})
    return [area for area in areas if area.code[:12] not in broken]


def _left_out(members: Iterable[NewArea], faulty: Collection[int]) -> list[Problem]:
    reason = "Left out, since the grids of its community do not tile it. Mend those first."
    return [Problem(a.row, "boundary", "COMMUNITY_NOT_TILED", reason) for a in members if a.row not in faulty]


def _faults(community: str, shapes: Mapping[str, Any]) -> list[Violation]:
    grids = {code: shape for code, shape in shapes.items() if len(code) == 15 and code.startswith(community)}
    return check_tiling(shapes[community], grids) if grids else []


def _problems(fault: Violation, members: Iterable[NewArea]) -> list[Problem]:
    """One for each grid of the file that has part in the fault; for the whole community when none has."""
    everyone = list(members)
    concerned = [area for area in everyone if area.code in fault.codes] or everyone[:1]
    place = label_point(fault.area) if fault.square_meters else None
    sentence = SENTENCES[fault.kind].format(
        codes=" and ".join(fault.codes),
        size=f"{fault.square_meters:.1f}",
        place=f"{place.x:.6f}, {place.y:.6f}" if place else "",
    )
    shape = to_geojson(fault.area)
    return [Problem(area.row, "boundary", f"GRIDS_{fault.kind.value}", sentence, shape) for area in concerned]
