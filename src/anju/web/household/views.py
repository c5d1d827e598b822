"""A family's pages. It sees itself, and chooses by the same operation as the desk."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from anju.foundation.access.permissions import is_permitted
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.foundation.policies.queries import rule_set_in_force
from anju.resettlement.projects.queries import project_by_id
from anju.resettlement.scoring.queries import corrections_of_household, score_sheet
from anju.resettlement.selection import queries
from anju.resettlement.selection.operations.choosing import choose_homes, name_homes
from anju.resettlement.selection.sheets import sides_asked
from anju.resettlement.selection.types import BatchRow, TurnRow
from anju.web.clocks import ClockRow, clock_of
from anju.web.corrections import lay_out_corrections
from anju.web.household.choosing import lay_out_offer, pick_tiles, read_ids, total_area
from anju.web.household.matters import tell_matters
from anju.web.household.owning import answer_refused, own_name, whose
from anju.web.household.signing import hide_others, own_naming
from anju.web.household.standing import ChosenHome, Known, find_batch, tell_standing
from anju.web.namings import lay_out_naming
from anju.web.once import new_once, read_sent
from anju.web.owners import is_owner
from anju.web.public.saying import say_area, say_home
from anju.web.public.score_sheets import lay_out_score
from anju.web.refusals import answer_not_found, tell_refusal
from anju.web.routes import go_to, is_fragment, route
from anju_rules.policy.types import AreaBands
from anju_rules.values import Refusal


@require_safe
@route(permits="selection.choose")
def show_family(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show what the family is to do now, its steps, its score, its place and its turn.

    A proxy sees the homes alone: its mandate is for choosing.
    """
    project_id, household_id = whose(by)
    if not is_permitted(by, "household.see"):
        return go_to("choose", request=request)
    if is_owner(by):
        return go_to("my-titles", request=request)
    own = {"project_id": project_id, "household_id": household_id}
    project = project_by_id(project_id=project_id)
    place = queries.find_place(**own)
    sheet = score_sheet(**own)
    turn, naming = own_naming(project_id, household_id)
    known = Known(
        total_tenths=sheet.total_tenths if sheet else None,
        place=place,
        turn=turn,
        naming=None if naming is None else lay_out_naming(naming=naming, at=read_clock()),
        batch=_batch_of(project_id, place.batch) if place else None,
        ahead=queries.households_before(project_id=project_id, place=place.place) if place else 0,
        homes=_chosen_homes(project_id, household_id),
        may_come_back=_may_come_back(project_id),
    )
    facts = {
        "family_name": own_name(request, by),
        "matters": () if is_fragment(request) else tell_matters(by, at=read_clock()),
        "standing": tell_standing(known=known, at=read_clock()),
        "place": place,
        "project": project,
        "score": lay_out_score(sheet=sheet, sources={}, plan=project.plan) if sheet else None,
    }
    return render(request, "household/family.html", facts)


