"""Where a case waits: every open case is in exactly one queue, always.

The queue is an answer reckoned from the state, never a place that a case is put into and can be
lost in. A case with several open steps waits, as a case, in the queue of the first of them in the
order of the definition; :func:`tasks_of` names the office of every open step.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from anju_rules.procedures.states import CaseState, Status
from anju_rules.procedures.types import Procedure


class QueueKind(StrEnum):
    """What a case waits for."""

    INTAKE = "intake"
    APPLICANT = "applicant"
    """A correction, an owed material or a step of the applicant's own."""
    OFFICE = "office"
    STOPPED = "stopped"
    """A hearing, a survey, a notice: its office watches for the end."""
    WITHDRAWAL = "withdrawal"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue: what is waited for, and whose turn it is to act."""

    kind: QueueKind
    role: str = ""
    tier: str = ""
    step: str = ""


CLOSED = Queue(QueueKind.CLOSED)


def queue_of(procedure: Procedure, state: CaseState) -> Queue:
    """Give the one queue that the case is in."""
    intake = (procedure.intake_role, procedure.intake_tier)
    if not state.status.is_open:
        return CLOSED
    if state.is_withdrawal_asked:
        return Queue(QueueKind.WITHDRAWAL, *intake)
    if state.is_awaiting:
        return Queue(QueueKind.APPLICANT, procedure.applicant_role, "outside")
    if state.status is Status.INTAKE:
        return Queue(QueueKind.INTAKE, *intake)
    if not state.open_steps:
        return Queue(QueueKind.APPLICANT, procedure.applicant_role, "outside")
    step = procedure.steps[state.open_steps[0]]
    if state.open_pause is not None:
        return Queue(QueueKind.STOPPED, step.role, step.tier, step.code)
    is_own = step.role == procedure.applicant_role
    kind = QueueKind.APPLICANT if is_own else QueueKind.OFFICE
    return Queue(kind, step.role, step.tier, step.code)


def tasks_of(procedure: Procedure, state: CaseState) -> tuple[Queue, ...]:
    """Give every office that may act on the case now, one line an open step."""
    first = queue_of(procedure, state)
    if first.kind is QueueKind.CLOSED:
        return ()
    if not first.step or first.kind is QueueKind.STOPPED:
        return (first,)
    return tuple(
        Queue(
            QueueKind.APPLICANT if step.role == procedure.applicant_role else QueueKind.OFFICE,
            step.role,
            step.tier,
            step.code,
        )
        for step in map(procedure.steps.__getitem__, state.open_steps)
    )
