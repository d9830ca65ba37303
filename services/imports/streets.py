"""Streets from a street file: they replace the earlier ones as a whole, and everything is linked to them anew."""

from pathlib import Path

from gis.streetfile import read_streets
from services import streets
from services.contents import Content
from services.imports.badrows import bad_rows_path
from services.imports.crs import CrsUnknown, named_system
from services.imports.files import checked_file
from services.imports.jobs import Counts, Job


class StreetImport:
    """OSM PBF, or any line layer that GDAL reads."""

    kind = "streets"
    # services.streets.store says itself what it changed, since the same streets again change nothing.
    contents: tuple[Content, ...] = ()

    def run(self, job: Job) -> Counts:
        """Read, build the network, store; the same streets again are left as they are."""
        checked_file(job.path, job.options.limits)
        job.reporter.step("reading streets")
        seen = 0

        def progress(count: int) -> None:
            nonlocal seen
            job.reporter.advance(count - seen)
            seen = count

        found = read_streets(job.path, _layer_crs(job.options.crs), progress)
        job.notes += found.report.lines()
        before = _current_version(job)
        job.reporter.step("building the network and linking homes")
        network = streets.store(job.cursor.connection, found, job.path.name)
        if network.version == before:
            return Counts(len(found), unchanged=len(found))
        return Counts(len(found), added=len(found))

    def write_bad_rows(self, job: Job) -> Path:
        """Streets have no bad rows: what cannot be used is counted in the report."""
        return bad_rows_path(job.path)


def _layer_crs(crs: str | None) -> str | None:
    """Streets are turned by PROJ alone, which knows no GCJ-02 or BD-09."""
    system = named_system(crs) if crs else None
    if system is None:
        return crs
    names = {"WGS84": "EPSG:4326", "CGCS2000": "EPSG:4490"}
    if system.value not in names:
        raise CrsUnknown(crs, also="; streets are read in WGS84, CGCS2000 or EPSG:n")
    return names[system.value]


def _current_version(job: Job) -> str | None:
    found = job.rows("SELECT version FROM networks WHERE current")
    return str(found[0][0]) if found else None
