"""Applications that meet: under blind indexes, in every project of the city, telling no name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.db import connections

from anju.foundation.access.operations import on_erasure
from anju.foundation.core.crypto import new_id
from anju.foundation.core.sealing import blind_index
from anju.resettlement.eligibility.models import MarkRecord
from anju.resettlement.eligibility.types import MeetingRow
from anju.resettlement.households.queries import identity_indexes
from anju_rules.applications import Applicant, Standing, find_repeats
from anju_rules.eligibility.sheet import Statement
from anju_rules.eligibility.texts import normal_text

HOLDER, PERSON, DWELLING, REGISTER = "holder", "person", "dwelling", "register"


def identity_index(number: str) -> bytes:
    """Give the index of an identity number: the same in every register of the platform."""
    return blind_index(kind="identity-number", text=number)


def lay_holder_marks(*, project_id: UUID, household_ids: Sequence[UUID]) -> None:
    """Mark applications by whom the project's own register names; those marked stay as they are.

    Inside the caller's operation.
    """
    marked = set(
        MarkRecord.objects.filter(project_id=project_id, kind=HOLDER).values_list(
            "household_id", flat=True
        )
    )
    indexes = identity_indexes(project_id=project_id, household_ids=household_ids)
    MarkRecord.objects.bulk_create(
        MarkRecord(
            project_id=project_id,
            id=new_id(),
            household_id=household_id,
            kind=HOLDER,
            index=index,
        )
        for household_id, index in indexes.items()
        if household_id not in marked
    )


def mark_statement(*, project_id: UUID, household_id: UUID, statement: Statement) -> None:
    """Mark an application by what its household states, in place of what it stated before."""
    holder = [identity_index(statement.holder)] if statement.holder else []
    dwelling = normal_text(statement.certificate)
    fresh = {
        HOLDER: holder or list(_registered(project_id, household_id)),
        PERSON: [identity_index(number) for number in statement.people],
        DWELLING: [blind_index(kind="title-number", text=dwelling)] if dwelling else [],
    }
    _replace(project_id, household_id, fresh)


def mark_register(*, project_id: UUID, household_id: UUID, register: str) -> None:
    """Mark an application by the household register in which its people stand."""
    text = normal_text(register)
    found = [blind_index(kind="household-register", text=text)] if text else []
    _replace(project_id, household_id, {REGISTER: found})


def meetings_of(*, project_id: UUID, household_id: UUID) -> tuple[MeetingRow, ...]:
    """Give the living applications of the city that meet this one, and how (P5)."""
    own = _applicant("", _own_marks(project_id, household_id), Standing.OPEN)
    found: dict[tuple[UUID, UUID], list[tuple[str, bytes]]] = defaultdict(list)
    standings: dict[str, Standing] = {}
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT * FROM eligibility_meets(%s, %s)", [project_id, household_id])
        for other_project, other_household, kind, index, standing in cursor.fetchall():
            found[other_project, other_household].append((kind, bytes(index)))
            standings[f"{other_project}/{other_household}"] = Standing(standing)
    places = {f"{where[0]}/{where[1]}": where for where in found}
    others = [_applicant(key, found[where], standings[key]) for key, where in places.items()]
    return tuple(
        MeetingRow(
            project_id=places[meeting.other][0],
            household_id=places[meeting.other][1],
            repeat=meeting.repeat,
            standing=standings[meeting.other],
        )
        for meeting in find_repeats(own, others)
    )


@on_erasure
def forget_marks(household_id: UUID) -> None:
    """Take the marks of an erased household away: they cover its people's numbers."""
    MarkRecord.objects.filter(household_id=household_id).delete()


def _registered(project_id: UUID, household_id: UUID) -> Sequence[bytes]:
    return list(identity_indexes(project_id=project_id, household_ids=[household_id]).values())


def _own_marks(project_id: UUID, household_id: UUID) -> list[tuple[str, bytes]]:
    kept = MarkRecord.objects.filter(project_id=project_id, household_id=household_id)
    return [(kind, bytes(index)) for kind, index in kept.values_list("kind", "index")]


def _replace(project_id: UUID, household_id: UUID, fresh: dict[str, list[bytes]]) -> None:
    MarkRecord.objects.filter(
        project_id=project_id, household_id=household_id, kind__in=list(fresh)
    ).delete()
    MarkRecord.objects.bulk_create(
        MarkRecord(
            project_id=project_id, id=new_id(), household_id=household_id, kind=kind, index=index
        )
        for kind, indexes in fresh.items()
        for index in indexes
    )


def _applicant(key: str, marks: Sequence[tuple[str, bytes]], standing: Standing) -> Applicant:
    of = {kind: [index.hex() for found, index in marks if found == kind] for kind, _ in marks}
    return Applicant(
        key=key,
        holder=next(iter(of.get(HOLDER, [])), ""),
        people=frozenset(of.get(PERSON, [])),
        dwelling=next(iter(of.get(DWELLING, [])), ""),
        register=next(iter(of.get(REGISTER, [])), ""),
        standing=standing,
    )
