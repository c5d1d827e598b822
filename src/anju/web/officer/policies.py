"""The policy library at the desk: the laws, the editions that were loaded, and whom they touch."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.permissions import is_permitted
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.foundation.policies.operations import load_policy_edition
from anju.foundation.policies.queries import current_statutes, editions
from anju.foundation.policies.types import EditionRow
from anju.resettlement.planning.operations import prompt_owners
from anju.resettlement.planning.queries import touched_projects
from anju.resettlement.planning.types import TouchedProject
from anju.web.officer.uploads import read_upload
from anju.web.officer.work_rows import queue_options, require_officer
from anju.web.once import read_id
from anju.web.public.plan_page import say_full_date
from anju.web.public.policies import lay_out_law
from anju.web.routes import go_to, route
from anju_rules.statutes.editions import Change
from anju_rules.values import Refusal

CHANGES = {Change.NEW: "新增", Change.CHANGED: "有改动", Change.REPEALED: "废止"}
_MOST_EDITIONS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionCard:
    """An edition that was loaded, what it changes, and which projects that touches."""

    row: EditionRow
    edition: str
    changes: tuple[tuple[str, str, str], ...]
    """Clause, its title, and what happens to it."""
    touched: tuple[TouchedProject, ...]
    waiting: int
    """Projects whose owners were not prompted yet."""


@require_safe
@route(permits="policies.see")
def show_policies(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show the laws, and for each loaded edition the projects in sight that it touches."""
    require_officer(by)
    laws = [lay_out_law(statute) for statute in current_statutes().values()]
    facts = {
        "laws": laws,
        "items": sum(law.items for law in laws),
        "by_machine": sum(law.by_machine for law in laws),
        "editions": [_card(one, by=by) for one in editions()[:_MOST_EDITIONS]],
        "queues": queue_options("") if is_permitted(by, "casework.see") else [],
    }
    return render(request, "officer/policies.html", facts)


def _card(row: EditionRow, *, by: Actor) -> EditionCard:
    touched = touched_projects(edition_id=row.id, by=by)
    return EditionCard(
        row=row,
        edition=say_full_date(row.statute.edition),
        changes=tuple(
            (one.clause.code, one.clause.title.zh, CHANGES[one.change]) for one in row.changes
        ),
        touched=touched,
        waiting=sum(one.case is None for one in touched),
    )


@require_POST
@route(permits="policies.load")
def load(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Load a new law, or a new edition of one, from its file."""
    content = read_upload(request, name="edition").content
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise Refusal("web.not-text") from fault
    load_policy_edition(text=text, by=by, at=read_clock())
    return go_to("desk-policies", request=request)


@require_POST
@route(permits="policies.load")
def prompt(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Prompt the owners of every project in sight that an edition touches."""
    edition_id = read_id(request.POST.get("edition", "")) or UUID(int=0)
    prompt_owners(edition_id=edition_id, by=by, at=read_clock())
    return go_to("desk-policies", request=request)
