"""Who may do what to a case next, and why not.

:func:`judge_action` decides every action before it is written, with all its reasons;
:func:`lawful_actions` lists what a role may do, so that a page shows no button that would refuse
(what depends on materials, figures and time is judged when it is tried).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from anju_rules.calendar import STATE_COUNCIL, WorkingCalendar
from anju_rules.clocks import PauseReason
from anju_rules.procedures.contents import judge_content
from anju_rules.procedures.states import Action, ActionKind, CaseState, Status
from anju_rules.procedures.types import Ending, Procedure
from anju_rules.values import Finding, Verdict

_STEP_KINDS = (ActionKind.DECIDE, ActionKind.TAKE_UP, ActionKind.STOP)


@dataclass(frozen=True, slots=True)
class Possible:
    """Something a role may try now."""

    kind: ActionKind
    step: str = ""
    outcome: str = ""
    reason: PauseReason | None = None


def lawful_actions(
    procedure: Procedure, state: CaseState, *, role: str, tier: str
) -> tuple[Possible, ...]:
    """Give what ``role`` of ``tier`` may do to a case in ``state``, in a fixed order."""
    return tuple(
        possible
        for possible in _candidates(procedure, state)
        if all(
            finding.met
            for finding in _judge_standing(procedure, state, possible, role=role, tier=tier)
        )
    )


def _candidates(procedure: Procedure, state: CaseState) -> Iterator[Possible]:
    if state.length == 0:
        yield Possible(ActionKind.OPEN)
        return
    for code in state.open_steps:
        yield Possible(ActionKind.TAKE_UP, code)
        for outcome in procedure.steps[code].outcomes:
            yield Possible(ActionKind.DECIDE, code, outcome.code)
        yield Possible(ActionKind.ASK_CORRECTION, code)
        for ground in procedure.grounds:
            if ground.reason is not PauseReason.SUPPLEMENT:
                yield Possible(ActionKind.STOP, code, reason=ground.reason)
        yield Possible(ActionKind.RESUME, code)
    if state.status is Status.INTAKE:
        yield Possible(ActionKind.ASK_CORRECTION)
    for kind in _WHOLE_CASE:
        yield Possible(kind)


_WHOLE_CASE = (
    ActionKind.ACCEPT,
    ActionKind.DECLINE,
    ActionKind.TURN_AWAY,
    ActionKind.RECEIVE_CORRECTION,
    ActionKind.SUPPLY,
    ActionKind.ASK_WITHDRAWAL,
    ActionKind.WITHDRAW,
    ActionKind.KEEP,
    ActionKind.REVOKE,
)


def judge_action(
    procedure: Procedure,
    state: CaseState,
    action: Action,
    *,
    calendar: WorkingCalendar = STATE_COUNCIL,
) -> Verdict:
    """Say whether ``action`` may be written next, with every reason.

    First whether the case stands so that this role may do it; only then materials, windows,
    shares, signatures and the once-only rule. Unmet findings have ``case.*`` codes.
    """
    possible = Possible(action.kind, action.step, action.outcome, action.reason)
    standing = tuple(
        _judge_standing(procedure, state, possible, role=action.role, tier=action.tier)
    )
    if not all(finding.met for finding in standing):
        return Verdict(standing)
    return Verdict((*standing, *judge_content(procedure, state, action, calendar=calendar)))


def _finding(code: str, *, met: bool, clause: str, **facts: object) -> Finding:
    return Finding(code, clause, met=met, facts=facts)


def _judge_standing(
    procedure: Procedure, state: CaseState, possible: Possible, *, role: str, tier: str
) -> Iterator[Finding]:
    """Judge what does not depend on the content: state, step, outcome, role and tier."""
    kind, clause = possible.kind, procedure.basis.clause
    if kind is ActionKind.OPEN:
        yield _finding("case.opened-already", met=state.length == 0, clause=clause)
        yield _judge_role(role, (procedure.applicant_role, procedure.intake_role), clause=clause)
        return
    yield _finding("case.not-opened", met=state.length > 0, clause=clause)
    if kind is ActionKind.REVOKE:
        yield _finding(
            "case.not-done", met=state.status is Status.DONE, clause=clause, status=state.status
        )
        yield from _judge_office(procedure, role=role, tier=tier)
        return
    yield _finding("case.closed", met=state.status.is_open, clause=clause, status=state.status)
    if possible.step:
        yield from _judge_step(procedure, state, possible, role=role, tier=tier)
    elif kind in _STEP_KINDS:
        yield _finding("case.step-not-open", met=False, clause=clause, step="")
    else:
        yield from _judge_whole(procedure, state, kind, role=role, tier=tier)
    judge_state = _JUDGE_STATE.get(kind, _judge_nothing)
    if _is_refusal(procedure, possible):
        judge_state = _judge_refusing
    yield from judge_state(state, clause)
    if possible.reason is not None:
        is_known = (
            possible.reason is not PauseReason.SUPPLEMENT
            and procedure.ground(possible.reason) is not None
        )
        yield _finding(
            "clock.reason-not-allowed", met=is_known, clause=clause, reason=possible.reason.value
        )
    elif kind is ActionKind.STOP:
        yield _finding("clock.reason-not-allowed", met=False, clause=clause, reason="")
    if kind is ActionKind.ASK_CORRECTION and state.status is Status.IN_PROGRESS:
        yield _finding(
            "clock.reason-not-allowed",
            met=procedure.ground(PauseReason.SUPPLEMENT) is not None,
            clause=clause,
            reason=PauseReason.SUPPLEMENT.value,
        )


def _judge_role(role: str, roles: tuple[str, ...], *, clause: str) -> Finding:
    return _finding(
        "case.wrong-role", met=role in roles, clause=clause, role=role, expected=", ".join(roles)
    )


def _judge_office(procedure: Procedure, *, role: str, tier: str) -> Iterator[Finding]:
    clause = procedure.basis.clause
    yield _judge_role(role, (procedure.intake_role,), clause=clause)
    yield _finding(
        "case.wrong-tier",
        met=tier == procedure.intake_tier,
        clause=clause,
        tier=tier,
        expected=procedure.intake_tier,
    )


def _judge_step(
    procedure: Procedure, state: CaseState, possible: Possible, *, role: str, tier: str
) -> Iterator[Finding]:
    step = procedure.steps.get(possible.step)
    is_open = possible.step in state.open_steps
    clause = step.basis.clause if step else procedure.basis.clause
    yield _finding("case.step-not-open", met=is_open, clause=clause, step=possible.step)
    if step is None:
        return
    outcome = step.outcome(possible.outcome) if possible.kind is ActionKind.DECIDE else None
    expected = (outcome.tier if outcome else None) or step.tier
    yield _judge_role(role, ((outcome.role if outcome else "") or step.role,), clause=clause)
    yield _finding(
        "case.wrong-tier", met=tier == expected, clause=clause, tier=tier, expected=expected
    )
    if possible.kind is ActionKind.DECIDE:
        yield _finding(
            "case.no-such-outcome",
            met=outcome is not None,
            clause=clause,
            step=step.code,
            outcome=possible.outcome,
        )
    if possible.kind is ActionKind.TAKE_UP:
        yield _finding(
            "case.taken-up-already",
            met=step.code not in state.in_hand,
            clause=clause,
            step=step.code,
        )


def _judge_whole(
    procedure: Procedure, state: CaseState, kind: ActionKind, *, role: str, tier: str
) -> Iterator[Finding]:
    """Judge who may do what concerns the whole case."""
    clause = procedure.basis.clause
    applicant = (procedure.applicant_role,)
    both = (procedure.applicant_role, procedure.intake_role)
    if kind is ActionKind.RESUME:
        yield _finding("case.step-not-open", met=False, clause=clause, step="")
    elif kind is ActionKind.WITHDRAW:
        # Before acceptance the applicant's word is enough; after it the office confirms.
        if state.status is Status.INTAKE:
            yield _judge_role(role, applicant, clause=clause)
        else:
            yield from _judge_office(procedure, role=role, tier=tier)
            yield _finding(
                "case.withdrawal-not-asked", met=state.is_withdrawal_asked, clause=clause
            )
    elif kind is ActionKind.ASK_WITHDRAWAL:
        yield _judge_role(role, applicant, clause=clause)
    elif kind in (ActionKind.SUPPLY, ActionKind.RECEIVE_CORRECTION, ActionKind.KEEP):
        yield _judge_role(role, both, clause=clause)
    else:
        yield from _judge_office(procedure, role=role, tier=tier)
        yield _finding(
            "case.not-at-intake",
            met=state.status is Status.INTAKE,
            clause=clause,
            status=state.status,
        )


def _judge_nothing(state: CaseState, clause: str) -> Iterator[Finding]:  # noqa: ARG001
    return iter(())


def _judge_running(state: CaseState, clause: str) -> Iterator[Finding]:
    """Nothing is decided while the clock stands or a withdrawal waits to be confirmed."""
    yield _finding("case.stands-still", met=state.open_pause is None, clause=clause)
    yield _finding("case.awaits-correction", met=not state.is_awaiting, clause=clause)
    yield _finding("case.withdrawal-asked", met=not state.is_withdrawal_asked, clause=clause)


def _is_refusal(procedure: Procedure, possible: Possible) -> bool:
    """Whether an application is refused; a problem that an office works on is none."""
    if not procedure.has_intake:
        return False
    step = procedure.steps.get(possible.step)
    outcome = step.outcome(possible.outcome) if step else None
    return outcome is not None and outcome.ends_as is Ending.REFUSED


def _judge_refusing(state: CaseState, clause: str) -> Iterator[Finding]:
    """Refusing waits for no order's end: what is disputed is refused (registration rules 22)."""
    pause = state.open_pause
    stands = pause is not None and pause.reason is not PauseReason.COURT_ORDER
    yield _finding("case.stands-still", met=not stands, clause=clause)
    yield _finding("case.awaits-correction", met=not state.is_awaiting, clause=clause)
    yield _finding("case.withdrawal-asked", met=not state.is_withdrawal_asked, clause=clause)


