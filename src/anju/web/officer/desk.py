"""The desk: the projects in sight with what waits in each, and one project's way."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.foundation.core.switches import AUTOPLAY, has_switch, is_on, turn
from anju.foundation.policies.queries import rule_set_in_force
from anju.resettlement.intake.operations import open_project
from anju.resettlement.offline.plan import PlanFaults
from anju.resettlement.projects.queries import list_projects
from anju.resettlement.projects.types import ProjectRow
from anju.resettlement.selection.queries import selection_board
from anju.web.officer.imports import tell_fault
from anju.web.officer.steps import (
    Standing,
    Step,
    project_in_sight,
    standing_of,
    steps_of,
    waiting_words,
)
from anju.web.officer.uploads import read_upload
from anju.web.routes import go_to, route
from anju_rules.values import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectDoor:
    """One project in the list: what waits, and how far it is."""

    project: ProjectRow
    standing: Standing
    steps: list[Step]
    waits: str
    done_share: int


@require_safe
@route(permits="projects.see")
def show_desk(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show what waits: each project in sight, and the step that is open in it."""
    doors = [
        lay_out_door(project, by=by) for project in list_projects() if by.sees_project(project.id)
    ]
    # What goes on in a hall full of people comes first.
    doors.sort(key=lambda door: door.standing.open_batch is None)
    facts: dict[str, object] = {"doors": doors}
    if has_switch(settings.HOME, AUTOPLAY):
        facts["autoplay"] = "on" if is_on(settings.HOME, AUTOPLAY) else "off"
    return render(request, "officer/desk.html", facts)


@require_POST
@route(permits="selection.run")
def switch_autoplay(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Let a demo's day run by itself, or stop it; an installation that is no demo has no switch."""
    del by
    if not has_switch(settings.HOME, AUTOPLAY):
        raise Http404
    turn(settings.HOME, AUTOPLAY, on=request.POST.get("autoplay") == "on")
    return go_to("desk", request=request)


@require_POST
@route(permits="projects.open")
def open_new_project(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Open a project from its plan file."""
    upload = read_upload(request, name="plan")
    try:
        plan_text = upload.content.decode("utf-8-sig")
        project = open_project(plan_text=plan_text, by=by, at=read_clock())
    except UnicodeDecodeError as fault:
        raise Refusal("web.not-text") from fault
    except PlanFaults as found:
        facts = {"name": upload.name, "faults": [tell_fault(fault) for fault in found.faults]}
        return render(request, "officer/plan_faults.html", facts, status=422)
    return go_to("desk-project", request=request, code=project.code)


@require_safe
@route(permits="projects.see")
def show_project(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show where a project stands, and the way it goes."""
    project = project_in_sight(code=code, by=by)
    facts = {
        "project": project,
        "door": lay_out_door(project, by=by),
        "board": selection_board(project_id=project.id),
        "rules": rule_set_in_force(project_id=project.id),
    }
    return render(request, "officer/project.html", facts)


def lay_out_door(project: ProjectRow, *, by: Actor) -> ProjectDoor:
    """Lay one project out: its steps, and the sentence of what waits."""
    standing = standing_of(project_id=project.id)
    steps = steps_of(code=project.code, standing=standing, by=by)
    return ProjectDoor(
        project=project,
        standing=standing,
        steps=steps,
        waits=waiting_words(steps, standing),
        done_share=100 * standing.through // max(1, standing.households),
    )
