"""How a project gives its homes, as its plan says it: kind, mode, options, and their basis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from anju.resettlement.offline.plan_terms import read_allocation
from anju.resettlement.offline.plan_text import Section
from anju.web.clauses import say_clause
from anju_rules.kinds import Option
from anju_rules.policy.types import Basis
from anju_rules.queue import Mode

MODES: Mapping[Mode, tuple[str, str]] = {
    "score": ("量化评分", "按分数排次序，分数相同的摇号决定先后，再按次序选房。"),
    "lottery": ("摇号选房", "公开摇号排次序，再按次序选房。"),
    "negotiated": (
        "协议分配",
        "经办提出、家庭签字、监督员签字，三方同意才给房；每一套都公开并写明理由。",
    ),
}
OPTIONS: Mapping[Option, str] = {
    Option.ON_SITE: "原址或就近安置",
    Option.OFF_SITE: "异地安置",
    Option.HOUSE_TICKETS: "房票",
    Option.SHARED_OWNERSHIP: "共有产权",
    Option.CREDIT_POINTS: "信用积分",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TermLine:
    """One term: what it is, what it rests on, and whether that is still to be confirmed."""

    title: str
    detail: str
    basis: str
    is_unconfirmed: bool
    is_default: bool
    """The plan is silent: it holds for every project of this kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationPage:
    """How homes are given."""

    kind: TermLine | None
    mode: TermLine
    options: tuple[TermLine, ...]


def lay_out_allocation(plan: Mapping[str, object]) -> AllocationPage:
    """Lay out kind, mode and options of a project's plan."""
    told = plan.get("project")
    section = Section(name="project", values=told if isinstance(told, Mapping) else {})
    allocation = read_allocation(section)
    kind = allocation.kind
    title, detail = MODES[allocation.mode]
    by_default = kind.mode_basis if kind is not None and allocation.is_default_mode else None
    return AllocationPage(
        kind=None if kind is None else _line(kind.title.zh, "", kind.basis),
        mode=_line(title, detail, by_default or Basis(clause="plan/selection"), of=by_default),
        options=tuple(
            _line(
                OPTIONS[terms.option],
                terms.note,
                terms.basis,
                of=terms.basis if allocation.are_default_options else None,
            )
            for terms in allocation.options
        ),
    )


def _line(title: str, detail: str, basis: Basis, *, of: Basis | None = None) -> TermLine:
    return TermLine(
        title=title,
        detail=detail,
        basis=basis.source or say_clause(basis.clause),
        is_unconfirmed=basis.is_unconfirmed,
        is_default=of is not None,
    )
