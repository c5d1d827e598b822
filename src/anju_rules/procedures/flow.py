"""Which steps are open: what one outcome opens, closes and undoes.

The only place that knows what joins and effects mean; the fold of a case and the check of a
definition both walk through here, so that what was checked is what runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from anju_rules.procedures.types import Effect, Ending, Join, Outcome, Procedure, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Where a case stands in the graph."""

    open_steps: tuple[str, ...] = ()
    """Steps that may be decided now, in the order of the definition."""
    decided: Mapping[str, str] = field(default_factory=dict)
    """The outcome of each step that stands decided."""
    waiting: Mapping[str, str] = field(default_factory=dict)
    """Steps that sent the case elsewhere and go on when it comes back, and where they sent it."""
    owing: frozenset[str] = frozenset()
    """Decided steps for which something tolerated is still owed."""
    ending: Ending | None = None


def start_flow(procedure: Procedure) -> Flow:
    """Open the steps that wait for nothing."""
    return _open_ready(procedure, Flow())


def decide_step(procedure: Procedure, flow: Flow, *, step: Step, outcome: Outcome) -> Flow:
    """Follow ``outcome`` of the open step ``step``."""
    if outcome.effect is Effect.SEND:
        return _send(procedure, flow, step=step, to=outcome.to)
    decided = {**flow.decided, step.code: outcome.code}
    still_open = tuple(code for code in flow.open_steps if code != step.code)
    ending = outcome.ends_as
    if outcome.effect is Effect.REFUSE and any(
        one.join is Join.ANY_REFUSAL_STOPS for one in procedure.dependents(step.code)
    ):
        ending = Ending.REFUSED
    owing = flow.owing | {step.code} if outcome.effect is Effect.TOLERATE else flow.owing
    if ending is not None:
        return Flow(decided=decided, owing=owing, ending=ending)
    return _open_ready(
        procedure,
        Flow(open_steps=still_open, decided=decided, waiting=flow.waiting, owing=owing),
    )


def settle_step(procedure: Procedure, flow: Flow, *, step: str) -> Flow:
    """Take ``step`` as fully passed: what it owed has come."""
    return _open_ready(
        procedure,
        Flow(
            open_steps=flow.open_steps,
            decided=flow.decided,
            waiting=flow.waiting,
            owing=flow.owing - {step},
            ending=flow.ending,
        ),
    )


def undone_by(procedure: Procedure, flow: Flow, *, step: Step, outcome: Outcome) -> frozenset[str]:
    """Give the steps whose decision ``outcome`` undoes."""
    if outcome.effect is not Effect.SEND:
        return frozenset()
    return (procedure.resting_on(outcome.to) | {outcome.to}) & (flow.decided.keys() | {step.code})


def _send(procedure: Procedure, flow: Flow, *, step: Step, to: str) -> Flow:
    """Open ``to`` again and undo all that rests on it; who sent from beside it waits."""
    undone = set(procedure.resting_on(to) | {to})
    # A side step whose sender is undone has nobody to come back to.
    for sender, target in flow.waiting.items():
        if sender in undone and target != to and procedure.steps[target].is_on_call:
            undone.add(target)
    waiting = {sender: target for sender, target in flow.waiting.items() if sender not in undone}
    if step.code not in undone and not step.is_on_call:
        waiting[step.code] = to
    kept = {code for code in flow.open_steps if code not in undone and code != step.code}
    return _open_ready(
        procedure,
        Flow(
            open_steps=_in_order(procedure, kept | {to}),
            decided={code: one for code, one in flow.decided.items() if code not in undone},
            waiting=waiting,
            owing=flow.owing - undone,
        ),
    )


def _open_ready(procedure: Procedure, flow: Flow) -> Flow:
    """Open every step whose prerequisites are met."""
    if flow.ending is not None:
        return flow
    ready = {
        step.code
        for step in procedure.steps.values()
        if not step.is_on_call
        and step.code not in flow.decided
        and step.code not in flow.waiting
        and step.code not in flow.open_steps
        and all(_is_met(procedure, flow, step=step, before=code) for code in step.after)
    }
    if not ready:
        return flow
    return Flow(
        open_steps=_in_order(procedure, ready | set(flow.open_steps)),
        decided=flow.decided,
        waiting=flow.waiting,
        owing=flow.owing,
    )


def _is_met(procedure: Procedure, flow: Flow, *, step: Step, before: str) -> bool:
    chosen = flow.decided.get(before)
    if chosen is None:
        return False
    outcome = procedure.steps[before].outcome(chosen)
    if outcome is None:
        return False
    if outcome.effect is Effect.TOLERATE:
        return step.join is Join.ALL_BUT_TOLERATED or before not in flow.owing
    return outcome.effect is Effect.ADVANCE


def _in_order(procedure: Procedure, codes: set[str]) -> tuple[str, ...]:
    return tuple(code for code in procedure.steps if code in codes)
