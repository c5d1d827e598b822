"""An act on a case judged and folded, and the rows that follow from it written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anju.foundation.access.types import Actor
from anju.foundation.casework.folding import (
    Derived,
    Line,
    Raised,
    Unfolded,
    derive_rows,
    follow_line,
)
from anju.foundation.casework.mapping import (
    brought_in,
    case_from,
    put_case_fields,
    record_from,
    write_new_rows,
    write_rows,
)
from anju.foundation.casework.models import ActionRecord, CaseRecord
from anju.foundation.casework.types import ActingAs, CaseRow, NewAction
from anju.foundation.core.clock import city_time
from anju.foundation.core.crypto import new_id
from anju_rules.calendar import WorkingCalendar
from anju_rules.procedures.acting import judge_action
from anju_rules.procedures.states import Action, ActionKind, Point
from anju_rules.procedures.types import Procedure
from anju_rules.values import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldedAct:
    """A lawful act with all that follows from it; nothing of it is written yet."""

    kept: CaseRecord
    """The case, its folded fields put on it."""
    line: ActionRecord
    derived: Derived


def fold_act(
    *,
    kept: CaseRecord,
    definition: Procedure,
    before: Unfolded,
    act: NewAction,
    by: Actor,
    second: Actor | None,
    at: datetime,
    acting_as: ActingAs,
    calendar: WorkingCalendar,
    raised: Raised = (),
) -> FoldedAct:
    """Judge an act on a case and fold it; refuses as the rules and its materials are judged."""
    clauses = act.clauses or _default_clauses(definition, act)
    documents = {one.code: one.document_id for one in act.materials}
    action = Action(
        kind=act.kind,
        at=city_time(at),
        role=acting_as.role,
        tier=acting_as.tier,
        by=str(by.id),
        step=act.step,
        outcome=act.outcome,
        materials=brought_in(definition, _asked_of(definition, act, documents)),
        points=tuple(Point(code=point.code, arose_from=point.arose_from) for point in act.points),
        reason=act.reason,
        clause=clauses[0] if clauses else "",
        why=act.why,
        facts=act.facts,
        second=str(second.id) if second is not None else "",
        second_role=second.role if second is not None else "",
    )
    judge_action(definition, before.state, action, calendar=calendar).raise_if_unmet()
    after = follow_line(definition, before, Line(action=action, by=by.id, documents=documents))
    derived = derive_rows(
        definition, after, division=kept.division, calendar=calendar, raised=raised
    )
    put_case_fields(kept, derived.case)
    line = record_from(
        kept=kept,
        action=action,
        action_id=act.id or new_id(),
        place=after.state.length,
        act=act,
        by=by.id,
        second=second.id if second is not None else None,
        clauses=clauses,
        at=at,
    )
    return FoldedAct(kept=kept, line=line, derived=derived)


def write_act(folded: FoldedAct) -> CaseRow:
    """Write an act on a case that stands, and what it changes."""
    folded.kept.save(force_update=True)
    folded.line.save(force_insert=True)
    write_rows(folded.kept, folded.derived)
    return case_from(folded.kept)


def write_openings(folded: Sequence[FoldedAct]) -> tuple[CaseRow, ...]:
    """Write new cases with their first lines, a statement a table for all of them."""
    CaseRecord.objects.bulk_create([one.kept for one in folded])
    ActionRecord.objects.bulk_create([one.line for one in folded])
    write_new_rows([(one.kept, one.derived) for one in folded])
    return tuple(case_from(one.kept) for one in folded)


def _asked_of(
    definition: Procedure, act: NewAction, documents: dict[str, UUID | None]
) -> list[str]:
    """Give the materials to judge; a document of what this very step makes is no material yet."""
    step = definition.steps.get(act.step)
    makes = step.produces if step is not None and act.kind is ActionKind.DECIDE else ()
    strange = [
        code
        for code in documents
        if code in definition.materials
        and not brought_in(definition, (code,))
        and code not in makes
    ]
    if strange:
        raise Refusal("case.unknown-material", material=strange[0])
    return list(documents)


def _default_clauses(definition: Procedure, act: NewAction) -> tuple[str, ...]:
    step = definition.steps.get(act.step)
    outcome = step.outcome(act.outcome) if step is not None else None
    if act.reason is not None:
        ground = definition.ground(act.reason)
        return (ground.basis.clause,) if ground else ()
    if act.kind is ActionKind.ASK_CORRECTION:
        return ()  # the fold takes the ground's own clause
    basis = outcome.basis if outcome else step.basis if step else definition.basis
    return (basis.clause,)
