"""Titles in plain words, for who has never filed for one (TTL-6): made from what is in force."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anju.foundation.core.clock import read_clock
from anju.foundation.core.definitions import read_default_procedures
from anju.titles.cases.laying import newest_version
from anju.web.case_words import say_budget, say_office
from anju.web.routes import public_route
from anju_rules.procedures.types import Procedure, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideStep:
    """One step: what is done, by whom, within what time."""

    title: str
    office: str
    within: str


@require_safe
@public_route
def show_guide(request: HttpRequest) -> HttpResponse:
    """Show what a family brings, what is done with it, how long, and what stands in the way."""
    procedure = read_default_procedures()[newest_version(kind="transfer", at=read_clock())]
    facts = {
        "title": procedure.title.zh,
        "promised": say_budget(procedure.limit.binding) if procedure.limit.binding else "",
        "brings": _papers(procedure, Source.ASKED),
        "promises": _papers(procedure, Source.COMMITTED),
        "shared": _papers(procedure, Source.SHARED),
        "steps": [_step(procedure, code) for code in procedure.steps],
    }
    return render(request, "public/titles/guide.html", facts)


def _papers(procedure: Procedure, source: Source) -> list[str]:
    return [one.title.zh for one in procedure.materials.values() if one.source is source]


def _step(procedure: Procedure, code: str) -> GuideStep:
    step = procedure.steps[code]
    limit = step.limit.binding
    return GuideStep(
        title=step.title.zh,
        office=say_office(step.role),
        within=say_budget(limit) if limit is not None else "",
    )