@require_safe
@route(permits="household.see")
def show_score(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show every line of the family's score with its clause, and its place."""
    project_id, household_id = whose(by)
    own = {"project_id": project_id, "household_id": household_id}
    project, sheet = project_by_id(project_id=project_id), score_sheet(**own)
    facts = {
        "family_name": own_name(request, by),
        "project": project,
        "score": lay_out_score(sheet=sheet, sources=_sources(project_id), plan=project.plan)
        if sheet
        else None,
        "place": queries.find_place(**own),
        "corrections": lay_out_corrections(corrections_of_household(**own), plan=project.plan),
    }
    return render(request, "household/score.html", facts)


@require_safe
@route(permits="selection.choose")
def show_homes(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show the homes the family may choose, lawful and free ones first."""
    project_id, household_id = whose(by)
    own = {"project_id": project_id, "household_id": household_id}
    turn = queries.find_turn(**own)
    place = queries.find_place(**own)
    facts: dict[str, object] = {
        "family_name": own_name(request, by),
        "project": project_by_id(project_id=project_id),
        "place": place,
        "turn": turn,
        "clock": _clock(turn),
        "is_over": turn is not None and turn.state in {"chosen", "waived"},
        "budget_sqm": place.budget if place is not None and place.budget.isdecimal() else "",
    }
    if place is not None and not facts["is_over"]:
        facts["offer"] = lay_out_offer(
            options=queries.options_of(**own, by=by),
            asked=request.GET.dict(),
            picked=request.GET.getlist("unit"),
            is_single=_is_single(project_id),
        )
    return render(request, "household/choose.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@route(permits="selection.choose")
def confirm_choice(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Let the family look once more; a POST chooses, by the operation the desk uses."""
    if request.method == "POST":
        return _choose(request, by)
    project_id, household_id = whose(by)
    own = {"project_id": project_id, "household_id": household_id}
    picked = request.GET.getlist("unit")
    turn = queries.find_turn(**own)
    if turn is not None and (turn.is_named or turn.state == "chosen"):
        # Shown again by the back button: what it asked is done.
        return go_to("my-sign", request=request)
    chosen = pick_tiles(queries.options_of(**own, by=by), picked=picked)
    homes = [
        {"option": one, "where": say_home(one.tile), "area": say_area(one.tile.area_sqm)}
        for one in chosen
    ]
    facts = {
        "family_name": own_name(request, by),
        "turn": turn,
        "clock": _clock(turn),
        "homes": homes,
        "total": total_area([one.tile for one in chosen]),
        "gone": len(read_ids(picked)) - len(chosen),
        "two_sign": bool(sides_asked(project_id=project_id)),
        "once": new_once(),
        "place": queries.find_place(**own),
    }
    return render(request, "household/confirm.html", facts)


def _choose(request: HttpRequest, by: Actor) -> HttpResponse:
    """Name the homes, to be signed for on the next page; where one signs, that chooses them."""
    project_id, _ = whose(by)
    sent = read_sent(request)
    two_sign = bool(sides_asked(project_id=project_id))
    take = name_homes if two_sign else choose_homes
    try:
        take(
            project_id=project_id,
            turn_id=sent.turn_id,
            unit_ids=read_ids(request.POST.getlist("unit")),
            by=by,
            at=read_clock(),
            call=sent.call,
            key=sent.key,
        )
    except Refusal as refusal:
        told = tell_refusal(hide_others(refusal, turn_id=sent.turn_id, by=by))
        return answer_not_found(request) if told.status == 404 else answer_refused(request, told)
    return go_to("my-sign" if two_sign else "me", request=request)


def _sources(project_id: UUID) -> dict[str, str]:
    """Give where each scoring line of the plan stands, in words."""
    rule_set = rule_set_in_force(project_id=project_id)
    if rule_set is None:
        return {}
    return {line.code: line.basis.source for line in rule_set.rules.scoring}


def _clock(turn: TurnRow | None) -> ClockRow | None:
    if turn is None or not turn.is_called or turn.called_at is None or turn.limit_at is None:
        return None
    return clock_of(called_at=turn.called_at, limit_at=turn.limit_at, at=read_clock())


def _is_single(project_id: UUID) -> bool:
    """Whether the plan gives a household one home."""
    rule_set = rule_set_in_force(project_id=project_id)
    if rule_set is None:
        return True
    entitlement = rule_set.rules.entitlement
    return isinstance(entitlement, AreaBands) or entitlement.most_homes == 1


def _may_come_back(project_id: UUID) -> bool:
    rule_set = rule_set_in_force(project_id=project_id)
    return (
        rule_set is not None
        and rule_set.rules.turns is not None
        and rule_set.rules.turns.late == "allowed"
    )


def _batch_of(project_id: UUID, number: int) -> BatchRow | None:
    return find_batch(queries.batches_of(project_id=project_id), number=number)


def _chosen_homes(project_id: UUID, household_id: UUID) -> tuple[ChosenHome, ...]:
    choice = queries.find_choice(project_id=project_id, household_id=household_id)
    if choice is None:
        return ()
    return tuple(
        ChosenHome(
            where=say_home(home),
            detail=f"{home.layout} · {say_area(home.area_sqm)} ㎡",
            event_id=str(choice.event_id),
        )
        for home in choice.homes
    )
