"""What a procedure is, once read: steps, joins, materials, limits, outcomes, each with its clause.

A procedure is immutable once published: a change is a new version, and a case keeps the version it
was opened under.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from anju_rules.clocks import Budget, PauseReason
from anju_rules.policy.types import Basis

Tier = Literal["city", "district", "street", "outside"]
TIERS: tuple[Tier, ...] = ("city", "district", "street", "outside")
"""The three tiers (GOV-1), and ``outside`` for households and third parties."""


class Join(StrEnum):
    """When a step with several prerequisites opens."""

    ALL = "all"
    """Every prerequisite has been passed."""
    ALL_BUT_TOLERATED = "all-but-tolerated"
    """Every prerequisite has been passed, or passed with something still owed."""
    ANY_REFUSAL_STOPS = "any-refusal-stops"
    """Like all; and the first prerequisite that refuses ends the case as refused."""


class Effect(StrEnum):
    """What an outcome does to the case."""

    ADVANCE = "advance"
    """What waits for this step may go on."""
    TOLERATE = "tolerate"
    """Passed, though minor materials are owed; each has a limit of its own (TTL-2)."""
    REFUSE = "refuse"
    """Not passed: a join that lets any refusal stop the case ends it."""
    SEND = "send"
    """Another step is done (again), with all that rests on it."""
    END = "end"
    """The case ends."""


class Ending(StrEnum):
    """How a case ends by an outcome."""

    DONE = "done"
    REFUSED = "refused"


class Source(StrEnum):
    """Where a material comes from."""

    ASKED = "asked"
    """The applicant brings it."""
    SHARED = "shared"
    """A department supplies it; it may not be asked of the applicant (registration rules 24)."""
    COMMITTED = "committed"
    """The applicant commits to it in writing; checked afterwards (TTL-3)."""
    PRODUCED = "produced"
    """A step of the procedure makes it."""


class OwedElse(StrEnum):
    """What becomes of a case whose owed material does not come in its time."""

    WAIT = "wait"
    """It waits: what rests on the material is not done before it has come."""
    REFUSE = "refuse"
    """Nothing is approved while it is owed, and then the office refuses, unless it comes before."""


@dataclass(frozen=True, slots=True)
class Words:
    """A name in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How long something may take: what the law allows, and what the office promises."""

    statutory: Budget | None
    promised: Budget | None

    @property
    def binding(self) -> Budget | None:
        """The limit that the clock runs by: the promised one, where there is one."""
        return self.promised or self.statutory


NO_LIMIT = Limit(statutory=None, promised=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Something a step needs or makes."""

    code: str
    title: Words
    is_tolerable: bool
    """Whether a case may go on without it for a while; a core material is never tolerable."""
    source: Source
    supplied_by: str
    """The department that shares it; empty for other sources."""
    owed_within: Budget | None
    """How long a tolerable material may be owed."""
    owed_else: OwedElse
    """What follows where it is owed for longer."""
    is_published: bool
    """Whether it is published as an annex."""
    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A share that an outcome needs: ``part * over >= share * whole``, exactly."""

    part: str
    whole: str
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One way in which a step may be decided."""

    code: str
    title: Words
    effect: Effect
    to: str
    """The step a :attr:`Effect.SEND` opens; else empty."""
    ends_as: Ending | None
    threshold: Threshold | None
    basis: Basis
    role: str = ""
    """Who decides so, where it is not the step's own role: the office, when a family is silent."""
    tier: Tier | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: who decides, after what, on what, within what time."""

    code: str
    title: Words
    role: str
    tier: Tier
    after: tuple[str, ...]
    join: Join
    is_on_call: bool
    """Whether it opens only when an outcome sends the case to it."""
    needs: tuple[str, ...]
    produces: tuple[str, ...]
    limit: Limit
    lasts_at_least: Budget | None
    """A window that must have passed before the step may be decided: a public notice."""
    signs: int
    """How many different people decide it: one or two."""
    outcomes: tuple[Outcome, ...]
    basis: Basis

    def outcome(self, code: str) -> Outcome | None:
        """Give the outcome ``code``, if the step has it."""
        return next((outcome for outcome in self.outcomes if outcome.code == code), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A reason for which the clock may stop in this procedure."""

    reason: PauseReason
    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """A procedure: one version, immutable once published."""

    code: str
    version: str
    effective_on: date
    title: Words
    basis: Basis
    has_intake: bool
    """Whether a case is first looked at by a window, which may also decline it."""
    intake_role: str
    intake_tier: Tier
    applicant_role: str
    """Who brings the case, and may supply, and ask to withdraw."""
    limit: Limit
    grounds: tuple[Ground, ...]
    materials: Mapping[str, Material]
    steps: Mapping[str, Step]
    """In the order of the definition, which is the order in which they are shown."""

    def ground(self, reason: PauseReason) -> Ground | None:
        """Give the ground for ``reason``, if the procedure knows it."""
        return next((ground for ground in self.grounds if ground.reason is reason), None)

    def dependents(self, code: str) -> tuple[Step, ...]:
        """Give the steps that wait for the step ``code``."""
        return tuple(step for step in self.steps.values() if code in step.after)

    def resting_on(self, code: str) -> frozenset[str]:
        """Give every step that rests on ``code``, near or far, without itself."""
        found: set[str] = set()
        waiting = [code]
        while waiting:
            for step in self.dependents(waiting.pop()):
                if step.code not in found:
                    found.add(step.code)
                    waiting.append(step.code)
        return frozenset(found - {code})
