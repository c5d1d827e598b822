"""Clerks' tables into a file: whole or not at all, and only what differs.

The table is read before the transaction begins, so that no lock is held while a spreadsheet is
parsed; what the file forbids is asked again inside it.
"""

from __future__ import annotations

from datetime import datetime
from typing import cast
from uuid import UUID

from anju.foundation.access.context import reading
from anju.foundation.access.operations import operation, record
from anju.foundation.access.permissions import require_permission
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import city_time
from anju.foundation.core.crypto import new_id
from anju.foundation.exchange.bulk import BulkColumn, update_rows
from anju.foundation.exchange.faults import Fault
from anju.foundation.exchange.types import ImportCounts
from anju.titles.communities.comparing import (
    ChangedHome,
    Compared,
    compare_homes,
    compare_survey,
)
from anju.titles.communities.models import HomeRecord, SurveyRecord
from anju.titles.communities.operations.file import lock_community
from anju.titles.communities.operations.homes import lay_homes
from anju.titles.communities.operations.owners import ToldOwners, settle_owners
from anju.titles.communities.queries import community_by_id
from anju.titles.communities.tables import (
    HomesTable,
    SurveyTable,
    read_homes_table,
    read_survey_table,
)
from anju.titles.communities.types import (
    NewHome,
    NewSurvey,
    TableHome,
    TableReport,
    TitleState,
    Use,
)
from anju_rules.hashing import digest
from anju_rules.values import AreaSqm, Fen, Refusal

_KEEPS = "communities.keep"
_COLUMNS = (
    BulkColumn("project_id", "uuid"),
    BulkColumn("id", "uuid"),
    BulkColumn("use", "varchar"),
    BulkColumn("floor", "integer"),
    BulkColumn("unit_code", "varchar"),
    BulkColumn("contracted_sqm", "numeric"),
    BulkColumn("registered_sqm", "numeric"),
    BulkColumn("price_fen_per_sqm", "bigint"),
    BulkColumn("title_state", "varchar"),
    BulkColumn("household_id", "uuid"),
)


class _TableRefused(Exception):
    """What the file forbids, found inside the transaction, which is rolled back."""

    def __init__(self, compared: Compared) -> None:
        super().__init__(len(compared.faults))
        self.compared = compared


def import_homes(
    *, project_id: UUID, data: bytes, file_name: str, is_dry_run: bool, by: Actor, at: datetime
) -> TableReport:
    """Read a clerk's table of homes into the file, whole or not at all; a dry run only tells.

    What is wrong with the table is no refusal: it stands in the answer's ``faults``, each with
    row, column and rule. Refuses with ``communities.unknown-community`` and ``access.*``.
    """
    parcel = _parcel_of(project_id, by=by)
    table = read_homes_table(data, parcel=parcel, file=file_name)
    if table.faults:
        return _faulty(file_name, table.rows_total, table.faults, is_dry_run=is_dry_run)
    if is_dry_run:
        with reading(by=by):
            compared = _compare_homes(project_id, table, file_name)
        return _report(compared, file=file_name, is_dry_run=True)
    try:
        compared = store_homes(
            project_id=project_id,
            table=table,
            file=file_name,
            table_digest=digest(data).hex(),
            by=by,
            at=at,
        )
    except _TableRefused as refused:
        compared = refused.compared
    return _report(compared, file=file_name, is_dry_run=False)


def import_survey(
    *,
    project_id: UUID,
    survey: NewSurvey,
    data: bytes,
    file_name: str,
    is_dry_run: bool,
    by: Actor,
    at: datetime,
) -> TableReport:
    """Take a survey's areas over into the file, as :func:`import_homes` does.

    Refuses also with ``communities.survey-unclear``: nobody who surveyed, or a day to come.
    """
    parcel = _parcel_of(project_id, by=by)
    if not survey.surveyor.strip() or survey.surveyed_on > city_time(at).date():
        raise Refusal("communities.survey-unclear")
    table = read_survey_table(data, parcel=parcel, file=file_name)
    if table.faults:
        return _faulty(file_name, table.rows_total, table.faults, is_dry_run=is_dry_run)
    if is_dry_run:
        with reading(by=by):
            compared = _compare_survey(project_id, table, file_name)
        return _report(compared, file=file_name, is_dry_run=True)
    try:
        compared = note_survey(
            project_id=project_id,
            survey=survey,
            table=table,
            file=file_name,
            table_digest=digest(data).hex(),
            by=by,
            at=at,
        )
    except _TableRefused as refused:
        compared = refused.compared
    return _report(compared, file=file_name, is_dry_run=False)


