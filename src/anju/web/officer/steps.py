"""The way of a project on the desk: which step is done, which is open, what waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.urls import reverse

from anju.foundation.access.permissions import is_permitted
from anju.foundation.access.types import Actor
from anju.foundation.policies.queries import rule_set_in_force
from anju.resettlement.households.queries import count_households
from anju.resettlement.inventory.queries import count_homes
from anju.resettlement.projects.queries import project_by_code
from anju.resettlement.projects.types import ProjectRow
from anju.resettlement.scoring.queries import count_scored
from anju.resettlement.selection.queries import batches_of
from anju_rules.values import Refusal

StepState = Literal["done", "now", "later"]


_PERMITS = {
    "desk-import": "imports.see",
    "desk-scores": "scoring.see",
    "desk-draw": "draws.see",
    "desk-turns": "selection.run",
}
"""What the pages of the steps ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a project is, in counts."""

    homes: int
    households: int
    is_frozen: bool
    scored: int
    placed: int
    through: int
    """Households that have chosen, waived or missed their turn."""
    batches: int
    closed_batches: int
    open_batch: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step as a door."""

    name: str
    words: str
    state: StepState
    url: str
    """Empty where the page is not the reader's."""

    @property
    def sign(self) -> str:
        """The step's sign: state never rests on colour alone."""
        return {"done": "✓", "now": "●", "later": "○"}[self.state]


def project_in_sight(*, code: str, by: Actor) -> ProjectRow:
    """Give the project; refuses with ``access.not-found`` another's as one that does not exist.

    A household, which may choose and sign as well, does so on its own pages: the desk has none for
    it.
    """
    project = project_by_code(code=code)
    if by.kind == "household" or not by.sees_project(project.id):
        raise Refusal("access.not-found")
    return project


def standing_of(*, project_id: UUID) -> Standing:
    """Count how far a project is; inside an officer's reading."""
    batches = batches_of(project_id=project_id)
    return Standing(
        homes=count_homes(project_id=project_id).total(),
        households=count_households(project_id=project_id),
        is_frozen=rule_set_in_force(project_id=project_id) is not None,
        scored=count_scored(project_id=project_id),
        placed=sum(batch.households for batch in batches),
        through=sum(batch.through for batch in batches),
        batches=len(batches),
        closed_batches=sum(batch.state == "closed" for batch in batches),
        open_batch=next((batch.batch for batch in batches if batch.state == "open"), None),
    )


def steps_of(*, code: str, standing: Standing, by: Actor) -> list[Step]:
    """Lay out the six steps; the first that is not done is the one that waits.

    A step leads to its page where ``by`` may open that.
    """
    told = standing
    registered = bool(told.homes and told.households)
    scored = registered and told.scored >= told.households
    all_closed = bool(told.batches) and told.closed_batches == told.batches
    plain = [
        ("登记", f"{told.homes} 套 · {told.households} 户", registered, "desk-import"),
        ("规则冻结", "已冻结" if told.is_frozen else "待冻结", told.is_frozen, "desk-scores"),
        ("评分", f"{told.scored} / {told.households} 户", scored, "desk-scores"),
        (
            "摇号",
            f"{told.placed} 户已排" if told.placed else "待摇号",
            bool(told.placed),
            "desk-draw",
        ),
        ("分批", f"{told.closed_batches} / {told.batches} 批", all_closed, "desk-turns"),
        ("选房", f"{told.through} / {told.households} 户", all_closed, "desk-turns"),
    ]
    steps: list[Step] = []
    is_open = True
    for name, words, is_done, page in plain:
        state: StepState = "done" if is_done else "now" if is_open else "later"
        # Batches and choosing go on together.
        is_open = is_open and (is_done or name == "分批")
        is_open_to_reader = is_permitted(by, _PERMITS[page])
        url = reverse(page, kwargs={"code": code}) if is_open_to_reader else ""
        steps.append(Step(name=name, words=words, state=state, url=url))
    return steps


def waiting_words(steps: list[Step], standing: Standing) -> str:
    """Say in one sentence what waits for the officer."""
    if standing.open_batch is not None:
        return f"第 {standing.open_batch} 批正在选房，到叫号台继续"
    waits = next((step.name for step in steps if step.state == "now"), "")
    return {
        "登记": "先导入房源表和户册",
        "规则冻结": "登记已齐，等您冻结评分规则",
        "评分": "规则已冻结，可以评分",
        "摇号": "评分已齐，等待摇号",
        "分批": "顺序已定，可以开始下一批",
    }.get(waits, "已全部办完，可以公布结果")
