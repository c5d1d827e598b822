"""Endpoints of projects: opening one, freezing its rules, scoring its households."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status

from anju.api.permits import actor_of, asks, project_in_sight
from anju.api.schemas import Done, ProjectCode, ProjectIn, ProjectOut, Refused
from anju.foundation.core.clock import read_clock
from anju.foundation.policies.operations import freeze_rule_set
from anju.resettlement.intake.operations import open_project
from anju.resettlement.projects.queries import list_projects
from anju.resettlement.scoring.operations import score_project

router = Router(tags=["projects"])
_REFUSED = {401: Refused, 404: Refused, 409: Refused, 422: Refused}


@router.get("", response={200: list[ProjectOut], **_REFUSED})
@asks("projects.see")
def list_in_sight(request: HttpRequest) -> list[ProjectOut]:
    """Give the projects in sight."""
    by = actor_of(request)
    return [
        ProjectOut.from_orm(project) for project in list_projects() if by.sees_project(project.id)
    ]


@router.post("", response={201: ProjectOut, **_REFUSED})
@asks("projects.open")
def open_one(request: HttpRequest, project: ProjectIn) -> Status[ProjectOut]:
    """Open a project from its plan."""
    row = open_project(plan_text=project.plan, by=actor_of(request), at=read_clock())
    return Status(201, ProjectOut.from_orm(row))


@router.get("/{code}", response={200: ProjectOut, **_REFUSED})
@asks("projects.see")
def show_project(request: HttpRequest, code: ProjectCode) -> ProjectOut:
    """Give one project."""
    return ProjectOut.from_orm(project_in_sight(code, by=actor_of(request)))


@router.post("/{code}/rules/freeze", response={200: Done, **_REFUSED})
@asks("policies.freeze")
def freeze_rules(request: HttpRequest, code: ProjectCode) -> Done:
    """Freeze the rules: nobody changes them from now on."""
    by = actor_of(request)
    project = project_in_sight(code, by=by)
    freeze_rule_set(project_id=project.id, by=by, at=read_clock())
    return Done()


@router.post("/{code}/scores", response={200: Done, **_REFUSED})
@asks("scoring.score")
def score_all(request: HttpRequest, code: ProjectCode) -> Done:
    """Score every household by the frozen rules."""
    by = actor_of(request)
    project = project_in_sight(code, by=by)
    score_project(project_id=project.id, by=by, at=read_clock())
    return Done()
