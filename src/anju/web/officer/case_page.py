"""One case: the question first, materials beside the checks, the clock drawn, one decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.context import reading, sensitive_reading
from anju.foundation.access.types import Actor
from anju.foundation.casework import operations
from anju.foundation.casework.queries import case_file, find_case, procedure_of
from anju.foundation.casework.types import CaseRow, NewAction
from anju.foundation.core.clock import read_clock
from anju.foundation.core.crypto import new_id
from anju.foundation.documents.queries import documents_of, read_document
from anju.web.officer.case_forms import read_act, read_expected, read_second
from anju.web.officer.case_layout import lay_out_case
from anju.web.officer.case_panels import panel_of
from anju.web.officer.case_words import say_facts
from anju.web.officer.work import find_next
from anju.web.officer.work_rows import queue_options, require_officer
from anju.web.papers import answer_document
from anju.web.rating_codes import rating_qr
from anju.web.routes import go_to, route
from anju_rules.procedures.states import ActionKind
from anju_rules.values import Refusal


@require_safe
@route(permits="casework.see")
def show_case(request: HttpRequest, case_id: UUID, *, by: Actor) -> HttpResponse:
    """Show a case: what is to be decided now, on what, and within what time."""
    require_officer(by)
    at = read_clock()
    case = find_case(case_id=case_id, by=by)
    file = case_file(project_id=case.project_id, case_id=case_id, by=by, at=at)
    papers = documents_of(project_id=case.project_id, owner_kind="case", owner_id=case_id)
    page = lay_out_case(
        file,
        procedure=file.definition,
        papers=papers,
        asked_step=request.GET.get("step", ""),
        by=by,
        at=at,
    )
    facts = {
        "page": page,
        "case": file.case,
        "panel": panel_of(file, by=by, at=at),
        "queues": queue_options(""),
        "upcoming": find_next(by=by, but=case_id),
        "rating": rating_qr(case, request=request, channel="window"),
        "act_id": new_id(),
    }
    return render(request, "officer/casework/case.html", facts)


@sensitive_post_parameters("second_password", "second_code")
@require_POST
@route(permits="casework.act")
def act(request: HttpRequest, case_id: UUID, *, by: Actor) -> HttpResponse:
    """Do one thing to a case; who may, and whether now, the procedure judges."""
    require_officer(by)
    case = find_case(case_id=case_id, by=by)
    with reading(by=by):
        procedure = procedure_of(project_id=case.project_id, case_id=case_id)
    try:
        signed = SignedAct(
            case=case,
            act=read_act(request, case=case, procedure=procedure, by=by),
            second=read_second(request.POST, by=by),
            expects=read_expected(request.POST),
            by=by,
            at=read_clock(),
        )
        _CARRIED_OUT.get(signed.act.kind, _take)(signed)
    except Refusal as refusal:
        raise say_facts(refusal, procedure) from refusal
    return go_to("desk-case", request=request, case_id=case_id)


@require_safe
@route(permits="documents.see", is_reading=False)
def show_paper(
    request: HttpRequest, case_id: UUID, document_id: UUID, *, by: Actor
) -> HttpResponse:
    """Give a paper of a case; that it was opened is written down before it is shown."""
    del request
    require_officer(by)
    case, at = find_case(case_id=case_id, by=by), read_clock()
    if document_id not in papers_in(case, by=by, at=at):
        raise Refusal("documents.unknown")
    with sensitive_reading(
        by=by,
        permits="documents.see",
        purpose=f"办理 {case.number}",
        target=str(document_id),
        at=at,
        household_id=case.household_id,
        project_id=case.project_id,
    ):
        row, content = read_document(project_id=case.project_id, document_id=document_id)
    return answer_document(row, content)


def papers_in(case: CaseRow, *, by: Actor, at: datetime) -> set[UUID]:
    """Give the case's own documents, and another's that an act on it brought."""
    file = case_file(project_id=case.project_id, case_id=case.id, by=by, at=at)
    brought = {one.document_id for line in file.actions for one in line.materials}
    with reading(by=by):
        own = documents_of(project_id=case.project_id, owner_kind="case", owner_id=case.id)
    return {one.id for one in own} | {one for one in brought if one is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedAct:
    """An act on a case, and who signs it."""

    case: CaseRow
    act: NewAction
    second: Actor | None
    expects: int | None
    by: Actor
    at: datetime

    @property
    def common(self) -> dict[str, Any]:
        """What every operation on a case is told."""
        return {
            "project_id": self.case.project_id,
            "case_id": self.case.id,
            "by": self.by,
            "at": self.at,
        }


def _take(signed: SignedAct) -> None:
    operations.take_action(
        **signed.common, act=signed.act, second=signed.second, expects=signed.expects
    )


def _ask(signed: SignedAct) -> None:
    act = signed.act
    operations.ask_correction(
        **signed.common,
        points=act.points,
        step=act.step,
        why=act.why,
        second=signed.second,
        expects=signed.expects,
    )


def _stop(signed: SignedAct) -> None:
    act = signed.act
    if act.reason is None:
        raise Refusal("web.not-a-choice")
    operations.pause_case(
        **signed.common, step=act.step, reason=act.reason, why=act.why, expects=signed.expects
    )


def _resume(signed: SignedAct) -> None:
    act = signed.act
    operations.resume_case(**signed.common, step=act.step, why=act.why, expects=signed.expects)


def _hand_in(signed: SignedAct) -> None:
    act = signed.act
    operations.hand_in_material(
        **signed.common,
        materials=act.materials,
        is_correction=act.kind is ActionKind.RECEIVE_CORRECTION,
        action_id=act.id,
    )


_CARRIED_OUT: Mapping[ActionKind, Callable[[SignedAct], None]] = {
    ActionKind.ASK_CORRECTION: _ask,
    ActionKind.STOP: _stop,
    ActionKind.RESUME: _resume,
    ActionKind.SUPPLY: _hand_in,
    ActionKind.RECEIVE_CORRECTION: _hand_in,
}
