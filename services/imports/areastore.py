"""Areas in the store as an import meets them: read with their shapes, added, or brought up to date as a new version."""

import uuid
from dataclasses import dataclass
from typing import Any

import shapely

from gis.shapes import area_square_meters, label_point
from services.imports.areacodes import parent_code
from services.imports.jobs import Job
from services.models import AreaLevel, new_id

REASON = "IMPORT"


@dataclass(frozen=True, slots=True)
class StoredArea:
    """A standing area."""

    id: uuid.UUID
    level: AreaLevel
    code: str
    name: str
    name_en: str | None
    parent_id: uuid.UUID | None
    version: int
    boundary: Any


@dataclass(frozen=True, slots=True)
class NewArea:
    """An area as the file has it."""

    row: int
    level: AreaLevel
    code: str
    name: str
    name_en: str | None
    boundary: Any

    @property
    def parent_code(self) -> str | None:
        """The code of the area that it is part of; None for a district."""
        return parent_code(self.code)


def standing(job: Job) -> dict[str, StoredArea]:
    """All standing areas by code, locked against other changes until the import ends."""
    rows = job.rows(
        "SELECT id, level, code, name, name_en, parent_id, version, ST_AsBinary(boundary) FROM areas"
        " WHERE retired_at IS NULL ORDER BY code FOR UPDATE"
    )
    return {row[2]: _stored(*row) for row in rows}


def add(job: Job, area: NewArea, parent_id: uuid.UUID | None) -> uuid.UUID:
    """A new area, version 1."""
    area_id = new_id()
    job.cursor.execute(
        "INSERT INTO areas (id, level, code, name, name_en, parent_id, boundary, label_point, area_square_meters,"
        " version, valid_from) VALUES (%(id)s, %(level)s, %(code)s, %(name)s, %(name_en)s, %(parent)s,"
        " ST_GeomFromWKB(%(shape)s, 4326), ST_GeomFromWKB(%(label)s, 4326), %(size)s, 1, %(now)s)",
        {
            "id": area_id,
            "level": area.level.value,
            "code": area.code,
            "name": area.name,
            "name_en": area.name_en,
            "parent": parent_id,
            **_drawn(area.boundary),
            "now": job.now,
        },
    )
    _record_version(job, area_id)
    return area_id


def bring_up_to_date(job: Job, area: StoredArea, name: str, name_en: str | None, boundary: Any) -> None:
    """New names or a new boundary, as the next version; the one before ends now."""
    job.cursor.execute(
        "UPDATE area_versions SET valid_to = %s WHERE area_id = %s AND valid_to IS NULL", (job.now, area.id)
    )
    job.cursor.execute(
        "UPDATE areas SET name = %(name)s, name_en = %(name_en)s, boundary = ST_GeomFromWKB(%(shape)s, 4326),"
        " label_point = ST_GeomFromWKB(%(label)s, 4326), area_square_meters = %(size)s, version = version + 1,"
        " valid_from = %(now)s WHERE id = %(id)s",
        {"id": area.id, "name": name, "name_en": name_en, **_drawn(boundary), "now": job.now},
    )
    _record_version(job, area.id)


def _stored(
    area_id: uuid.UUID,
    level: str,
    code: str,
    name: str,
    name_en: str | None,
    parent_id: uuid.UUID | None,
    version: int,
    shape: bytes,
) -> StoredArea:
    boundary = shapely.from_wkb(bytes(shape))
    return StoredArea(area_id, AreaLevel(level), code, name, name_en, parent_id, version, boundary)


def _drawn(boundary: Any) -> dict[str, Any]:
    return {
        "shape": shapely.to_wkb(boundary),
        "label": shapely.to_wkb(label_point(boundary)),
        "size": area_square_meters(boundary),
    }


def _record_version(job: Job, area_id: uuid.UUID) -> None:
    job.cursor.execute(
        "INSERT INTO area_versions (id, area_id, version, code, name, parent_id, boundary, valid_from, reason)"
        " SELECT %s, id, version, code, name, parent_id, boundary, valid_from, %s FROM areas WHERE id = %s",
        (new_id(), REASON, area_id),
    )
