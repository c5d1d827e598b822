"""The ceremony of the public draw: its steps, who signs which, and what holds when something fails.

Steps and failure rules as in ``docs/domain/draws.md``. After the freeze no discretion is left: what
happened decides, and nobody picks. Before the beacon a named party may refuse a step, for nobody
knows yet what it would change; after it none may, for a refusal would be a choice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from types import MappingProxyType

from anju_rules.calendar import due_after
from anju_rules.values import Finding, Refusal, Ticket, Verdict

CLAUSE = "plan/draw"
DAYS_TO_OBJECT = 3
"""Working days from the freeze to the beacon of a draw that counts."""
VOID_SIGNATURES = 3
_BEIJING = timezone(timedelta(hours=8))


class Use(StrEnum):
    """What a draw is for; one mechanism and one bundle format serve them all (DRW-1)."""

    ORDER = "order"
    VISIT_SAMPLE = "visit-sample"
    VISIT_SUPERVISORS = "visit-supervisors"
    REPRESENTATIVES = "representatives"
    EVALUATORS = "evaluators"


class Party(StrEnum):
    """Whose share in the draw a person holds; nobody holds two."""

    OPERATOR = "operator"
    NOTARY = "notary"
    SUPERVISOR = "supervisor"
    REPRESENTATIVE = "representative"


class Step(StrEnum):
    """How far a ceremony has come; in this order, and never back."""

    OPENED = "opened"
    FROZEN = "frozen"
    COUNTED = "counted"
    COMMITTED = "committed"
    ANNOUNCED = "announced"
    BEACON = "beacon"
    REVEALED = "revealed"
    DERIVED = "derived"
    AGREED = "agreed"
    PUBLISHED = "published"
    LOCKED = "locked"
    VOID = "void"


ORDER = tuple(step for step in Step if step is not Step.VOID)


class Act(StrEnum):
    """By what a step is done."""

    SIGN = "sign"
    COUNT_AND_SIGN = "count-and-sign"
    COMMIT = "commit"
    ENTER_BEACON = "enter-beacon"
    SCAN = "scan"
    VERIFY = "verify"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRule:
    """What one step asks for."""

    act: Act
    needs: frozenset[Party] = frozenset()
    """Parties without which the step is not done."""
    persons: int = 2
    """How many different people at least; signatures are of different parties."""


_BLIND_PAIR = frozenset({Party.OPERATOR, Party.NOTARY})
STEP_RULES: Mapping[Step, StepRule] = MappingProxyType(
    {
        Step.FROZEN: StepRule(act=Act.SIGN, needs=_BLIND_PAIR),
        Step.COUNTED: StepRule(act=Act.COUNT_AND_SIGN, needs=frozenset({Party.SUPERVISOR})),
        Step.COMMITTED: StepRule(act=Act.COMMIT, needs=frozenset(Party), persons=4),
        Step.ANNOUNCED: StepRule(act=Act.SIGN, needs=_BLIND_PAIR),
        # From here on nobody's absence may stop the draw: any two will do.
        Step.BEACON: StepRule(act=Act.ENTER_BEACON),
        Step.REVEALED: StepRule(act=Act.SCAN),
        Step.DERIVED: StepRule(act=Act.SIGN),
        Step.AGREED: StepRule(act=Act.VERIFY, persons=3),
        Step.PUBLISHED: StepRule(act=Act.SIGN),
        Step.LOCKED: StepRule(act=Act.SIGN),
    }
)
SIGNED_STEPS = frozenset(
    step for step, rule in STEP_RULES.items() if rule.act in {Act.SIGN, Act.COUNT_AND_SIGN}
)
VERIFIERS = ("anju", "python", "browser")
"""The three programs that must give one digest before a result is called valid."""


def step_after(step: Step) -> Step | None:
    """Give the step that follows; ``None`` after the last one, and after a void.

    >>> step_after(Step.ANNOUNCED)
    <Step.BEACON: 'beacon'>
    """
    if step in {Step.LOCKED, Step.VOID}:
        return None
    return ORDER[ORDER.index(step) + 1]


def has_reached(step: Step, wanted: Step) -> bool:
    """Whether ``step`` is ``wanted`` or later; a void has reached nothing.

    >>> has_reached(Step.BEACON, Step.FROZEN), has_reached(Step.VOID, Step.OPENED)
    (True, False)
    """
    return step is not Step.VOID and ORDER.index(step) >= ORDER.index(wanted)


def require_step(*, standing: Step, wanted: Step) -> None:
    """Refuse with ``draws.wrong-step`` what does not follow the step the ceremony stands at."""
    if step_after(standing) is not wanted:
        raise Refusal("draws.wrong-step", step=standing.value, wanted=wanted.value)


def missing_parties(step: Step, *, signed: Collection[Party]) -> tuple[Party, ...]:
    """Give whose signature the step still waits for, as a table orders them; any of them may come.

    Where no party is named any longer, but another person is, all who have not signed are given.

    >>> missing_parties(Step.FROZEN, signed=[Party.OPERATOR])
    (<Party.NOTARY: 'notary'>,)
    """
    rule = STEP_RULES[step]
    named = tuple(party for party in Party if party in rule.needs and party not in signed)
    if named or len(set(signed)) >= rule.persons:
        return named
    return tuple(party for party in Party if party not in signed)


def judge_step(*, standing: Step, wanted: Step, signed: Sequence[tuple[str, Party]]) -> Verdict:
    """Judge whether a signed step is done: it comes next, and the people of its table signed.

    Args:
        standing: where the ceremony stands.
        wanted: the step that is signed.
        signed: who signed so far (the person's account or name) and for which party.

    """
    rule = STEP_RULES.get(wanted)
    parties = {party for _, party in signed}
    persons = {who for who, _ in signed}
    count = min(len(parties), len(persons))
    waits_for = () if rule is None else missing_parties(wanted, signed=parties)
    return Verdict(
        (
            Finding(
                code="draws.wrong-step",
                clause=CLAUSE,
                met=rule is not None and step_after(standing) is wanted,
                facts={"step": standing.value, "wanted": wanted.value},
            ),
            Finding(
                code="draws.signatures-missing",
                clause=CLAUSE,
                met=rule is not None and not waits_for and count >= rule.persons,
                facts={
                    "step": wanted.value,
                    "waits_for": ", ".join(waits_for),
                    "persons": count,
                },
            ),
        )
    )


def judge_parties(parties: Sequence[tuple[str, Party, str]]) -> Verdict:
    """Judge who takes part, as (who, party, person): every party there, nobody holding two shares.

    Codes: ``draws.party-missing``, ``draws.party-twice`` (only representatives may be several),
    ``draws.person-twice``.
    """
    held = [party for _, party, _ in parties]
    missing = [party for party in Party if party not in held]
    twice = [
        party for party in Party if party is not Party.REPRESENTATIVE and held.count(party) > 1
    ]
    whos = [who for who, _, _ in parties]
    persons = [person for _, _, person in parties]
    return Verdict(
        (
            Finding("draws.party-missing", CLAUSE, not missing, {"party": ", ".join(missing)}),
            Finding("draws.party-twice", CLAUSE, not twice, {"party": ", ".join(twice)}),
            Finding(
                "draws.person-twice",
                CLAUSE,
                len(set(whos)) == len(whos) and len(set(persons)) == len(persons),
                {},
            ),
        )
    )


def require_time_to_object(*, freeze_at: datetime, beacon_at: datetime) -> None:
    """Refuse with ``draws.freeze-too-late`` a freeze too close to the beacon.

    The day of the freeze is not counted; the beacon falls on the third working day after it or
    later.
    """
    frozen_on, beacon_on = (moment.astimezone(_BEIJING).date() for moment in (freeze_at, beacon_at))
    earliest = due_after(start=frozen_on, working_days=DAYS_TO_OBJECT).on
    if beacon_on < earliest:
        raise Refusal(
            "draws.freeze-too-late", clause=CLAUSE, days=DAYS_TO_OBJECT, earliest=str(earliest)
        )


# ------------------------------------------------------------------- when something goes wrong


class Incident(StrEnum):
    """What can go wrong; every row of the failure table, its two halves apart."""

    COMMITTER_ABSENT = "committer-absent"
    COMMITTER_UNWILLING = "committer-unwilling"
    LOCK_HOLDER_REFUSES = "lock-holder-refuses"
    CARD_DOES_NOT_OPEN = "card-does-not-open"
    SEAL_BROKEN_EARLY = "seal-broken-early"
    BEACON_LATE = "beacon-late"
    BEACON_AMBIGUOUS = "beacon-ambiguous"
    LISTED_BY_ERROR = "listed-by-error"
    LEFT_OUT_BUT_DISPUTED = "left-out-but-disputed"
    LEFT_OUT_UNDISPUTED = "left-out-undisputed"
    PLATFORM_DOWN = "platform-down"
    RESULT_DISLIKED = "result-disliked"


class Rule(StrEnum):
    """What then holds."""

    GO_ON = "go-on"
    CUT_LOCK = "cut-lock"
    VOID = "void"
    POSTPONE = "postpone"
    STRIKE = "strike"
    PLACE_FROM_DISPUTED = "place-from-disputed"
    DERIVE_ANYWHERE = "derive-anywhere"
    NO_CAUSE = "no-cause"


@dataclass(frozen=True, slots=True)
class Consequence:
    """The rule for an incident, and for a void its cause."""

    rule: Rule
    cause: str = ""


_RULES: Mapping[Incident, Rule] = MappingProxyType(
    {
        Incident.COMMITTER_ABSENT: Rule.GO_ON,
        Incident.COMMITTER_UNWILLING: Rule.GO_ON,
        Incident.LOCK_HOLDER_REFUSES: Rule.CUT_LOCK,
        Incident.CARD_DOES_NOT_OPEN: Rule.VOID,
        Incident.SEAL_BROKEN_EARLY: Rule.VOID,
        Incident.BEACON_LATE: Rule.POSTPONE,
        Incident.BEACON_AMBIGUOUS: Rule.POSTPONE,
        Incident.LISTED_BY_ERROR: Rule.STRIKE,
        Incident.LEFT_OUT_BUT_DISPUTED: Rule.PLACE_FROM_DISPUTED,
        Incident.LEFT_OUT_UNDISPUTED: Rule.NO_CAUSE,
        Incident.PLATFORM_DOWN: Rule.DERIVE_ANYWHERE,
        Incident.RESULT_DISLIKED: Rule.NO_CAUSE,
    }
)
CUSTODY = "custody"
COMMIT_INVALID = "commit-invalid"


def judge_incident(incident: Incident, *, who: str = "") -> Consequence:
    """Give what holds after an incident; ``who`` is the committer whose card does not open.

    >>> judge_incident(Incident.CARD_DOES_NOT_OPEN, who="notary")
    Consequence(rule=<Rule.VOID: 'void'>, cause='commit-invalid:notary')
    """
    rule = _RULES[incident]
    if rule is not Rule.VOID:
        return Consequence(rule)
    if incident is Incident.SEAL_BROKEN_EARLY:
        return Consequence(rule, CUSTODY)
    return Consequence(rule, f"{COMMIT_INVALID}:{who}")


def require_listed_cause(cause: str, *, committers: Collection[str]) -> None:
    """Refuse with ``draws.cause-not-listed`` to void a draw for anything but a listed cause.

    >>> require_listed_cause("custody", committers=["notary"])
    """
    kind, _, who = cause.partition(":")
    if cause == CUSTODY or (kind == COMMIT_INVALID and who in committers):
        return
    raise Refusal("draws.cause-not-listed", clause=CLAUSE, cause=cause[:40])


def require_void_in_time(cause: str, *, standing: Step, is_any_card_open: bool) -> None:
    """Refuse with ``draws.void-too-late`` a cause that comes when the outcome can be known.

    A broken seal is claimed between the commitments and the first opened card; a card shows that it
    does not open while cards are scanned, and never once an order is derived.
    """
    at_cards = standing is Step.BEACON
    before_cards = standing in {Step.COMMITTED, Step.ANNOUNCED}
    is_in_time = (
        (before_cards or at_cards) and not is_any_card_open if cause == CUSTODY else at_cards
    )
    if not is_in_time:
        raise Refusal("draws.void-too-late", clause=CLAUSE, cause=cause, step=standing.value)


def judge_void(cause: str, *, committers: Collection[str], signed: Collection[Party]) -> Verdict:
    """Judge whether a draw is void: a listed cause, and three signatures of different parties."""
    require_listed_cause(cause, committers=committers)
    count = len(set(signed))
    return Verdict(
        (
            Finding(
                "draws.signatures-missing",
                CLAUSE,
                count >= VOID_SIGNATURES,
                {
                    "step": Step.VOID.value,
                    "waits_for": ", ".join(party for party in Party if party not in signed),
                    "persons": count,
                },
            ),
        )
    )


def taken(
    order: Iterable[Ticket], *, take: int | None, struck: Collection[Ticket] = ()
) -> tuple[Ticket, ...]:
    """Give what is taken of an order: all of it, or the first ``take`` that are not struck.

    A struck line (an error, a body that must recuse itself) moves nobody else: the next one steps
    in behind, in the drawn order.

    >>> taken(["C", "A", "B"], take=2, struck=["A"])
    ('C', 'B')
    """
    kept = tuple(ticket for ticket in order if ticket not in struck)
    return kept if take is None else kept[:take]


def place_back(
    order: Sequence[Ticket], *, before: Mapping[Ticket, Ticket | None], placed: Sequence[Ticket]
) -> tuple[Ticket, ...]:
    """Give an order with disputed tickets at the places their keys give.

    ``before`` says before whom each would stand (``None``: at the end), as the draw derived it;
    several that would stand before one ticket keep the order of ``placed``, which the caller has
    sorted by key.
    """
    standing: dict[Ticket | None, list[Ticket]] = {}
    for ticket in placed:
        standing.setdefault(before[ticket], []).append(ticket)
    told: list[Ticket] = []
    for ticket in order:
        told += [*standing.get(ticket, ()), ticket]
    return (*told, *standing.get(None, ()))
