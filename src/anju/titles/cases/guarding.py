"""What a title case asks beyond its procedure, and what follows from each act on it.

Called with every act on a case, in the same transaction: what is refused here refuses the act,
whoever sent it and by whichever face.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date

from anju.foundation.casework.events import CaseEvent, EventKind, listen_to_many
from anju.foundation.casework.queries import case_file, first_owed, procedures_of
from anju.foundation.casework.types import CaseFile, CaseRow, HandedIn, NewAction
from anju.foundation.core.clock import city_time
from anju.titles.cases.blocks import require_unblocked
from anju.titles.cases.covering import covers_home
from anju.titles.cases.fees import require_proofs
from anju.titles.cases.models import TitleCaseRecord
from anju.titles.cases.promises import is_promise_broken, lay_commitments
from anju.titles.cases.types import PROCEDURES, Standing
from anju.titles.communities.operations import note_titles
from anju.titles.communities.queries import home_by_id, homes_of
from anju_rules.procedures.states import ActionKind, Flag, Status
from anju_rules.procedures.types import Effect, Ending, OwedElse, Procedure, Source, Step
from anju_rules.values import Refusal

STANDINGS: Mapping[Status, Standing] = {
    Status.INTAKE: "open",
    Status.IN_PROGRESS: "open",
    Status.DONE: "done",
    Status.REFUSED: "refused",
    Status.NOT_ACCEPTED: "refused",
    Status.WITHDRAWN: "withdrawn",
    Status.REVOKED: "revoked",
}
DECISION = "registration-decision"
"""The material that says that a title may be registered."""
_PAID = frozenset({"payment-record", "tax-record"})
"""What may only be made out where the taxes are proven."""
_own_page: ContextVar[bool] = ContextVar("anju_titles_own_page", default=False)


@contextmanager
def on_own_page() -> Iterator[None]:
    """Let the titles' own operations do what a bare act on the case may not: issue and undo."""
    token = _own_page.set(True)
    try:
        yield
    finally:
        _own_page.reset(token)


@listen_to_many(EventKind.OPENED)
@listen_to_many(EventKind.ACTED)
def follow_title_cases(events: Sequence[CaseEvent]) -> None:
    """Judge what is done to title cases, and note how they stand after it.

    For the homes of a batch all at once, in as many statements as for one. Refuses with
    ``titlecases.not-filed`` a case of these procedures that was opened elsewhere, and with what
    :class:`Guarded` refuses.
    """
    acts = _guarded(events)
    if not acts:
        return
    at = acts[0].event.at
    lay_commitments([(one.kept, paper) for one in acts for paper in one.commitments()], at=at)
    for one in acts:
        one.judge_place()
    require_unblocked([one.kept for one in acts if one.may_be_blocked], at=at)
    for one in acts:
        one.judge_step()
    _note(acts)


