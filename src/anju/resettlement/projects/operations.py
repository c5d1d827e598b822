"""Writes of projects: steps of others' operations, each inside their transaction.

Opening a project reads its whole plan, tables and all, so the operation itself is
:func:`anju.resettlement.intake.operations.open_project`.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connections

from anju.foundation.core.crypto import new_id
from anju.resettlement.projects.mapping import project_from
from anju.resettlement.projects.models import ProjectRecord
from anju.resettlement.projects.types import ProjectRow, ProjectTerms
from anju_rules.hashing import digest
from anju_rules.values import Refusal


def store_project(*, terms: ProjectTerms, at: datetime) -> ProjectRow:
    """Store a new project; refuses with ``projects.code-taken``."""
    if ProjectRecord.objects.filter(code=terms.code).exists():
        raise Refusal("projects.code-taken", project=terms.code)
    record = ProjectRecord(
        id=new_id(),
        code=terms.code,
        name=terms.name,
        division_code=terms.division_code,
        mode=terms.mode,
        strata=list(terms.strata),
        batch_size=terms.batch_size,
        plan_text=terms.plan_text,
        plan=terms.plan,
        plan_digest=digest(terms.plan_text.encode()).hex(),
        state="open",
        opened_at=at,
    )
    record.save(force_insert=True)
    return project_from(record)


def freeze_register(*, project_id: UUID, at: datetime) -> bool:
    """Freeze the register of households: a draw rests on it from now on.

    Afterwards no import adds or changes a household and nothing is scored again. Gives whether it
    was open until now; refuses with ``projects.unknown-project``.
    """
    lock_register(project_id=project_id)
    found = ProjectRecord.objects.filter(id=project_id)
    frozen = found.filter(state="open").update(state="frozen", register_frozen_at=at)
    if not frozen and not found.exists():
        raise Refusal("projects.unknown-project", project=project_id)
    return bool(frozen)


def lock_register(*, project_id: UUID) -> None:
    """Let no other import, scoring or freeze of this project run until the transaction ends."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"anju.register:{project_id}"],
        )
