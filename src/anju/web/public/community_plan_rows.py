"""A frozen plan, read from its table into words; the page and the sheet on paper share it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from anju.foundation.core.legacy import default_blockers
from anju.web.public.saying import say_building, say_yuan


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep:
    """One thing to be done."""

    where: str
    kind: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanGroup:
    """Homes that go the same way."""

    homes: int
    numbers: str
    """Their numbers, on the office's sheet alone."""
    days: int
    staff: int
    cost: str
    steps: tuple[PlanStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanProblem:
    """A kind of problem, with the buildings where it stands."""

    title: str
    owner: str
    clause: str
    where: str
    homes: int
    days: int
    """The limit of its quickest remedy; 0: nobody's remedy."""
    is_supposed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPlan:
    """A plan in words."""

    homes: int
    now: int
    now_numbers: str
    by_separation: int
    is_separated: bool
    staff: str
    money: str
    ways: tuple[PlanGroup, ...]
    stages: tuple[PlanGroup, ...]
    waiting: int
    blocked: int
    problems: tuple[PlanProblem, ...]

    @property
    def bar(self) -> tuple[tuple[str, int, int], ...]:
        """The parts of the bar: name, where it begins, how wide, in hundredths."""
        ways = self.homes - self.now - self.by_separation - self.blocked
        parts, start = [], 0
        for name, homes in (
            ("now", self.now),
            ("separable", self.by_separation),
            ("way", ways),
            ("dispute", self.blocked),
        ):
            wide = 100 * homes // max(1, self.homes)
            parts.append((name, start, wide))
            start += wide
        return tuple(parts)

    @property
    def a_way(self) -> int:
        """Homes that some work frees, beside those that separation frees."""
        return self.homes - self.now - self.by_separation - self.blocked


def lay_out_plan(content: Mapping[str, Any]) -> ShownPlan:
    """Lay a frozen plan out, whole or its public part: where homes are counted, none is named."""
    means = content["means"]
    money = means["money_fen"]
    return ShownPlan(
        homes=_count(content["homes"]),
        now=_count(content["now"]["homes"]),
        now_numbers=_numbers(content["now"]["homes"]),
        by_separation=_count(content["by_separation"]["homes"]),
        is_separated=content["is_separated"],
        staff="" if means["staff_days"] is None else str(means["staff_days"]),
        money="" if money is None else say_yuan(money),
        ways=tuple(_group(one) for one in content["ways"]),
        stages=tuple(_group(one) for one in content["easy_first"]),
        waiting=_count(content["waiting"]),
        blocked=sum(_count(one["homes"]) for one in content["blocked"]),
        problems=_problems(content["blockers"]),
    )


def _count(homes: int | Sequence[str]) -> int:
    return homes if isinstance(homes, int) else len(homes)


def _numbers(homes: int | Sequence[str]) -> str:
    return "" if isinstance(homes, int) else "、".join(homes)


def _group(told: Mapping[str, Any]) -> PlanGroup:
    return PlanGroup(
        homes=_count(told["homes"]),
        numbers=_numbers(told["homes"]),
        days=told.get("working_days", 0),
        staff=told["staff_days"],
        cost=say_yuan(told["cost_fen"]),
        steps=tuple(
            say_step(blocker=one["blocker"], remedy=one["remedy"]) for one in told["steps"]
        ),
    )


def say_step(*, blocker: str, remedy: str) -> PlanStep:
    """Say how one problem of a building is solved; ``blocker`` is its code, ``1/completion``."""
    building, _, code = blocker.rpartition("/")
    kind = default_blockers()[code]
    how = [one.title.zh for one in kind.remedies if one.code == remedy]
    return PlanStep(where=say_building(building), kind=kind.title.zh, how=how[0] if how else "")


def _problems(blockers: Sequence[Mapping[str, Any]]) -> tuple[PlanProblem, ...]:
    found: dict[tuple[bool, str], list[Mapping[str, Any]]] = {}
    for one in blockers:
        found.setdefault((one["is_supposed"], one["kind"]), []).append(one)
    kinds = list(default_blockers())
    lines = []
    for supposed, code in sorted(found, key=lambda key: (key[0], kinds.index(key[1]))):
        own, kind = found[supposed, code], default_blockers()[code]
        lines.append(
            PlanProblem(
                title=kind.title.zh,
                owner=own[0]["owner"],
                clause=own[0]["clause"],
                where="、".join(say_building(one["code"].rpartition("/")[0]) for one in own),
                homes=sum(_count(one["homes"]) for one in own),
                days=min((one.working_days for one in kind.remedies), default=0),
                is_supposed=supposed,
            )
        )
    return tuple(lines)
