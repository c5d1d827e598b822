"""A case: its state is folded from an append-only log of actions, and from nothing else.

The fold follows what has been judged lawful (:mod:`anju_rules.procedures.acting`); a log that
cannot have come about is refused. Every action tells the outside world one of the sixteen exchange
codes: 1 intake, 2 withdrawn, 3 accepted at the window, 4 not accepted, 5 refused, 6 and 7
supplement begins and ends, 8 accepted by the department, 9 and 10 special procedure begins and
ends, 11 done, 12 done with tolerance, 13 done refused, 14 withdrawn, 15 revoked, 16 withdrawal to
confirm.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from anju_rules.clocks import Budget, Clock, Pause, PauseReason, Unit
from anju_rules.procedures.flow import Flow, decide_step, settle_step, start_flow, undone_by
from anju_rules.procedures.states import Action, ActionKind, CaseState, Status
from anju_rules.procedures.types import Effect, Ending, Procedure, Source, Step
from anju_rules.values import Refusal


def fold_actions(procedure: Procedure, actions: Iterable[Action]) -> CaseState:
    """Fold a whole log. Refuses with ``case.log-impossible`` what no case can have gone through."""
    state = CaseState()
    for action in actions:
        state = follow_action(procedure, state, action)
    return state


def follow_action(procedure: Procedure, state: CaseState, action: Action) -> CaseState:
    """Give the state after ``action``, which has been judged lawful before it was written."""
    if (state.length == 0) is not (action.kind is ActionKind.OPEN):
        raise Refusal("case.log-impossible", place=state.length + 1, kind=action.kind.value)
    came = frozenset(action.materials)
    after = _FOLLOW[action.kind](procedure, state, action)
    after = _receive(procedure, after, came, on=action.on) if came else after
    return replace(
        after,
        length=state.length + 1,
        last_at=action.at,
        ended_on=None if after.status.is_open else after.ended_on or action.on,
    )


def _open(procedure: Procedure, state: CaseState, action: Action) -> CaseState:
    came = replace(state, came_on=action.on, exchange_code=1)
    return came if procedure.has_intake else _start(procedure, came, on=action.on)


def _accept(procedure: Procedure, state: CaseState, action: Action) -> CaseState:
    return replace(_start(procedure, state, on=action.on), is_awaiting=False, exchange_code=3)


def _start(procedure: Procedure, state: CaseState, *, on: date) -> CaseState:
    flow = start_flow(procedure)
    return replace(
        state,
        status=Status.IN_PROGRESS,
        started_on=on,
        flow=flow,
        opened_on=dict.fromkeys(flow.open_steps, on),
    )


def _decline(_procedure: Procedure, state: CaseState, action: Action) -> CaseState:
    code = 4 if action.kind is ActionKind.DECLINE else 5
    return replace(state, status=Status.NOT_ACCEPTED, is_awaiting=False, exchange_code=code)


def _take_up(_procedure: Procedure, state: CaseState, action: Action) -> CaseState:
    return replace(state, in_hand=state.in_hand | {action.step}, exchange_code=8)


def _decide(procedure: Procedure, state: CaseState, action: Action) -> CaseState:
    step = procedure.steps.get(action.step)
    outcome = step.outcome(action.outcome) if step else None
    if step is None or outcome is None or step.code not in state.open_steps:
        raise Refusal(
            "case.log-impossible", place=state.length + 1, kind=f"{action.step}/{action.outcome}"
        )
    undone = undone_by(procedure, state.flow, step=step, outcome=outcome)
    flow = decide_step(procedure, state.flow, step=step, outcome=outcome)
    lost = {code for one in undone for code in procedure.steps[one].produces}
    made = frozenset() if outcome.effect in (Effect.SEND, Effect.REFUSE) else step.produces
    materials = (state.materials - lost) | set(made)
    owed = {code: by for code, by in state.owed.items() if by not in undone}
    owed_since = {code: on for code, on in state.owed_since.items() if code in owed}
    if outcome.effect is Effect.TOLERATE:
        for code in missing_materials(state, step=step):
            owed[code] = step.code
            owed_since[code] = action.on
    reviewed = {step.code, *action.materials} if state.corrections else set()
    return replace(
        state if flow.ending is None else _end_pause(state, on=action.on),
        flow=flow,
        status=_status_after(flow),
        opened_on={
            code: action.on
            if code not in state.opened_on or code not in state.open_steps
            else state.opened_on[code]
            for code in flow.open_steps
        },
        in_hand=state.in_hand.intersection(flow.open_steps) - {step.code},
        materials=frozenset(materials),
        owed=owed,
        owed_since=owed_since,
        since_review=state.since_review | reviewed,
        is_sent_back=outcome.effect is Effect.SEND,
        exchange_code=_code_after(flow, owes=bool(owed)),
    )


def missing_materials(state: CaseState, *, step: Step) -> tuple[str, ...]:
    """Give what ``step`` needs and the case neither has nor already owes."""
    return tuple(
        code for code in step.needs if code not in state.materials and code not in state.owed
    )


def _status_after(flow: Flow) -> Status:
    if flow.ending is None:
        return Status.IN_PROGRESS
    return Status.DONE if flow.ending is Ending.DONE else Status.REFUSED


def _code_after(flow: Flow, *, owes: bool) -> int:
    """Give the exchange code: 8 in the department, 11 done, 12 with tolerance, 13 refused."""
    if flow.ending is None:
        return 8
    if flow.ending is Ending.REFUSED:
        return 13
    return 12 if owes else 11


def _ask_correction(procedure: Procedure, state: CaseState, action: Action) -> CaseState:
    late = [point for point in action.points if state.corrections and not point.arose_from]
    asked = replace(
        state,
        is_awaiting=True,
        corrections=state.corrections + 1,
        points=state.points | {point.code for point in action.points},
        defects=state.defects + len(late),
        exchange_code=6,
    )
    if state.status is Status.INTAKE:
        return asked  # the clock has not started: there is nothing to stop
    return _stop(procedure, asked, replace(action, reason=PauseReason.SUPPLEMENT))


def _receive_correction(_procedure: Procedure, state: CaseState, action: Action) -> CaseState:
    resumed = _end_pause(state, on=action.on)
    return replace(resumed, is_awaiting=False, exchange_code=7)


def _stop(procedure: Procedure, state: CaseState, action: Action) -> CaseState:
    reason = action.reason or PauseReason.SUPPLEMENT
    ground = procedure.ground(reason)
    clause = action.clause or (ground.basis.clause if ground else "")
    return replace(
        state,
        pauses=(*state.pauses, Pause(action.on, None, reason, clause)),
        exchange_code=6 if reason is PauseReason.SUPPLEMENT else 9,
    )


def _resume(_procedure: Procedure, state: CaseState, action: Action) -> CaseState:
    pause = state.open_pause
    was_supplement = pause is not None and pause.reason is PauseReason.SUPPLEMENT
    return replace(
        _end_pause(state, on=action.on),
        is_awaiting=False,
        exchange_code=7 if was_supplement else 10,
    )


def _end_pause(state: CaseState, *, on: date) -> CaseState:
    pause = state.open_pause
    if pause is None:
        return state
    return replace(state, pauses=(*state.pauses[:-1], replace(pause, ended_on=on)))


def _supply(_procedure: Procedure, state: CaseState, _action: Action) -> CaseState:
    return state


def _receive(
    procedure: Procedure, state: CaseState, came: frozenset[str], *, on: date
) -> CaseState:
    """Add materials; what a step was owed and now has, it is no longer owed."""
    committed = any(
        procedure.materials[code].source is Source.COMMITTED
        for code in came
        if code in procedure.materials
    )
    owed = {code: by for code, by in state.owed.items() if code not in came}
    flow = state.flow
    for step in {by for code, by in state.owed.items() if code in came} - set(owed.values()):
        flow = settle_step(procedure, flow, step=step)
    return replace(
        state,
        materials=state.materials | came,
        owed=owed,
        owed_since={code: since for code, since in state.owed_since.items() if code in owed},
        flow=flow,
        opened_on={code: state.opened_on.get(code, on) for code in flow.open_steps},
        since_review=state.since_review | came if state.corrections else state.since_review,
        is_committed=state.is_committed or committed,
    )


def _ask_withdrawal(_procedure: Procedure, state: CaseState, _action: Action) -> CaseState:
    return replace(state, is_withdrawal_asked=True, exchange_code=16)


def _withdraw(_procedure: Procedure, state: CaseState, action: Action) -> CaseState:
    was_intake = state.status is Status.INTAKE
    return replace(
        _end_pause(state, on=action.on),
        status=Status.WITHDRAWN,
        is_awaiting=False,
        is_withdrawal_asked=False,
        exchange_code=2 if was_intake else 14,
    )


def _keep(_procedure: Procedure, state: CaseState, _action: Action) -> CaseState:
    return replace(state, is_withdrawal_asked=False, exchange_code=8)


def _revoke(_procedure: Procedure, state: CaseState, action: Action) -> CaseState:
    return replace(state, status=Status.REVOKED, ended_on=action.on, exchange_code=15)


_FOLLOW = {
    ActionKind.OPEN: _open,
    ActionKind.ACCEPT: _accept,
    ActionKind.DECLINE: _decline,
    ActionKind.TURN_AWAY: _decline,
    ActionKind.TAKE_UP: _take_up,
    ActionKind.DECIDE: _decide,
    ActionKind.ASK_CORRECTION: _ask_correction,
    ActionKind.RECEIVE_CORRECTION: _receive_correction,
    ActionKind.STOP: _stop,
    ActionKind.RESUME: _resume,
    ActionKind.SUPPLY: _supply,
    ActionKind.ASK_WITHDRAWAL: _ask_withdrawal,
    ActionKind.WITHDRAW: _withdraw,
    ActionKind.KEEP: _keep,
    ActionKind.REVOKE: _revoke,
}


def case_clock(procedure: Procedure, state: CaseState) -> Clock | None:
    """Give the clock of the whole case; ``None`` without a limit in days, or before it started."""
    budget = procedure.limit.binding
    if budget is None or budget.unit is Unit.HOURS or state.started_on is None:
        return None
    return Clock(
        started_on=state.started_on,
        budget=budget,
        pauses=state.pauses,
        first_came_on=state.came_on,
    )


def step_clock(procedure: Procedure, state: CaseState, *, step: str) -> Clock | None:
    """Give the clock of an open step; ``None`` where it is not open or has no limit in days."""
    opened_on = state.opened_on.get(step)
    budget: Budget | None = procedure.steps[step].limit.binding
    if opened_on is None or budget is None or budget.unit is Unit.HOURS:
        return None
    return Clock(started_on=opened_on, budget=budget, pauses=pauses_since(state, opened_on))


def pauses_since(state: CaseState, day: date) -> tuple[Pause, ...]:
    """Give the case's pauses after ``day``; one that stood on that day is cut to it.

    What was owed may come, and open a step, while the clock stands.
    """
    return tuple(
        replace(pause, began_on=max(pause.began_on, day))
        for pause in state.pauses
        if pause.ended_on is None or pause.ended_on > day
    )
