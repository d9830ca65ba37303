"""Areas from a polygon layer: parents by code, grids that tile their community, a dated version for each change."""

import csv
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import shapely

from gis.errors import GisError
from gis.shapes import checked_shape, to_multipolygon
from services.contents import Content
from services.imports import staging
from services.imports.areacodes import LEVELS, area_code, level_of
from services.imports.areafaults import tiling_faults
from services.imports.areastore import NewArea, StoredArea, add, bring_up_to_date, standing
from services.imports.badrows import OWN_HEADINGS, bad_rows_path
from services.imports.columns import Column
from services.imports.jobs import Counts, Job
from services.imports.layers import Feature, read_features
from services.imports.problems import Problem
from services.imports.regridding import regrid
from services.imports.values import Cell, one_of, text
from services.models import AreaLevel

WORDS = {
    "区县": AreaLevel.DISTRICT,
    "街道": AreaLevel.STREET,
    "社区": AreaLevel.COMMUNITY,
    "网格": AreaLevel.GRID,
}
# The same boundary read from another file format may differ by rounding, far below a millimetre.
SAME_DEGREES = 1e-9


class AreaImport:
    """Districts, streets, communities and grids by their code (编号)."""

    kind = "areas"
    contents = (Content.AREAS, Content.HOMES)
    columns = (
        Column("level", "层级", one_of(AreaLevel, WORDS), "GRID"),
        Column("code", "编号", area_code, "529901001001001", required=True, also=("代码", "区划代码", "网格编号")),
        Column("name", "名称", text(80), "桂花第一网格", required=True, also=("区域名称", "网格名称")),
        Column("name_en", "英文名", text(120), "Guihua Grid 1"),
    )

    def run(self, job: Job) -> Counts:
        """Read, check and store; homes and points follow the new boundaries."""
        job.reporter.step("reading")
        features = read_features(job, self.columns)
        staging.create(job.cursor, {})
        self.features = features
        stored = standing(job)
        good = _without_orphans(job, _unrepeated(job, _read(job, features)), stored)
        job.reporter.step("checking borders")
        good = tiling_faults(job, good, stored)
        staging.copy_problems(job.cursor, job.problems)
        bad = staging.bad_count(job.cursor)
        if bad and not job.options.skip_bad:
            return Counts(len(features), bad=bad)
        added, changed = _store(job, good, stored)
        return Counts(len(features), added, changed, len(good) - added - changed, bad)

    def write_bad_rows(self, job: Job) -> Path:
        """The features that were refused, with their attributes."""
        by_number = {feature.number: feature for feature in self.features}
        target = bad_rows_path(job.path)
        with target.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*OWN_HEADINGS, *(column.name for column in self.columns)])
            for problem in sorted(job.problems, key=lambda problem: problem.row):
                values = _attributes(by_number[problem.row])
                own = (problem.row, problem.column, problem.code, problem.reason)
                writer.writerow([*own, *(values.get(column.name, "") for column in self.columns)])
        return target


def _attributes(feature: Feature) -> dict[str, Cell]:
    return {column.name: feature.cells[at] for at, column in feature.layout.columns}


def _read(job: Job, features: Iterable[Feature]) -> list[NewArea]:
    found = []
    for feature in features:
        values, problems = feature.layout.read(feature.number, feature.cells)
        job.problems += problems
        if problems:
            continue
        area, problem = _area(feature, values)
        if problem is not None:
            job.problems.append(problem)
        elif area is not None:
            found.append(area)
    return found


def _area(feature: Feature, values: dict[str, Any]) -> tuple[NewArea | None, Problem | None]:
    code = values["code"]
    level = level_of(code)
    if values.get("level") not in (None, level.value):
        reason = f"The code {code} is that of a {level.value}, the level says {values['level']}. Mend one of them."
        return None, Problem(feature.number, "level", "LEVEL_UNFIT", reason)
    try:
        shape = checked_shape(feature.shape)
    except GisError as error:
        return None, Problem(feature.number, "boundary", error.code, str(error))
    if shape.geom_type not in ("Polygon", "MultiPolygon"):
        return None, Problem(feature.number, "boundary", "NOT_A_POLYGON", "The shape is no polygon. Draw its outline.")
    boundary = shapely.orient_polygons(to_multipolygon(shape))
    return NewArea(feature.number, level, code, values["name"], values.get("name_en"), boundary), None


def _unrepeated(job: Job, areas: Iterable[NewArea]) -> list[NewArea]:
    first: dict[str, NewArea] = {}
    for area in areas:
        if area.code in first:
            reason = f"The code {area.code} stands in feature {first[area.code].row} too. Drop one of them."
            job.problems.append(Problem(area.row, "code", "DUPLICATE_IN_FILE", reason))
        else:
            first[area.code] = area
    return list(first.values())


def _without_orphans(job: Job, areas: list[NewArea], stored: dict[str, StoredArea]) -> list[NewArea]:
    """Those whose parent is in the file or in the store, upper levels first."""
    known = set(stored)
    found = []
    for area in sorted(areas, key=lambda area: (LEVELS.index(area.level), area.code)):
        if area.parent_code is not None and area.parent_code not in known:
            reason = f"Its parent {area.parent_code} is neither in the file nor in the store. Add it."
            job.problems.append(Problem(area.row, "code", "PARENT_MISSING", reason))
            continue
        known.add(area.code)
        found.append(area)
    return found


def _store(job: Job, areas: list[NewArea], stored: dict[str, StoredArea]) -> tuple[int, int]:
    ids: dict[str, uuid.UUID] = {code: area.id for code, area in stored.items()}
    added = changed = 0
    redrawn = False
    for area in areas:
        parent_id = ids[area.parent_code] if area.parent_code else None
        before = stored.get(area.code)
        if before is None:
            ids[area.code] = add(job, area, parent_id)
            added, redrawn = added + 1, True
            continue
        same_shape = bool(shapely.equals_exact(before.boundary, area.boundary, SAME_DEGREES, normalize=True))
        name_en = area.name_en if area.name_en is not None else before.name_en
        if same_shape and (area.name, name_en) == (before.name, before.name_en):
            continue
        bring_up_to_date(job, before, area.name, name_en, before.boundary if same_shape else area.boundary)
        changed, redrawn = changed + 1, redrawn or not same_shape
    if redrawn:
        regrid(job)
    return added, changed
