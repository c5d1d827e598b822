"""Rows of projects into what others see."""

from __future__ import annotations

from typing import cast

from anju.resettlement.projects.models import ProjectRecord
from anju.resettlement.projects.types import ProjectRow
from anju_rules.queue import Mode


def project_from(record: ProjectRecord) -> ProjectRow:
    """Give a project's frozen row."""
    return ProjectRow(
        id=record.id,
        code=record.code,
        name=record.name,
        division_code=record.division_code,
        mode=cast("Mode", record.mode),
        strata=tuple(record.strata),
        batch_size=record.batch_size,
        plan_text=record.plan_text,
        plan=record.plan,
        plan_digest=record.plan_digest,
        state=record.state,
        opened_at=record.opened_at,
        register_frozen_at=record.register_frozen_at,
    )
