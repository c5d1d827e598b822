"""A family's cases: where each stands, what is missing, until when, what comes next."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anju.foundation.access.types import Actor
from anju.foundation.casework.operations import hand_in_material, take_action
from anju.foundation.casework.queries import (
    case_file,
    case_of_household,
)
from anju.foundation.casework.types import NewAction
from anju.foundation.core.clock import city_time, read_clock
from anju.foundation.documents.queries import documents_of
from anju.resettlement.eligibility.queries import review_of_household
from anju.resettlement.planning.queries import is_in_force
from anju.titles.cases.queries import fees_of
from anju.titles.partners.board import rating_token
from anju.web.case_words import say_objection_levels
from anju.web.household.case_page import CasePage, lay_out_case
from anju.web.household.case_review import OwnReview, find_own_review
from anju.web.household.owning import own_name, whose
from anju.web.routes import go_to, route
from anju.web.title_fees import Fees, lay_out_fees
from anju_rules.applications import Standing
from anju_rules.procedures.states import ActionKind
from anju_rules.values import Refusal

_WITHDRAWALS = {
    kind.value: kind for kind in (ActionKind.WITHDRAW, ActionKind.ASK_WITHDRAWAL, ActionKind.KEEP)
}


@require_safe
@route(permits="household.see")
def show_cases(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show the case in which the family has something to do, else the newest; and the others."""
    project_id, household_id = whose(by)
    rows = case_of_household(project_id=project_id, household_id=household_id, by=by)
    at = read_clock()
    pages = [own_case(case_id=row.id, by=by, at=at) for row in rows]
    pages.sort(key=lambda page: (not page.is_open, not page.question.is_for_family))
    facts = {
        "family_name": own_name(request, by),
        "page": pages[0] if pages else None,
        "review": _review_of(pages[0], by=by, at=at) if pages else None,
        "may_apply": not any(page.is_review and page.is_open for page in pages)
        and is_in_force(project_id)
        and not _is_confirmed(by),
        "others": pages[1:],
        "levels": say_objection_levels(),
        "may_withdraw": bool(pages) and may_withdraw(pages[0]),
        "fees": _fees_of(pages[0], by=by, at=at) if pages else None,
        "rate": rating_token(project_id=project_id, service_id=pages[0].id) if pages else "",
    }
    return render(request, "household/case/case.html", facts)


@require_safe
@route(permits="household.see")
def show_case(request: HttpRequest, case_id: UUID, *, by: Actor) -> HttpResponse:
    """Show one of the family's cases."""
    at = read_clock()
    page = own_case(case_id=case_id, by=by, at=at)
    facts = {
        "family_name": own_name(request, by),
        "page": page,
        "review": _review_of(page, by=by, at=at),
        "others": (),
        "levels": say_objection_levels(),
        "may_withdraw": may_withdraw(page),
        "fees": _fees_of(page, by=by, at=at),
        "rate": rating_token(project_id=whose(by)[0], service_id=page.id),
    }
    return render(request, "household/case/case.html", facts)


def _fees_of(page: CasePage, *, by: Actor, at: datetime) -> Fees | None:
    """Give what the registration of a title costs, and what was paid of it."""
    project_id, _ = whose(by)
    if not page.costs:
        return None
    return lay_out_fees(fees_of(project_id=project_id, case_id=page.id, at=at))


def _review_of(page: CasePage, *, by: Actor, at: datetime) -> OwnReview | None:
    """Give what the family said beside what was found, where the case is its newest review."""
    project_id, household_id = whose(by)
    if not page.is_review:
        return None
    found = find_own_review(project_id=project_id, household_id=household_id, by=by, at=at)
    return found if found is not None and found.row.id == page.id else None


def _is_confirmed(by: Actor) -> bool:
    project_id, household_id = whose(by)
    review = review_of_household(project_id=project_id, household_id=household_id, by=by)
    return review is not None and review.standing is Standing.CONFIRMED


def own_case(*, case_id: UUID, by: Actor, at: datetime) -> CasePage:
    """Lay out a case of who is signed in; another's answers as one that does not exist."""
    project_id, household_id = whose(by)
    own = {"project_id": project_id, "case_id": case_id}
    file = case_file(**own, by=by, at=at)
    if file.case.household_id != household_id:
        raise Refusal("casework.unknown-case")
    return lay_out_case(
        file=file,
        procedure=file.definition,
        documents=documents_of(project_id=project_id, owner_kind="case", owner_id=case_id),
        on=city_time(at).date(),
    )


def may_withdraw(page: CasePage) -> bool:
    """Whether the family may take its case back, at once or once the office confirms it."""
    return bool(page.may & {ActionKind.WITHDRAW, ActionKind.ASK_WITHDRAWAL})


@require_POST
@route(permits="casework.act")
def say_all_in(request: HttpRequest, case_id: UUID, *, by: Actor) -> HttpResponse:
    """Say that everything that was asked for is there now: the clock runs on."""
    project_id, _ = whose(by)
    hand_in_material(
        project_id=project_id,
        case_id=case_id,
        materials=(),
        by=by,
        at=read_clock(),
        is_correction=True,
    )
    return go_to("my-case", request=request, case_id=case_id)


@require_http_methods(["GET", "HEAD", "POST"])
@route(permits="casework.act")
def withdraw(request: HttpRequest, case_id: UUID, *, by: Actor) -> HttpResponse:
    """Let the family look once more; a POST withdraws, or asks the office to confirm it.

    One that says neither, nor that the case is kept, is asked once more.
    """
    project_id, _ = whose(by)
    kind = _WITHDRAWALS.get(request.POST.get("kind", ""))
    if request.method == "POST" and kind is not None:
        take_action(
            project_id=project_id,
            case_id=case_id,
            act=NewAction(kind=kind),
            by=by,
            at=read_clock(),
        )
        return go_to("my-case", request=request, case_id=case_id)
    page = own_case(case_id=case_id, by=by, at=read_clock())
    facts = {
        "family_name": own_name(request, by),
        "page": page,
        "kind": ActionKind.WITHDRAW
        if ActionKind.WITHDRAW in page.may
        else ActionKind.ASK_WITHDRAWAL,
    }
    return render(request, "household/case/withdraw.html", facts)
