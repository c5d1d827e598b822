"""Reading an upload: the same plan, the same readers, the same faults as the command line.

Nothing is decided here but which reader reads what.
"""

from __future__ import annotations

from uuid import UUID

from anju.foundation.exchange.faults import Fault
from anju.foundation.exchange.types import ImportKind, ImportRow
from anju.resettlement.households.choosing_tables import WishTable, read_wishes
from anju.resettlement.households.queries import household_numbers
from anju.resettlement.households.tables import HouseholdTable
from anju.resettlement.intake.types import ReadUpload, Table
from anju.resettlement.inventory.queries import unit_numbers
from anju.resettlement.inventory.tables import UnitTable
from anju.resettlement.offline.plan import (
    PlanFaults,
    PlanTerms,
    read_plan_terms,
    read_register,
    read_unit_table,
)
from anju.resettlement.offline.plan_text import parse_plan_text
from anju.resettlement.projects.queries import project_by_id


def read_terms(plan_text: str) -> PlanTerms:
    """Read a plan's text; raises :class:`PlanFaults` with all of its faults."""
    told = parse_plan_text(plan_text.encode())
    if isinstance(told, Fault):
        raise PlanFaults([told])
    terms = read_plan_terms(told)
    if terms.faults:
        raise PlanFaults(terms.faults)
    return terms


def terms_of(*, project_id: UUID) -> PlanTerms:
    """Give the terms of a project: what its plan says of tables, facts, rules and draw."""
    return read_terms(project_by_id(project_id=project_id).plan_text)


def read_upload(row: ImportRow, data: bytes) -> ReadUpload:
    """Read the file of an import; its faults name the file as the clerk does."""
    terms = terms_of(project_id=row.project_id)
    if row.kind not in terms.tables:
        fault = Fault(file=row.file_name, rule="intake.table-not-in-plan", value=row.kind)
        return ReadUpload(table=_EMPTY[row.kind], terms=terms, rows_total=0, faults=(fault,))
    terms = terms.with_table(row.kind, data=data, shown_as=row.file_name)
    table: Table
    if row.kind == "units":
        table = read_unit_table(terms)
        rows_total = len(table.homes)
    elif row.kind == "households":
        table = read_register(terms)
        rows_total = len(table.households)
    else:
        at = terms.tables["wishes"]
        table = read_wishes(
            at.source,
            layout=at.layout,
            homes=unit_numbers(project_id=row.project_id),
            households=household_numbers(project_id=row.project_id),
            file=at.shown,
        )
        rows_total = table.rows_total
    return ReadUpload(table=table, terms=terms, rows_total=rows_total, faults=table.faults)


_EMPTY: dict[ImportKind, Table] = {
    "units": UnitTable(),
    "households": HouseholdTable(),
    "wishes": WishTable(),
}