def _guarded(events: Sequence[CaseEvent]) -> list[Guarded]:
    told = [
        (event, event.case, event.action)
        for event in events
        if event.case is not None
        and event.action is not None
        and event.case.procedure in PROCEDURES
    ]
    if not told:
        return []
    project_id, case_ids = told[0][1].project_id, [case.id for _, case, _ in told]
    found = TitleCaseRecord.objects.filter(project_id=project_id, id__in=case_ids)
    kept = {one.id: one for one in found}
    if len(kept) < len(set(case_ids)):
        raise Refusal("titlecases.not-filed")
    procedures = procedures_of(project_id=project_id, case_ids=case_ids)
    return [
        Guarded(kept=kept[case.id], case=case, act=act, procedure=procedures[case.id], event=event)
        for event, case, act in told
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """One act on a title case, as it is judged."""

    kept: TitleCaseRecord
    case: CaseRow
    act: NewAction
    procedure: Procedure
    event: CaseEvent

    def commitments(self) -> Iterator[HandedIn]:
        """Give every commitment that comes in with the act: each is kept, or refuses the act."""
        for paper in self.act.materials:
            material = self.procedure.materials.get(paper.code)
            if material is not None and material.source is Source.COMMITTED:
                yield paper

    def judge_place(self) -> None:
        """Refuse what may not be done yet, or not here.

        ``titlecases.undo-here`` what has a page of its own; ``titlecases.other-side-missing``.
        """
        kind = self.act.kind
        if kind is ActionKind.REVOKE and not _own_page.get():
            raise Refusal("titlecases.undo-here")
        if kind is ActionKind.ACCEPT and not is_applied_for(self.kept):
            raise Refusal("titlecases.other-side-missing", clause="registration-rules/14")

    @property
    def may_be_blocked(self) -> bool:
        """Whether a restriction or a problem of the community keeps the act back."""
        kind = self.act.kind
        if kind is ActionKind.RESUME:
            return not _own_page.get()
        return kind in (ActionKind.OPEN, ActionKind.ACCEPT) or self._is_decided()

    def judge_step(self) -> None:
        """Refuse a decision for which something is missing.

        ``titlecases.no-first-registration``; ``fees.*`` without proof of the taxes;
        ``titlecases.owes-material``, ``titlecases.promise-broken``; ``titlecases.issue-here``
        what has a page of its own.
        """
        if self._is_decided():
            self._judge_step(self.procedure.steps[self.act.step])

    def _is_decided(self) -> bool:
        return self.act.kind is ActionKind.DECIDE and self._goes_on()

    def _goes_on(self) -> bool:
        outcome = self.procedure.steps[self.act.step].outcome(self.act.outcome)
        return outcome is not None and (
            outcome.effect in (Effect.ADVANCE, Effect.TOLERATE) or outcome.ends_as is Ending.DONE
        )

    def _judge_step(self, step: Step) -> None:
        on = city_time(self.event.at).date()
        if _PAID.intersection(step.produces):
            require_proofs(self.kept, on=on)
        is_end = self.case.status is Status.DONE
        if DECISION not in step.produces and not is_end:
            return
        if is_promise_broken(self.kept):
            raise Refusal("titlecases.promise-broken", clause="state-council-2020-42/1")
        require_proofs(self.kept, on=on)
        if self.kept.home_id is not None:
            home = home_by_id(project_id=self.kept.project_id, home_id=self.kept.home_id)
            if home.title_state == "none":
                raise Refusal("titlecases.no-first-registration", home=home.number)
        if Flag.OWES_MATERIAL in self.case.flags:
            self._require_nothing_owed()
        if is_end and self.kept.kind == "transfer" and not _own_page.get():
            raise Refusal("titlecases.issue-here")

    def _require_nothing_owed(self) -> None:
        for line in _file_of(self.event).materials:
            material = self.procedure.materials[line.code]
            if line.state == "owed" and material.owed_else is OwedElse.REFUSE:
                raise Refusal(
                    "titlecases.owes-material",
                    clause=material.basis.clause,
                    material=material.title.zh,
                )


def is_applied_for(kept: TitleCaseRecord) -> bool:
    """Say whether everybody who must apply has (registration rules 14: both sides)."""
    if kept.kind == "first":
        return kept.seller_signed_at is not None
    seller = kept.seller_signed_at is not None or bool(kept.alone_why)
    return kept.owner_signed_at is not None and seller


def _note(acts: Sequence[Guarded]) -> None:
    owing = [one.case.id for one in acts if Flag.OWES_MATERIAL in one.case.flags]
    project_id = acts[0].kept.project_id
    owed = first_owed(project_id=project_id, case_ids=owing) if owing else {}
    for guarded in acts:
        _note_one(guarded, owed_until=owed.get(guarded.case.id))


def _note_one(guarded: Guarded, *, owed_until: date | None) -> None:
    kept, case, event = guarded.kept, guarded.case, guarded.event
    before = _noted(kept)
    was, kept.standing = kept.standing, STANDINGS[case.status]
    kept.owed_until = owed_until
    if Flag.OWES_MATERIAL not in case.flags:
        kept.lapsed_at = None
    if case.status.is_open:
        kept.due_on = case.due_on
    elif was == "open":
        kept.ended_at = event.at
        kept.was_overdue = _has_run_over(guarded)
    if _noted(kept) != before:
        kept.save(force_update=True)
    if was != kept.standing:
        _note_homes(kept)


def _noted(kept: TitleCaseRecord) -> tuple[object, ...]:
    return (
        *(kept.standing, kept.owed_until, kept.lapsed_at),
        *(kept.due_on, kept.ended_at, kept.was_overdue),
    )


def _note_homes(kept: TitleCaseRecord) -> None:
    """Note how the title of the homes stands once a case is done, or undone."""
    if kept.standing not in ("done", "revoked"):
        return
    done = kept.standing == "done"
    if kept.home_id is not None:
        note_titles(
            project_id=kept.project_id,
            home_ids=[kept.home_id],
            title_state="titled" if done else "first",
        )
    elif done:
        # Common parts stand in the register with the rest, and get no title of their own
        # (Civil Code 274): what can be transferred are the other units.
        units = [
            one
            for one in homes_of(project_id=kept.project_id)
            if one.use != "common" and one.title_state == "none" and covers_home(kept, one.id)
        ]
        note_titles(
            project_id=kept.project_id, home_ids=[one.id for one in units], title_state="first"
        )


def _has_run_over(guarded: Guarded) -> bool:
    budget = guarded.procedure.limit.binding
    file = _file_of(guarded.event)
    return budget is not None and file.net_working_days > budget.length


def _file_of(event: CaseEvent) -> CaseFile:
    return case_file(project_id=event.project_id, case_id=event.case_id, by=event.by, at=event.at)
