"""The kinds of files that can be imported, by the word that the command takes."""

from collections.abc import Callable

from services.imports.areas import AreaImport
from services.imports.care import CareImport
from services.imports.households import HouseholdImport
from services.imports.organisations import OrganisationImport
from services.imports.residents import ResidentImport
from services.imports.runs import Import
from services.imports.service_points import ServicePointImport
from services.imports.streets import StreetImport
from services.imports.tables import TableImport
from services.imports.terminals import TerminalImport
from services.imports.workers import WorkerImport

TABLES: tuple[type[TableImport], ...] = (
    HouseholdImport,
    ResidentImport,
    WorkerImport,
    CareImport,
    TerminalImport,
    ServicePointImport,
    OrganisationImport,
)
KINDS: dict[str, Callable[[], Import]] = {StreetImport.kind: StreetImport, AreaImport.kind: AreaImport}
KINDS.update((kind.kind, kind) for kind in TABLES)