@operation(
    permits=_KEEPS,
    action="communities.homes.imported",
    clauses=("registration-rules/8", "registration-rules/24"),
)
def store_homes(
    *,
    project_id: UUID,
    table: HomesTable,
    file: str,
    table_digest: str,
    by: Actor,
    at: datetime,
) -> Compared:
    """Store what a table of homes adds and changes; with one fault it stores nothing."""
    del by, at
    lock_community(project_id)
    compared = _compare_homes(project_id, table, file)
    if compared.faults:
        raise _TableRefused(compared)
    lay_homes(project_id=project_id, homes=[_new_home(home) for home in compared.added])
    _write_changed(project_id, compared.changed)
    record(target=project_id, project_id=project_id, body=_body(compared, table_digest))
    return compared


@operation(
    permits=_KEEPS,
    action="communities.survey.noted",
    clauses=("registration-rules/8",),
)
def note_survey(
    *,
    project_id: UUID,
    survey: NewSurvey,
    table: SurveyTable,
    file: str,
    table_digest: str,
    by: Actor,
    at: datetime,
) -> Compared:
    """Store what a survey says of the homes; the same table twice is one survey."""
    lock_community(project_id)
    compared = _compare_survey(project_id, table, file)
    if compared.faults:
        raise _TableRefused(compared)
    _write_changed(project_id, compared.changed)
    told = {"surveyed_on": survey.surveyed_on, "surveyor": survey.surveyor.strip()}
    known = SurveyRecord.objects.filter(project_id=project_id, digest=table_digest, **told)
    if not known.exists():
        SurveyRecord(
            project_id=project_id,
            id=new_id(),
            **told,
            homes=len(table.homes),
            digest=table_digest,
            by=by.id,
            at=at,
        ).save(force_insert=True)
    body = _body(compared, table_digest) | {
        "surveyed_on": survey.surveyed_on.isoformat(),
        "surveyor": survey.surveyor.strip(),
    }
    record(target=project_id, project_id=project_id, body=body)
    return compared


def _parcel_of(project_id: UUID, *, by: Actor) -> str:
    require_permission(by, _KEEPS)
    if not by.sees_project(project_id):
        raise Refusal("access.not-found")
    with reading(by=by):
        return community_by_id(community_id=project_id).terms.parcel


def _compare_homes(project_id: UUID, table: HomesTable, file: str) -> Compared:
    return compare_homes(
        project_id=project_id, homes=table.homes, rows_total=table.rows_total, file=file
    )


def _compare_survey(project_id: UUID, table: SurveyTable, file: str) -> Compared:
    return compare_survey(
        project_id=project_id, homes=table.homes, rows_total=table.rows_total, file=file
    )


def _new_home(home: TableHome) -> NewHome:
    return NewHome(
        building=home.building,
        number=home.number,
        use=cast("Use", home.use or "home"),
        floor=home.floor,
        unit_code=home.unit_code,
        contracted_sqm=None if home.contracted_sqm is None else AreaSqm(home.contracted_sqm),
        price_fen_per_sqm=None if home.price_fen_per_sqm is None else Fen(home.price_fen_per_sqm),
        title_state=cast("TitleState", home.title_state or "none"),
        people=home.people,
    )


def _write_changed(project_id: UUID, changed: tuple[ChangedHome, ...]) -> None:
    retold = [one for one in changed if one.people]
    households = settle_owners(
        project_id=project_id,
        told=[
            ToldOwners(
                number=one.record.number,
                people=one.people,
                household_id=one.record.household_id if one.keeps_household else None,
            )
            for one in retold
        ],
    )
    owners = {
        one.record.id: household_id for one, household_id in zip(retold, households, strict=True)
    }
    # Two homes may swap their codes: none may stand at two homes even for a moment.
    moved = [one.record.id for one in changed if one.record.unit_code and "unit_code" in one.values]
    HomeRecord.objects.filter(project_id=project_id, id__in=moved).update(unit_code="")
    rows = []
    for one in changed:
        values = {
            **{column.name: getattr(one.record, column.name) for column in _COLUMNS},
            **one.values,
            **({"household_id": owners[one.record.id]} if one.record.id in owners else {}),
        }
        rows.append([values[column.name] for column in _COLUMNS])
    update_rows("communities_home", _COLUMNS, rows, keys=("project_id", "id"))


def _body(compared: Compared, table_digest: str) -> dict[str, object]:
    return {
        "digest": table_digest,
        "added": compared.counts.added,
        "changed": compared.counts.changed,
        "unchanged": compared.counts.unchanged,
        "homes": [
            [one.number, {name: list(told) for name, told in one.terms.items()}]
            for one in compared.changes
        ],
    }


def _faulty(
    file: str, rows_total: int, faults: tuple[Fault, ...], *, is_dry_run: bool
) -> TableReport:
    counts = ImportCounts(rows_total=rows_total)
    return TableReport(file=file, is_dry_run=is_dry_run, counts=counts, faults=faults)


def _report(compared: Compared, *, file: str, is_dry_run: bool) -> TableReport:
    if compared.faults:
        rows_total = compared.counts.rows_total
        return _faulty(file, rows_total, compared.faults, is_dry_run=is_dry_run)
    return TableReport(
        file=file, is_dry_run=is_dry_run, counts=compared.counts, changes=compared.changes
    )
