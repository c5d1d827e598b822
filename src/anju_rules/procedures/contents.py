"""What an action must bring with it: materials, a window gone by, a share, signatures, reasons.

Asked only after the case was found to stand so that the action may be done at all.
"""

from __future__ import annotations

from collections.abc import Iterator

from anju_rules.calendar import WorkingCalendar
from anju_rules.clocks import Clock, Unit, find_deadline
from anju_rules.procedures.cases import missing_materials, pauses_since
from anju_rules.procedures.states import Action, ActionKind, CaseState
from anju_rules.procedures.types import Effect, Ending, Outcome, Procedure, Source, Step
from anju_rules.values import Finding

SUPERVISOR = "supervisor"
"""The role that must sign a second correction on a point that existed at the first review."""
_MUST_SAY_WHY = frozenset({ActionKind.DECLINE, ActionKind.TURN_AWAY, ActionKind.REVOKE})


def judge_content(
    procedure: Procedure, state: CaseState, action: Action, *, calendar: WorkingCalendar
) -> Iterator[Finding]:
    """Judge what ``action`` brings with it; its standing has been judged before."""
    clause = procedure.basis.clause
    yield Finding(
        "case.time-runs-back",
        clause,
        met=state.last_at is None or action.at >= state.last_at,
        facts={"at": action.at.isoformat()},
    )
    yield from _judge_materials(procedure, action)
    if action.kind is ActionKind.DECIDE:
        step = procedure.steps[action.step]
        outcome = step.outcome(action.outcome)
        assert outcome is not None  # noqa: S101 - judged with the standing
        yield from _judge_decision(procedure, state, action, step, outcome)
        if outcome.effect is not Effect.SEND:  # what goes back will be published anew
            yield from _judge_window(state, action, step, calendar)
    elif action.kind in _MUST_SAY_WHY:
        yield _judge_why(action, clause=clause)
        if action.kind is ActionKind.REVOKE:
            yield from _judge_second(action, clause=clause)
    elif action.kind is ActionKind.ASK_CORRECTION:
        yield from _judge_points(procedure, state, action)


def _judge_materials(procedure: Procedure, action: Action) -> Iterator[Finding]:
    """Only what the procedure knows comes in, and nothing that a step of it makes."""
    for code in action.materials:
        material = procedure.materials.get(code)
        clause = material.basis.clause if material else procedure.basis.clause
        yield Finding(
            "case.unknown-material",
            clause,
            met=material is not None and material.source is not Source.PRODUCED,
            facts={"material": code},
        )


def _judge_decision(
    procedure: Procedure, state: CaseState, action: Action, step: Step, outcome: Outcome
) -> Iterator[Finding]:
    clause = outcome.basis.clause
    goes_on = outcome.effect in (Effect.ADVANCE, Effect.TOLERATE) or outcome.ends_as is Ending.DONE
    if goes_on:
        missing = [
            code for code in missing_materials(state, step=step) if code not in action.materials
        ]
        is_tolerated = outcome.effect is Effect.TOLERATE
        for code in missing:
            material = procedure.materials[code]
            yield Finding(
                "case.material-missing",
                material.basis.clause,
                met=is_tolerated and material.is_tolerable,
                facts={"step": step.code, "material": code},
            )
        if is_tolerated:
            yield Finding("case.nothing-to-tolerate", clause, met=bool(missing))
    else:
        yield _judge_why(action, clause=clause)
    if outcome.threshold is not None:
        share = outcome.threshold
        part, whole = action.facts.get(share.part, -1), action.facts.get(share.whole, 0)
        yield Finding(
            "case.share-not-reached",
            clause,
            met=0 <= part <= whole
            and whole > 0
            and part * share.denominator >= share.numerator * whole,
            facts={
                "part": max(part, 0),
                "whole": whole,
                "needed": f"{share.numerator}/{share.denominator}",
            },
        )
    if step.signs > 1:
        yield from _judge_second(action, clause=step.basis.clause)


def _judge_why(action: Action, *, clause: str) -> Finding:
    return Finding(
        "case.reason-missing", clause, met=bool(action.why.strip()), facts={"kind": action.kind}
    )


def _judge_second(action: Action, *, clause: str) -> Iterator[Finding]:
    yield Finding("case.second-person-missing", clause, met=bool(action.second))
    yield Finding("case.same-person", clause, met=not action.second or action.second != action.by)


def _judge_window(
    state: CaseState, action: Action, step: Step, calendar: WorkingCalendar
) -> Iterator[Finding]:
    """A notice must have been up for its whole length before anything follows from it."""
    window = step.lasts_at_least
    if window is None or window.unit is Unit.HOURS:
        return
    opened_on = state.opened_on[step.code]
    clock = Clock(started_on=opened_on, budget=window, pauses=pauses_since(state, opened_on))
    end = find_deadline(clock, calendar=calendar)
    yield Finding(
        "case.window-not-over",
        step.basis.clause,
        met=end is not None and action.on > end.on,
        facts={"step": step.code, "until": end.on.isoformat() if end else ""},
    )


def _judge_points(procedure: Procedure, state: CaseState, action: Action) -> Iterator[Finding]:
    """Everything is asked for once; what was overlooked needs the supervisor's signature.

    A point counts as new only if it arose from a step decided, or a material received, after the
    first correction notice: nobody can call an overlooked point new.
    """
    ground = next(iter(procedure.grounds), None)
    clause = ground.basis.clause if ground else procedure.basis.clause
    yield Finding("case.points-missing", clause, met=bool(action.points))
    if not state.corrections:
        return
    for point in action.points:
        if point.arose_from:
            yield Finding(
                "case.point-not-new",
                clause,
                met=point.arose_from in state.since_review and point.code not in state.points,
                facts={"point": point.code, "arose_from": point.arose_from},
            )
        else:
            yield Finding(
                "case.correction-once",
                clause,
                met=action.second_role == SUPERVISOR
                and bool(action.second)
                and action.second != action.by,
                facts={"point": point.code},
            )
