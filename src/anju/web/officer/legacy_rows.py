"""A community's problems, plan and costs as the desk shows them: words and figures, no rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from anju.foundation.core.legacy import default_blockers
from anju.titles.legacy.types import BlockerRow, ExpenseRow, PlannedCommunity, Triage
from anju.web.public.community_plan_rows import PlanStep, say_step
from anju.web.public.saying import say_building, say_yuan
from anju_rules.triage.easy_first import Stage
from anju_rules.triage.planning import CommunityPlan
from anju_rules.triage.types import BlockerKind, Cleared, OwedBy
from anju_rules.triage.ways import Graph, Way

STATES = {
    "absent": "没有",
    "open": "已立案，等办",
    "working": "正在办",
    "blocked": "有争议，停办",
    "solved": "已解决",
}
SPENT_ON = {
    "archive": "档案重建",
    "survey": "重新测绘",
    "appraisal": "鉴定",
    "legal": "诉讼、公证",
    "other": "其他",
}
EXPENSE_STATES = {"recorded": "已垫付", "claimed": "已追偿", "recovered": "已收回"}
OWED_BY = {OwedBy.DEVELOPER: "开发企业欠缴", OwedBy.OWNER: "业主欠缴"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemLine:
    """A problem of one building."""

    row: BlockerRow
    building: str
    homes: int
    words: str
    owed_by: str
    waits: str
    """What must be solved first, whichever way is taken; empty: it may be worked on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyLine:
    """One way to solve a kind of problem."""

    title: str
    days: int
    staff: int
    cost: str
    first: str
    """The kinds that must be solved before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemCard:
    """A kind of problem that stands in a community."""

    kind: BlockerKind
    lines: tuple[ProblemLine, ...]
    remedies: tuple[RemedyLine, ...]

    @property
    def is_unsure(self) -> bool:
        """Whether its figures are still to be confirmed."""
        return self.kind.basis.certainty != "C"


@dataclass(frozen=True, slots=True, kw_only=True)
class WayLine:
    """The shortest way for homes that share the same problems."""

    homes: int
    numbers: str
    days: int
    staff: int
    cost: str
    steps: tuple[PlanStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageLine:
    """One stage of easy first."""

    homes: int
    total: int
    """Homes freed by then."""
    share: int
    """Of all that could be freed, in hundredths."""
    staff: int
    cost: str
    steps: tuple[PlanStep, ...]
    community: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question about a building, as the form asks it."""

    kind: BlockerKind
    row: BlockerRow | None
    words: str
    """How it stands; empty: nobody has answered."""


def lay_out_problems(triage: Triage, graph: Graph) -> tuple[ProblemCard, ...]:
    """Lay out what stands, disputes first, then as the kinds are listed."""
    found: dict[str, list[ProblemLine]] = {}
    for row in triage.rows.values():
        if row.stands:
            found.setdefault(row.kind, []).append(_problem_line(row, graph))
    kinds = default_blockers()
    ordered = sorted(found, key=lambda kind: (not kinds[kind].is_dispute, list(kinds).index(kind)))
    return tuple(
        ProblemCard(
            kind=kinds[kind],
            lines=tuple(sorted(found[kind], key=lambda line: line.row.building)),
            remedies=tuple(
                RemedyLine(
                    title=one.title.zh,
                    days=one.working_days,
                    staff=one.staff_days,
                    cost=say_yuan(one.cost_fen),
                    first="、".join(kinds[code].title.zh for code in one.after),
                )
                for one in kinds[kind].remedies
            ),
        )
        for kind in ordered
    )


def _problem_line(row: BlockerRow, graph: Graph) -> ProblemLine:
    kinds = default_blockers()
    waits = [
        graph.before.get((row.code, remedy.code), frozenset())
        for remedy in kinds[row.kind].remedies
    ]
    always = frozenset.intersection(*waits) if waits and all(waits) else frozenset()
    return ProblemLine(
        row=row,
        building=say_building(row.building),
        homes=len(row.home_ids),
        words=STATES[row.state],
        owed_by=OWED_BY.get(row.owed_by, ""),
        waits="、".join(sorted({kinds[graph.blockers[code].kind].title.zh for code in always})),
    )


def ask_questions(triage: Triage, *, building: str) -> tuple[Question, ...]:
    """Give the twelve questions about a building with what was answered."""
    rows = triage.rows
    return tuple(
        Question(
            kind=kind,
            row=row,
            words="" if row is None else STATES[row.state],
        )
        for kind in default_blockers().values()
        for row in (rows.get(f"{building}/{kind.code}"),)
    )


def unanswered_of(plan: CommunityPlan) -> Mapping[str, list[str]]:
    """Give the kinds that nobody has answered yet, by building."""
    found: dict[str, list[str]] = {}
    for code in plan.supposed:
        building, _, kind = code.rpartition("/")
        found.setdefault(building, []).append(default_blockers()[kind].title.zh)
    return found


def lay_out_ways(ways: Iterable[Way]) -> tuple[WayLine, ...]:
    """Lay out the shortest ways."""
    return tuple(
        WayLine(
            homes=len(way.homes),
            numbers=say_numbers(way.homes),
            days=way.working_days,
            staff=way.staff_days,
            cost=say_yuan(way.cost_fen),
            steps=say_steps(way.steps),
        )
        for way in ways
    )


def lay_out_stages(stages: Sequence[Stage], *, most: int) -> tuple[StageLine, ...]:
    """Lay out easy first, with how many of ``most`` homes are free by each stage."""
    lines, total = [], 0
    for stage in stages:
        total += len(stage.homes)
        lines.append(
            StageLine(
                homes=len(stage.homes),
                total=total,
                share=100 * total // max(1, most),
                staff=stage.staff_days,
                cost=say_yuan(stage.cost_fen),
                steps=say_steps(stage.cleared),
            )
        )
    return tuple(lines)


def say_steps(steps: Iterable[Cleared]) -> tuple[PlanStep, ...]:
    """Say what is to be done, in order."""
    return tuple(say_step(blocker=one.blocker, remedy=one.remedy) for one in steps)


def say_numbers(numbers: Sequence[str], *, most: int = 6) -> str:
    """Say some home numbers, the first ones where there are many.

    >>> say_numbers(["1-101", "1-102"]), say_numbers(["1", "2", "3"], most=2)
    ('1-101、1-102', '1、2 等')
    """
    return "、".join(numbers[:most]) + (" 等" if len(numbers) > most else "")


def count_places(planned: PlannedCommunity) -> Mapping[str, int]:
    """Count the homes in each of the plan's places; those nobody has asked about apart."""
    plan = planned.plan
    separable, supposed = set(plan.by_separation), set(plan.supposed)
    unasked = sum(supposed.issuperset(codes) for codes in plan.blocked.values())
    return {
        "homes": len(planned.triage.community.homes),
        "now": len(plan.now),
        "by_separation": len(plan.by_separation),
        "a_way": sum(len(set(way.homes) - separable) for way in plan.ways),
        "blocked": len(plan.blocked) - unasked,
        "unasked": unasked,
    }


def sum_expenses(rows: Sequence[ExpenseRow]) -> Mapping[str, str]:
    """Sum what was spent, claimed and recovered, in yuan."""
    return {
        "spent": say_yuan(sum(row.amount_fen for row in rows)),
        "claimed": say_yuan(sum(row.amount_fen for row in rows if row.state != "recorded")),
        "recovered": say_yuan(sum(row.recovered_fen for row in rows)),
    }
