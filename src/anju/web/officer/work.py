"""The officer's queue: what waits, the most pressing first; and the next one of it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from anju.foundation.access.types import Actor
from anju.foundation.casework.queries import queue_of
from anju.foundation.casework.types import CaseLine, Scope
from anju.foundation.core.clock import read_clock
from anju.resettlement.projects.queries import list_projects
from anju.web.officer.work_many import bulk_choices
from anju.web.officer.work_rows import (
    kind_options,
    lay_out_lines,
    project_options,
    queue_options,
    read_asked,
    require_officer,
    write_cursor,
)
from anju.web.once import read_id
from anju.web.public.paging import Option
from anju.web.routes import route


@require_safe
@route(permits="casework.see")
def show_queue(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show what waits for the officer, a page at a time."""
    require_officer(by)
    at, asked = read_clock(), read_asked(request.GET)
    projects = list_projects()
    page = queue_of(
        by=by,
        at=at,
        scope=asked.scope,
        kind=asked.kind,
        with_families=asked.queue == "families",
        project_id=asked.project,
        after=asked.after,
    )
    facts = {
        "asked": asked,
        "page": page,
        "rows": lay_out_lines(page.rows, projects=projects, at=at),
        "overdue": sum(line.is_overdue for line in page.rows),
        "queues": queue_options(asked.queue),
        "kinds": [(one, asked.address(kind=one.key)) for one in kind_options(asked)],
        "projects": [
            Option(key="", label="全部项目", is_on=asked.project is None),
            *project_options(projects, by=by, chosen=asked.project),
        ],
        "next": asked.address(after=write_cursor(page.after)) if page.after else "",
        "first": asked.address() if asked.after else "",
        "choices": bulk_choices(page.rows, by=by),
    }
    return render(request, "officer/casework/queue.html", facts)


@require_safe
@route(permits="casework.see")
def show_next(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Go to the most pressing case that is the officer's own, or else the office's."""
    require_officer(by)
    found = find_next(by=by, but=read_id(request.GET.get("after", "")))
    if found is None:
        return HttpResponseRedirect(reverse("desk-work"))
    return HttpResponseRedirect(reverse("desk-case", kwargs={"case_id": found.case_id}))


def find_next(*, by: Actor, but: UUID | None) -> CaseLine | None:
    """Give the line to work on next, but for the case ``but``; what one took up comes first."""
    at = read_clock()
    lines = (
        line
        for scope in (Scope.MINE, Scope.OFFICE)
        for line in queue_of(
            by=by, at=at, scope=scope, size=2 * (but is not None) + 1, is_counted=False
        ).rows
        if line.case_id != but
    )
    return next(lines, None)
