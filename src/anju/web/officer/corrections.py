"""Corrections at the desk: a fact and its evidence proposed, looked at, signed by somebody else."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anju.foundation.access.context import reading, sensitive_reading
from anju.foundation.access.operations import step_up
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.foundation.documents.queries import documents_of, read_document
from anju.foundation.policies.queries import rule_set_in_force
from anju.resettlement.households.queries import household_by_id, masked_names
from anju.resettlement.households.types import HouseholdRow
from anju.resettlement.projects.types import ProjectRow
from anju.resettlement.scoring.operations import (
    decline_correction,
    propose_correction,
    sign_correction,
    withdraw_correction,
)
from anju.resettlement.scoring.queries import (
    correction_by_id,
    corrections_of,
    corrections_of_household,
    objections_upheld,
)
from anju.web.corrections import lay_out_corrections
from anju.web.officer.correction_page import lay_out_correction, papers_of
from anju.web.officer.steps import project_in_sight
from anju.web.officer.uploads import take_in_paper
from anju.web.once import read_id
from anju.web.papers import answer_document
from anju.web.public.facts import name_facts, say_fact
from anju.web.routes import go_to, route
from anju_rules.policy.types import BUILT_IN_FACTS
from anju_rules.values import Refusal

_LONGEST = 2000
_FIELD = "fact-"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactField:
    """One fact of the form."""

    name: str
    label: str
    now: str
    is_flag: bool


@require_safe
@route(permits="scoring.compare")
def show_corrections(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show a project's corrections; those that wait for a signature come first."""
    project = project_in_sight(code=code, by=by)
    cards = lay_out_corrections(corrections_of(project_id=project.id), plan=project.plan)
    waiting = [card for card in cards if card.is_open]
    facts = {
        "project": project,
        "waiting": waiting,
        "closed": [card for card in cards if not card.is_open],
        "names": masked_names(
            project_id=project.id, household_ids={card.household_id for card in cards}
        ),
    }
    return render(request, "officer/corrections/list.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@route(permits="scoring.correct")
def correct(request: HttpRequest, code: str, household_id: UUID, *, by: Actor) -> HttpResponse:
    """Ask what a household's facts should have been; a POST proposes it, with its paper."""
    project = project_in_sight(code=code, by=by)
    if request.method == "POST":
        return _propose(request, project, household_id, by=by)
    household = household_by_id(project_id=project.id, household_id=household_id)
    names = masked_names(project_id=project.id, household_ids=[household_id])
    own = {"project_id": project.id, "household_id": household_id}
    mine = lay_out_corrections(corrections_of_household(**own), plan=project.plan)
    facts = {
        "project": project,
        "household": household,
        "masked_name": names.get(household_id, ""),
        "fields": _fields(project, household),
        "papers": _papers(project.id, household_id),
        "objections": objections_upheld(**own),
        "open": next((card for card in mine if card.is_open), None),
    }
    return render(request, "officer/corrections/correct.html", facts)


def _propose(
    request: HttpRequest, project: ProjectRow, household_id: UUID, *, by: Actor
) -> HttpResponse:
    told, at = request.POST, read_clock()
    papers = [one for one in map(read_id, told.getlist("paper")) if one is not None]
    if "file" in request.FILES:
        paper = take_in_paper(
            request,
            name="file",
            project_id=project.id,
            owner_kind="household",
            owner_id=household_id,
            household_id=household_id,
            by=by,
        )
        papers.append(paper)
    correction = propose_correction(
        project_id=project.id,
        household_id=household_id,
        facts={
            name.removeprefix(_FIELD): text[:_LONGEST]
            for name, text in told.items()
            if name.startswith(_FIELD) and isinstance(text, str) and text.strip()
        },
        reason=told.get("reason", "")[:_LONGEST],
        document_ids=papers,
        case_id=read_id(told.get("objection", "")),
        by=by,
        at=at,
    )
    return go_to("desk-correction", request=request, code=project.code, correction_id=correction.id)


@require_safe
@route(permits="scoring.compare")
def show_correction(
    request: HttpRequest, code: str, correction_id: UUID, *, by: Actor
) -> HttpResponse:
    """Show what a correction changes and whom it moves, and the form of whoever may sign it."""
    project = project_in_sight(code=code, by=by)
    page = lay_out_correction(project=project, correction_id=correction_id, by=by)
    return render(request, "officer/corrections/show.html", {"project": project, "page": page})


@require_safe
@route(permits="scoring.compare", is_reading=False)
def show_paper(
    request: HttpRequest, code: str, correction_id: UUID, document_id: UUID, *, by: Actor
) -> HttpResponse:
    """Give a paper of a correction; that it was opened is written down before it is shown."""
    del request
    project = project_in_sight(code=code, by=by)
    with reading(by=by):
        correction = correction_by_id(project_id=project.id, correction_id=correction_id)
        if document_id not in {document.id for document in papers_of(correction)}:
            raise Refusal("documents.unknown")
    with sensitive_reading(
        by=by,
        permits="scoring.see",
        purpose=f"核对户 {correction.number} 的更正",
        target=str(document_id),
        at=read_clock(),
        household_id=correction.household_id,
        project_id=project.id,
    ):
        row, content = read_document(project_id=project.id, document_id=document_id)
    return answer_document(row, content)


@sensitive_post_parameters("code")
@require_POST
@route(permits="scoring.countersign")
def sign(request: HttpRequest, code: str, correction_id: UUID, *, by: Actor) -> HttpResponse:
    """Sign a correction as it was shown, with a code of the minute."""
    project, at = project_in_sight(code=code, by=by), read_clock()
    sign_correction(
        project_id=project.id,
        correction_id=correction_id,
        seen=request.POST.get("seen", ""),
        by=step_up(by=by, code=request.POST.get("code", "").strip(), at=at),
        at=at,
    )
    return go_to("desk-correction", request=request, code=code, correction_id=correction_id)


@require_POST
@route(permits="scoring.countersign")
def decline(request: HttpRequest, code: str, correction_id: UUID, *, by: Actor) -> HttpResponse:
    """Decline to sign a correction, with the reason."""
    project = project_in_sight(code=code, by=by)
    decline_correction(
        project_id=project.id,
        correction_id=correction_id,
        reason=request.POST.get("reason", "")[:_LONGEST],
        by=by,
        at=read_clock(),
    )
    return go_to("desk-correction", request=request, code=code, correction_id=correction_id)


@require_POST
@route(permits="scoring.correct")
def withdraw(request: HttpRequest, code: str, correction_id: UUID, *, by: Actor) -> HttpResponse:
    """Take a correction back before it is signed."""
    project = project_in_sight(code=code, by=by)
    withdraw_correction(project_id=project.id, correction_id=correction_id, by=by, at=read_clock())
    return go_to("desk-correction", request=request, code=code, correction_id=correction_id)


def _fields(project: ProjectRow, household: HouseholdRow) -> list[FactField]:
    rule_set = rule_set_in_force(project_id=project.id)
    types = {**BUILT_IN_FACTS, **(rule_set.rules.facts if rule_set else {})}
    labels = name_facts(project.plan)
    return [
        FactField(
            name=f"{_FIELD}{fact}",
            label=labels.get(fact, fact),
            now=say_fact(household.facts.get(fact)),
            is_flag=fact_type == "flag",
        )
        for fact, fact_type in types.items()
        if fact in household.facts
    ]


def _papers(project_id: UUID, household_id: UUID) -> list[object]:
    held = documents_of(project_id=project_id, owner_kind="household", owner_id=household_id)
    return [document for document in held if document.withdrawn_at is None]
