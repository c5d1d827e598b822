"""The forms of the companies' pages, each read into the one operation it asks for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import cast
from uuid import UUID

from django.http import HttpRequest, QueryDict

from anju.foundation.access.types import Actor
from anju.titles.partners.operations.bases import record_basis, withdraw_basis
from anju.titles.partners.operations.facts import note_fact, publish_stars
from anju.titles.partners.operations.parties import lay_duty, note_duty, register_party
from anju.titles.partners.operations.restrictions import lift_restriction, restrict_party
from anju.titles.partners.operations.securities import (
    demand_security,
    release_security,
    take_security,
)
from anju.titles.partners.types import PartyKind
from anju.web.officer.case_forms import require_second
from anju.web.officer.stock_acts import read_day
from anju.web.once import read_id
from anju_rules.partners.bases import Act, LegalBasis, Rank
from anju_rules.partners.securities import Form, Security
from anju_rules.partners.stars import FactKind
from anju_rules.values import Fen, Refusal, exact_decimal

_MOST_YUAN = 10**10


def _register(request: HttpRequest, by: Actor, at: datetime) -> None:
    register_party(
        kind=cast("PartyKind", request.POST.get("kind", "")),
        name=request.POST.get("name", ""),
        credit_code=request.POST.get("credit", ""),
        by=by,
        at=at,
    )


def _record(request: HttpRequest, by: Actor, at: datetime) -> None:
    told = request.POST
    basis = LegalBasis(
        act=Act(_one_of(told, "act", [one.value for one in Act])),
        rank=Rank(_one_of(told, "rank", [one.value for one in Rank])),
        clause=told.get("article", ""),
        source=told.get("source", ""),
        # Who ticks it has read the text itself; else it waits, and allows nothing.
        certainty="C" if told.get("read") == "on" else "U",
        from_on=_day(told, "from"),
        until_on=read_day(told.get("until", ""), field=_DAYS["until"]),
    )
    record_basis(basis=basis, by=by, at=at)


def _withdraw(request: HttpRequest, by: Actor, at: datetime) -> None:
    withdraw_basis(
        basis_id=_id(request.POST, "basis"), why=request.POST.get("why", ""), by=by, at=at
    )


def _publish(request: HttpRequest, by: Actor, at: datetime) -> None:
    publish_stars(quarter=request.POST.get("quarter", "").strip(), by=by, at=at)


def _lay(request: HttpRequest, party_id: UUID, by: Actor, at: datetime) -> None:
    told = request.POST
    lay_duty(
        project_id=_id(told, "community"),
        party_id=party_id,
        building=told.get("building", ""),
        accepted_on=read_day(told.get("accepted", ""), field=_DAYS["accepted"]),
        handed_over_on=read_day(told.get("handed", ""), field=_DAYS["handed"]),
        by=by,
        at=at,
    )


def _note(request: HttpRequest, party_id: UUID, by: Actor, at: datetime) -> None:
    del party_id
    told = request.POST
    note_duty(
        project_id=_id(told, "community"),
        duty_id=_id(told, "duty"),
        accepted_on=read_day(told.get("accepted", ""), field=_DAYS["accepted"]),
        handed_over_on=read_day(told.get("handed", ""), field=_DAYS["handed"]),
        registered_on=read_day(told.get("registered", ""), field=_DAYS["registered"]),
        by=by,
        at=at,
    )


def _demand(request: HttpRequest, party_id: UUID, by: Actor, at: datetime) -> None:
    told = request.POST
    demand_security(
        project_id=_id(told, "community"),
        party_id=party_id,
        basis_id=read_id(told.get("basis", "")),
        amount_fen=_fen(told, "amount"),
        covers_until=_day(told, "until"),
        by=by,
        at=at,
    )


def _take(request: HttpRequest, party_id: UUID, by: Actor, at: datetime) -> None:
    del party_id
    told = request.POST
    form = Form(_one_of(told, "given_as", [one.value for one in Form]))
    security = Security(
        form=form,
        amount_fen=_fen(told, "amount"),
        given_on=_day(told, "given"),
        valid_until=read_day(told.get("until", ""), field=_DAYS["until"])
        if form is Form.GUARANTEE
        else None,
        issuer=told.get("issuer", ""),
        number=told.get("number", ""),
    )
    take_security(
        project_id=_id(told, "community"),
        demand_id=_id(told, "demand"),
        security=security,
        by=by,
        at=at,
    )


def _release(request: HttpRequest, party_id: UUID, by: Actor, at: datetime) -> None:
    del party_id
    release_security(
        project_id=_id(request.POST, "community"),
        demand_id=_id(request.POST, "demand"),
        by=by,
        at=at,
    )


def _restrict(request: HttpRequest, party_id: UUID, by: Actor, at: datetime) -> None:
    told = request.POST
    restrict_party(
        party_id=party_id,
        basis_id=read_id(told.get("basis", "")),
        reason=told.get("reason", ""),
        until_on=_day(told, "until"),
        by=by,
        second=require_second(told, by=by),
        at=at,
    )


def _lift(request: HttpRequest, party_id: UUID, by: Actor, at: datetime) -> None:
    del party_id
    lift_restriction(
        restriction_id=_id(request.POST, "restriction"),
        why=request.POST.get("why", ""),
        by=by,
        at=at,
    )


def _fact(request: HttpRequest, party_id: UUID, by: Actor, at: datetime) -> None:
    told = request.POST
    note_fact(
        project_id=_id(told, "community"),
        party_id=party_id,
        kind=FactKind(_one_of(told, "kind", [one.value for one in FactKind])),
        is_met=_one_of(told, "met", ["yes", "no"]) == "yes",
        on=_day(told, "on"),
        about=told.get("about", ""),
        by=by,
        at=at,
    )


LIST_ACTS: dict[str, Callable[[HttpRequest, Actor, datetime], None]] = {
    "register": _register,
    "record": _record,
    "withdraw": _withdraw,
    "publish": _publish,
}
PARTY_ACTS: dict[str, Callable[[HttpRequest, UUID, Actor, datetime], None]] = {
    "lay": _lay,
    "note": _note,
    "demand": _demand,
    "take": _take,
    "release": _release,
    "restrict": _restrict,
    "lift": _lift,
    "fact": _fact,
}


def _one_of(told: QueryDict, name: str, allowed: list[str]) -> str:
    value = told.get(name, "")
    if value not in allowed:
        raise Refusal("web.not-a-choice")
    return value


def _id(told: QueryDict, name: str) -> UUID:
    found = read_id(told.get(name, ""))
    if found is None:
        raise Refusal("web.not-a-choice")
    return found


_DAYS = {
    "accepted": "验收日",
    "from": "从哪天起",
    "given": "哪天给的",
    "handed": "交付日",
    "on": "哪天",
    "registered": "首次登记申请齐全那天",
    "until": "到哪天止",
}


def _day(told: QueryDict, name: str) -> date:
    found = read_day(told.get(name, ""), field=_DAYS[name])
    if found is None:
        raise Refusal("web.answer-missing", field=_DAYS[name])
    return found


def _fen(told: QueryDict, name: str) -> Fen:
    """Read yuan with at most two decimals into fen."""
    fen = exact_decimal(told.get(name, "").strip().replace(",", "")) * 100
    if fen != fen.to_integral_value() or not 0 < fen < _MOST_YUAN * 100:
        raise Refusal("value.not-a-number", value=told.get(name, "")[:20])
    return Fen(int(fen))
