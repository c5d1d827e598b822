"""The policy library for everybody: laws clause by clause, and who looks after each item."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anju.foundation.policies.queries import current_statutes
from anju.web.public.plan_page import say_full_date
from anju.web.routes import public_route
from anju_rules.statutes.types import Clause, Guard, Item, ItemKind, Statute

KINDS = {
    ItemKind.PERMITS: "可以",
    ItemKind.REQUIRES: "必须",
    ItemKind.FORBIDS: "禁止",
    ItemKind.LIMITS: "期限、限额",
}
GUARDS = {
    Guard.RULES: "规则入库时，机器逐条查",
    Guard.PROCEDURE: "办理程序入库时，机器逐条查",
    Guard.REFUSAL: "办理时，机器当场拦下",
    Guard.BUILT_IN: "系统造成这样，改不了",
    Guard.HUMAN: "由人把关",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """One thing that a clause says."""

    kind: str
    text: str
    guard: str
    is_machine: bool
    is_unconfirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseRow:
    """A clause with its items."""

    number: str
    title: str
    items: tuple[ItemRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LawCard:
    """A law on the list."""

    code: str
    title: str
    source: str
    edition: str
    items: int
    by_machine: int
    is_unconfirmed: bool
    """Whether anything of it is still to be confirmed."""


@require_safe
@public_route
@transaction.atomic
def show_policies(request: HttpRequest) -> HttpResponse:
    """Show the laws the platform works by, each with how much of it the machine looks after."""
    cards = [lay_out_law(statute) for statute in current_statutes().values()]
    facts = {
        "cards": cards,
        "items": sum(card.items for card in cards),
        "by_machine": sum(card.by_machine for card in cards),
    }
    return render(request, "public/policies/list.html", facts)


@require_safe
@public_route
@transaction.atomic
def show_law(request: HttpRequest, law: str) -> HttpResponse:
    """Show one law, clause by clause."""
    statute = current_statutes().get(law)
    if statute is None:
        raise Http404
    facts = {
        "card": lay_out_law(statute),
        "clauses": [_clause(clause) for clause in statute.clauses.values()],
    }
    return render(request, "public/policies/law.html", facts)


def lay_out_law(statute: Statute) -> LawCard:
    """Lay a law out as a line of the list."""
    guards = Counter(item.guard is Guard.HUMAN for item in statute.items)
    return LawCard(
        code=statute.code,
        title=statute.title.zh,
        source=statute.source,
        edition=say_full_date(statute.edition),
        items=guards.total(),
        by_machine=guards[False],
        is_unconfirmed=any(item.is_unconfirmed for item in statute.items),
    )


def _clause(clause: Clause) -> ClauseRow:
    number = clause.code.rpartition("/")[2]
    return ClauseRow(
        number=f"第 {number} 条" if number.isdigit() else "",
        title=clause.title.zh,
        items=tuple(_item(item) for item in clause.items),
    )


def _item(item: Item) -> ItemRow:
    return ItemRow(
        kind=KINDS[item.kind],
        text=item.text.zh,
        guard=GUARDS[item.guard],
        is_machine=item.guard is not Guard.HUMAN,
        is_unconfirmed=item.is_unconfirmed,
    )
