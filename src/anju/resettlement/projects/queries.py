"""Reads of projects: they hold no personal data and need no context."""

from __future__ import annotations

from uuid import UUID

from anju.resettlement.projects.mapping import project_from
from anju.resettlement.projects.models import ProjectRecord
from anju.resettlement.projects.types import ProjectRow
from anju_rules.values import Refusal


def list_projects() -> list[ProjectRow]:
    """Give every project, by code."""
    return [project_from(record) for record in ProjectRecord.objects.order_by("code")]


def find_project(*, code: str) -> ProjectRow | None:
    """Give the project with this code, if there is one."""
    record = ProjectRecord.objects.filter(code=code).first()
    return None if record is None else project_from(record)


def find_project_id(*, code: str) -> UUID | None:
    """Give the id of the project with this code, if there is one."""
    return next(iter(ProjectRecord.objects.filter(code=code).values_list("id", flat=True)), None)


def project_name(*, project_id: UUID) -> str:
    """Give a project's name; refuses with ``projects.unknown-project``."""
    found = ProjectRecord.objects.filter(id=project_id).values_list("name", flat=True)
    for name in found:
        return str(name)
    raise Refusal("projects.unknown-project", project=project_id)


def project_by_code(*, code: str) -> ProjectRow:
    """Give the project with this code; refuses with ``projects.unknown-project``."""
    found = find_project(code=code)
    if found is None:
        raise Refusal("projects.unknown-project", project=code)
    return found


def project_by_id(*, project_id: UUID) -> ProjectRow:
    """Give the project; refuses with ``projects.unknown-project``."""
    record = ProjectRecord.objects.filter(id=project_id).first()
    if record is None:
        raise Refusal("projects.unknown-project", project=project_id)
    return project_from(record)
