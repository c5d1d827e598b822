"""What a case is: the lines of its log, and the state that they amount to.

Few statuses, and flags beside them that do not depend on each other. "Overdue" is neither: it is
read from the clock when it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from anju_rules.clocks import Pause, PauseReason
from anju_rules.procedures.flow import Flow


class Status(StrEnum):
    """Where a case stands; everything finer is a flag or an open step."""

    INTAKE = "intake"
    IN_PROGRESS = "in-progress"
    DONE = "done"
    REFUSED = "refused"
    NOT_ACCEPTED = "not-accepted"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to act."""
        return self in (Status.INTAKE, Status.IN_PROGRESS)


class Flag(StrEnum):
    """What may hold of a case beside its status."""

    STOPPED = "stopped"
    AWAITS_CORRECTION = "awaits-correction"
    OWES_MATERIAL = "owes-material"
    COMMITTED = "committed"
    SENT_BACK = "sent-back"
    QUALITY_DEFECT = "quality-defect"
    WITHDRAWAL_ASKED = "withdrawal-asked"


class ActionKind(StrEnum):
    """What can be done to a case."""

    OPEN = "open"
    ACCEPT = "accept"
    DECLINE = "decline"
    TURN_AWAY = "turn-away"
    TAKE_UP = "take-up"
    DECIDE = "decide"
    ASK_CORRECTION = "ask-correction"
    RECEIVE_CORRECTION = "receive-correction"
    STOP = "stop"
    RESUME = "resume"
    SUPPLY = "supply"
    ASK_WITHDRAWAL = "ask-withdrawal"
    WITHDRAW = "withdraw"
    KEEP = "keep"
    REVOKE = "revoke"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One point of a correction notice."""

    code: str
    arose_from: str = ""
    """The step or material, later than the first review, from which it arose; empty if the point
    could have been seen at the first review."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One line of a case's log."""

    kind: ActionKind
    at: datetime
    """In the city's own time: the day of the law is its date."""
    role: str = ""
    tier: str = ""
    by: str = ""
    """Who acted; a name that only the platform can resolve."""
    step: str = ""
    outcome: str = ""
    materials: tuple[str, ...] = ()
    points: tuple[Point, ...] = ()
    reason: PauseReason | None = None
    clause: str = ""
    why: str = ""
    facts: Mapping[str, int] = field(default_factory=dict)
    second: str = ""
    """The other person who signed."""
    second_role: str = ""

    @property
    def on(self) -> date:
        """The day of the action."""
        return self.at.date()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseState:
    """What the log of a case amounts to."""

    status: Status = Status.INTAKE
    length: int = 0
    """How many actions the log has."""
    last_at: datetime | None = None
    came_on: date | None = None
    started_on: date | None = None
    """The day from which the case's clock runs."""
    ended_on: date | None = None
    flow: Flow = field(default_factory=Flow)
    opened_on: Mapping[str, date] = field(default_factory=dict)
    in_hand: frozenset[str] = frozenset()
    """Open steps that somebody has taken up."""
    materials: frozenset[str] = frozenset()
    owed: Mapping[str, str] = field(default_factory=dict)
    """Tolerated materials that are still to come, and the step that tolerated each."""
    owed_since: Mapping[str, date] = field(default_factory=dict)
    pauses: tuple[Pause, ...] = ()
    corrections: int = 0
    points: frozenset[str] = frozenset()
    """Points that have been asked for so far."""
    since_review: frozenset[str] = frozenset()
    """Steps decided and materials received after the first correction notice."""
    defects: int = 0
    """Points asked for a second time, or late, though they existed at the first review."""
    is_awaiting: bool = False
    is_committed: bool = False
    is_sent_back: bool = False
    is_withdrawal_asked: bool = False
    exchange_code: int = 0

    @property
    def open_steps(self) -> tuple[str, ...]:
        """Steps that may be decided now."""
        return self.flow.open_steps

    @property
    def open_pause(self) -> Pause | None:
        """The pause during which the case's clocks stand still."""
        return self.pauses[-1] if self.pauses and self.pauses[-1].ended_on is None else None

    @property
    def flags(self) -> frozenset[Flag]:
        """What holds beside the status."""
        held = {
            Flag.STOPPED: self.open_pause is not None,
            Flag.AWAITS_CORRECTION: self.is_awaiting,
            Flag.OWES_MATERIAL: bool(self.owed),
            Flag.COMMITTED: self.is_committed,
            Flag.SENT_BACK: self.is_sent_back,
            Flag.QUALITY_DEFECT: self.defects > 0,
            Flag.WITHDRAWAL_ASKED: self.is_withdrawal_asked,
        }
        return frozenset(flag for flag, holds in held.items() if holds)
