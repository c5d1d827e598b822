"""Which clauses a project's open cases rest on: those of their procedures and of their acts."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connections

from anju.foundation.casework.models import CaseRecord, ProcedureRecord
from anju_rules.statutes.citations import cited_clauses


@dataclass(frozen=True, slots=True, kw_only=True)
class Citations:
    """What the open cases of a project rest on."""

    procedures: frozenset[str]
    clauses: frozenset[str]


def citations_of(*, project_id: UUID) -> Citations:
    """Give the procedures of a project's open cases, and every clause they cite.

    Call it while reading or writing: cases out of sight cite nothing.
    """
    open_cases = CaseRecord.objects.filter(project_id=project_id, first_task__isnull=False)
    used = open_cases.values_list("procedure_id", flat=True).distinct()
    procedures = list(ProcedureRecord.objects.filter(id__in=used))
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT clause FROM casework_action a"
            " JOIN casework_case c ON (c.project_id, c.id) = (a.project_id, a.case_id),"
            " jsonb_array_elements_text(a.clauses) AS clause"
            " WHERE c.project_id = %s AND c.first_task IS NOT NULL",
            [project_id],
        )
        acted = {str(clause) for (clause,) in cursor.fetchall()}
    return Citations(
        procedures=frozenset(one.code for one in procedures),
        clauses=frozenset(acted.union(*(cited_clauses(one.definition) for one in procedures))),
    )
