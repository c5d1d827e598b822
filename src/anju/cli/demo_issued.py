"""The demo's titles that came through: two certificates, a case half way, areas, two ratings.

What is there already is not done again; a case that was cut short is carried on from its step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor, system_actor
from anju.foundation.casework.operations import take_action
from anju.foundation.casework.queries import case_by_id, procedure_of
from anju.foundation.casework.types import CaseRow, HandedIn, NewAction
from anju.foundation.core.clock import city_time, read_clock
from anju.foundation.documents.operations import store_document
from anju.foundation.documents.strokes import Stroke, draw_strokes
from anju.titles.cases.operations import (
    hand_in_papers,
    issue_title,
    note_department_result,
    record_receipt,
    state_fee_facts,
)
from anju.titles.cases.operations.issuing import ISSUE
from anju.titles.cases.queries import fees_of
from anju.titles.cases.settlements.operations import clear_settlement, settle_homes
from anju.titles.cases.settlements.queries import settlements_of
from anju.titles.communities.types import HomeRow
from anju.titles.partners.board import rating_token, service_by_token
from anju.titles.partners.operations.ratings import give_rating
from anju.titles.partners.types import RatingWords
from anju_rules.procedures.states import ActionKind, Status
from anju_rules.procedures.types import Effect, Ending, Source, Step
from anju_rules.ratings import Level
from anju_rules.values import Fact

_GOES_ON = (Effect.ADVANCE, Effect.END)
_HALF_WAY = "survey"
"""The step at which the case of an owner who still waits stands."""
_CLEARED = 2
_FEE_FACTS: Mapping[str, Fact] = {
    "homes_owned": 1,
    "is_first_sale": True,
    "construction_cost_fen_per_sqm": 2_600_00,
    "is_allocated_land": False,
}
_NAME: Sequence[Stroke] = (
    ((180, 90), (330, 84), (420, 80)),
    ((300, 60), (296, 150), (288, 240), (250, 290)),
    ((300, 160), (380, 230), (450, 280)),
    ((520, 100), (560, 180), (540, 270)),
    ((500, 190), (620, 176), (700, 172)),
)
"""A made-up hand on glass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoIssued:
    """What became of a community's transfers in the demo, while it is being made."""

    community_id: UUID
    officer: Callable[[str], Actor]

    def prepare(
        self, *, issued: Sequence[UUID], half_way: UUID, settled: Sequence[HomeRow]
    ) -> None:
        """Make what is not there yet; ``issued`` and ``half_way`` are cases."""
        self._settle(settled)
        for case_id in issued:
            self._carry(case_id, until="")
        self._carry(half_way, until=_HALF_WAY)
        self._rate(issued)

    def _settle(self, homes: Sequence[HomeRow]) -> None:
        """Settle areas home by home; the first buyers have paid already."""
        with reading(by=self.officer("district")):
            if settlements_of(project_id=self.community_id):
                return
        done = settle_homes(
            project_id=self.community_id,
            home_ids=[home.id for home in homes],
            by=self.officer("district"),
            at=read_clock(),
        )
        for place, one in enumerate(done[:_CLEARED], start=1):
            if one.settlement is None or not one.settlement.buyer_pays_fen:
                continue
            clear_settlement(
                project_id=self.community_id,
                settlement_id=one.settlement.id,
                receipt=f"JS2026-{place:04}",
                on=city_time(read_clock()).date(),
                by=self.officer("district"),
                at=read_clock(),
            )

    def _carry(self, case_id: UUID, *, until: str) -> None:
        """Carry a case from where it stands to the end, or up to (not with) the step ``until``."""
        row = self._case(case_id)
        if row.status is Status.INTAKE:
            self._promise(row)
            row = take_action(
                project_id=self.community_id,
                case_id=case_id,
                act=NewAction(kind=ActionKind.ACCEPT),
                by=self.officer("district"),
                at=read_clock(),
            )
        if row.status.is_open:
            self._pay(case_id)
        with reading(by=self.officer("district")):
            steps = procedure_of(project_id=self.community_id, case_id=case_id).steps
        while row.status.is_open:
            ahead = [code for code in row.open_steps if code != until]
            if not ahead:
                return
            row = self._decide(case_id, steps[ahead[0]])

    def _decide(self, case_id: UUID, step: Step) -> CaseRow:
        outcome = next(
            one.code
            for one in step.outcomes
            if one.effect in _GOES_ON and one.ends_as is not Ending.REFUSED
        )
        second = self.officer("supervisor") if step.signs > 1 else None
        if step.code == ISSUE:
            return issue_title(
                project_id=self.community_id,
                case_id=case_id,
                by=self.officer("district"),
                second=second,
                at=read_clock(),
            )
        if step.role == "department":
            return note_department_result(
                project_id=self.community_id,
                case_id=case_id,
                step=step.code,
                outcome=outcome,
                paper=f"演示〔2026〕{case_id.int % 900 + 100} 号",
                by=self.officer("district"),
                at=read_clock(),
            )
        return take_action(
            project_id=self.community_id,
            case_id=case_id,
            act=NewAction(kind=ActionKind.DECIDE, step=step.code, outcome=outcome),
            by=self.officer("district"),
            second=second,
            at=read_clock(),
        )

    def _promise(self, row: CaseRow) -> None:
        """Hand in what the owners promise under their names, at the window."""
        by = self.officer("district")
        with reading(by=by):
            materials = procedure_of(project_id=self.community_id, case_id=row.id).materials
        for code, material in materials.items():
            if material.source is not Source.COMMITTED:
                continue
            paper = store_document(
                project_id=self.community_id,
                owner_kind="case",
                owner_id=row.id,
                household_id=row.household_id,
                name=f"{material.title.zh}.png",
                content=draw_strokes(_NAME),
                channel="desk",
                is_made_here=True,
                by=by,
                at=read_clock(),
            )
            hand_in_papers(
                project_id=self.community_id,
                case_id=row.id,
                materials=[HandedIn(code=code, document_id=paper.id)],
                by=by,
                at=read_clock(),
            )

    def _pay(self, case_id: UUID) -> None:
        """State what fees are reckoned on, and enter a receipt over what each comes to."""
        by, at = self.officer("district"), read_clock()
        with reading(by=by):
            if fees_of(project_id=self.community_id, case_id=case_id, at=at).receipts:
                return
        told = state_fee_facts(
            project_id=self.community_id,
            case_id=case_id,
            facts=_FEE_FACTS,
            by=by,
            at=at,
        )
        for place, fee in enumerate(told.fees):
            if fee.sheet is None or not fee.sheet.due_fen:
                continue
            record_receipt(
                project_id=self.community_id,
                case_id=case_id,
                kind=fee.kind,
                number=f"SP{case_id.int % 10**9:09}{place}",
                amount_fen=fee.sheet.due_fen,
                paid_on=city_time(at).date(),
                by=by,
                at=at,
            )

    def _rate(self, issued: Sequence[UUID]) -> None:
        """Let owners rate what was done for them: one is content, one waited too long."""
        said = (
            (Level.VERY_GOOD, ""),
            (Level.BAD, "来了两趟才有人告诉我要带身份证原件。"),
        )
        for case_id, (level, comment) in zip(issued, said, strict=False):
            token = rating_token(project_id=self.community_id, service_id=case_id)
            if service_by_token(token=token).is_rated:
                continue
            give_rating(
                token=token,
                level=level,
                words=RatingWords(comment=comment, contact=""),
                wants_visit=False,
                channel="qr",
                by=system_actor(),
                at=read_clock(),
            )

    def _case(self, case_id: UUID) -> CaseRow:
        with reading(by=self.officer("district")):
            return case_by_id(project_id=self.community_id, case_id=case_id)