def _judge_stopped(state: CaseState, clause: str) -> Iterator[Finding]:
    yield _finding("case.not-stopped", met=state.open_pause is not None, clause=clause)


def _judge_awaiting(state: CaseState, clause: str) -> Iterator[Finding]:
    yield _finding("case.no-correction-asked", met=state.is_awaiting, clause=clause)


def _judge_accepting(state: CaseState, clause: str) -> Iterator[Finding]:
    yield _finding("case.awaits-correction", met=not state.is_awaiting, clause=clause)


def _judge_asking(state: CaseState, clause: str) -> Iterator[Finding]:
    yield _finding(
        "case.at-intake",
        met=state.status is Status.IN_PROGRESS,
        clause=clause,
        status=state.status,
    )
    yield _finding("case.withdrawal-asked", met=not state.is_withdrawal_asked, clause=clause)


def _judge_asked(state: CaseState, clause: str) -> Iterator[Finding]:
    yield _finding("case.withdrawal-not-asked", met=state.is_withdrawal_asked, clause=clause)


_JUDGE_STATE: dict[ActionKind, Callable[[CaseState, str], Iterator[Finding]]] = {
    ActionKind.DECIDE: _judge_running,
    ActionKind.TAKE_UP: _judge_running,
    ActionKind.STOP: _judge_running,
    ActionKind.ASK_CORRECTION: _judge_running,
    ActionKind.RESUME: _judge_stopped,
    ActionKind.RECEIVE_CORRECTION: _judge_awaiting,
    ActionKind.ACCEPT: _judge_accepting,
    ActionKind.ASK_WITHDRAWAL: _judge_asking,
    ActionKind.KEEP: _judge_asked,
}
