"""Street links for what was brought in: whatever has none yet for the current network gets one, batch by batch."""

from gis.network import StreetNetwork
from services import links, networks
from services.imports.jobs import Job

PLACES = {
    "households": "SELECT t.id, ST_X(t.location), ST_Y(t.location) FROM households t WHERE t.closed_at IS NULL",
    "workers": "SELECT t.id, ST_X(t.post), ST_Y(t.post) FROM workers t WHERE t.disabled_at IS NULL",
    "service_points": "SELECT t.id, ST_X(t.location), ST_Y(t.location) FROM service_points t WHERE true",
}


def link_missing(job: Job, table: str) -> None:
    """Link the rows of `table` that have no link; before any streets are imported there is nothing to link to."""
    network = current_network(job)
    if network is None:
        return
    job.reporter.step("linking to streets")
    unlinked = f"{PLACES[table]} AND NOT EXISTS (SELECT FROM street_links l WHERE l.owner_id = t.id)"
    job.cursor.execute(f"DECLARE unlinked NO SCROLL CURSOR FOR {unlinked}")
    while places := job.rows(f"FETCH {job.options.rows_at_a_time} FROM unlinked"):
        links.copy_links(job.cursor.connection, network, [(row[0], row[1], row[2]) for row in places])
        job.reporter.advance(len(places))
    job.cursor.execute("CLOSE unlinked")


def unlink(job: Job, source: str) -> None:
    """Forget the links of what moved; `source` gives id."""
    job.cursor.execute(f"DELETE FROM street_links WHERE owner_id IN (SELECT id FROM {source})")


def current_network(job: Job) -> StreetNetwork | None:
    """The network in use, from this machine's copy of its file if there is one; None before any streets."""
    found = job.rows("SELECT version FROM networks WHERE current")
    if not found:
        return None
    version = str(found[0][0])
    if networks.CURRENT.has(version):
        return networks.CURRENT.open(version, None)
    content = job.rows("SELECT content FROM networks WHERE version = %s", (version,))[0][0]
    return networks.CURRENT.open(version, bytes(content))
