"""Judging a record of choices, one by one, as the rules of its plan judge them (SEL-2).

A choice that is refused holds nothing: what follows is judged as if it had not been made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from anju_rules.entitlement import Standing, judge_choice
from anju_rules.policy.types import RuleSet
from anju_rules.turns import Turn, TurnRow, reconstruct_turns
from anju_rules.values import Finding, Home, Household, HouseholdNumber, UnitNumber

Progress = Callable[[int], object]
"""Told how many choices have been judged so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedChoice:
    """One row of a record of choices."""

    seq: int
    household: HouseholdNumber
    unit: UnitNumber
    seconds: int | None = None
    """Seconds since the start of the selection."""
    lottery_number: int | None = None
    """The number the row claims for its household."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the rules say of one choice: accepted, or refused by its first unmet clause."""

    choice: RecordedChoice
    refusal: Finding | None = None

    @property
    def is_accepted(self) -> bool:
        """Whether the choice stands."""
        return self.refusal is None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReport:
    """A record of choices, judged: counts, and each judgement in the order of the record."""

    choices: int
    accepted: int
    refused: Mapping[str, int]
    """How many were refused with each code, most first."""
    judgements: tuple[Judgement, ...]


def judge_choices(
    *,
    choices: Sequence[RecordedChoice],
    households: Mapping[HouseholdNumber, Household],
    homes: Mapping[UnitNumber, Home],
    lottery_numbers: Mapping[HouseholdNumber, int],
    rules: RuleSet,
    progress: Progress | None = None,
) -> ReplayReport:
    """Judge recorded choices one by one, in the order of the record.

    Codes, in the order in which they are asked; the first that is unmet refuses the choice:
    ``selection.household-unknown``, ``selection.household-without-number``,
    ``selection.unit-unknown``,
    ``selection.not-your-turn``, ``selection.late-turn`` (where the plan does not allow one),
    ``selection.wrong-number`` (the row claims another number than the register),
    ``selection.unit-already-held``, then those of :func:`anju_rules.entitlement.judge_choice`.
    """
    explanations = _read_turns(choices, households, lottery_numbers)
    judged: list[list[Judgement]] = []
    for turns in explanations:
        openings = _read_openings(choices, turns, households, rules)
        judge = _Judge(households, homes, lottery_numbers, rules)
        judgements: list[Judgement] = []
        for place, choice in enumerate(choices):
            judge.opened_needs = frozenset(need for need, at in openings.items() if place >= at)
            fault = judge.find_fault(choice, turns[place])
            judgements.append(Judgement(choice=choice, refusal=fault))
            if progress is not None and not judged:
                progress(place + 1)
        judged.append(judgements)
    # Where the record leaves open whose row is out of turn, the reading that refuses least holds.
    judgements = min(judged, key=lambda one: sum(not judgement.is_accepted for judgement in one))
    codes = Counter(
        judgement.refusal.code for judgement in judgements if judgement.refusal is not None
    )
    return ReplayReport(
        choices=len(judgements),
        accepted=len(judgements) - codes.total(),
        refused=dict(sorted(codes.items(), key=lambda item: (-item[1], item[0]))),
        judgements=tuple(judgements),
    )


def _read_turns(
    choices: Sequence[RecordedChoice],
    households: Mapping[HouseholdNumber, Household],
    lottery_numbers: Mapping[HouseholdNumber, int],
) -> list[list[Turn | None]]:
    """Read the turns of the rows that have one: an unknown household's row disturbs nobody's go."""
    numbered = [
        place
        for place, choice in enumerate(choices)
        if choice.household in households and choice.household in lottery_numbers
    ]
    rows = [
        TurnRow(
            choices[place].household,
            lottery_numbers[choices[place].household],
            choices[place].seconds,
            choices[place].lottery_number in (None, lottery_numbers[choices[place].household]),
        )
        for place in numbered
    ]
    explanations: list[list[Turn | None]] = []
    for explained in reconstruct_turns(rows):
        turns: list[Turn | None] = [None] * len(choices)
        for place, turn in zip(numbered, explained, strict=True):
            turns[place] = turn
        explanations.append(turns)
    return explanations


def _read_openings(
    choices: Sequence[RecordedChoice],
    turns: Sequence[Turn | None],
    households: Mapping[HouseholdNumber, Household],
    rules: RuleSet,
) -> dict[str, int]:
    """Give for each need the row from which its reserved homes are open to all.

    A stratum is done after the last of its choices made on time: those who come late find what is
    left.
    """
    done_after: dict[str, int] = {}
    for place, (choice, turn) in enumerate(zip(choices, turns, strict=True), start=1):
        if turn is Turn.ON_TIME:
            done_after[households[choice.household].stratum] = place
    return {
        rule.need: done_after.get(rule.reserved_opens_after_stratum, 0)
        for rule in rules.needs
        if rule.reserved_opens_after_stratum is not None
    }


class _Judge:
    """The state of a selection while its record is judged: which homes are held, and by whom."""

    def __init__(
        self,
        households: Mapping[HouseholdNumber, Household],
        homes: Mapping[UnitNumber, Home],
        lottery_numbers: Mapping[HouseholdNumber, int],
        rules: RuleSet,
    ) -> None:
        self._households = households
        self._homes = homes
        self._lottery_numbers = lottery_numbers
        self._rules = rules
        self.opened_needs: frozenset[str] = frozenset()
        self._holders: dict[UnitNumber, HouseholdNumber] = {}
        self._held: dict[HouseholdNumber, tuple[Home, ...]] = {}

    def find_fault(self, choice: RecordedChoice, turn: Turn | None) -> Finding | None:
        """Judge one choice; if it is lawful, the home is held from now on."""
        fault = self._find_turn_fault(choice, turn) or self._find_home_fault(choice)
        if fault is None:
            self._holders[choice.unit] = choice.household
            held = self._held.get(choice.household, ())
            self._held[choice.household] = (*held, self._homes[choice.unit])
        return fault

    def _find_turn_fault(self, choice: RecordedChoice, turn: Turn | None) -> Finding | None:
        number = self._lottery_numbers.get(choice.household)
        if choice.household not in self._households:
            return self._unmet("selection.household-unknown", household=choice.household)
        if turn is None:
            return self._unmet("selection.household-without-number", household=choice.household)
        if choice.unit not in self._homes:
            return self._unmet("selection.unit-unknown", unit=choice.unit)
        if turn is Turn.NOT_ITS_TURN:
            return self._unmet("selection.not-your-turn", household=choice.household, number=number)
        may_be_late = self._rules.turns is not None and self._rules.turns.late == "allowed"
        if turn is Turn.LATE and not may_be_late:
            return self._unmet("selection.late-turn", household=choice.household, number=number)
        if choice.lottery_number not in (None, number):
            return self._unmet(
                "selection.wrong-number",
                household=choice.household,
                claimed=choice.lottery_number,
                number=number,
            )
        return None

    def _find_home_fault(self, choice: RecordedChoice) -> Finding | None:
        holder = self._holders.get(choice.unit)
        if holder is not None:
            return self._unmet("selection.unit-already-held", unit=choice.unit, holder=holder)
        verdict = judge_choice(
            standing=Standing(
                household=self._households[choice.household],
                homes=self._held.get(choice.household, ()),
                opened_needs=self.opened_needs,
            ),
            home=self._homes[choice.unit],
            rules=self._rules,
        )
        return next(iter(verdict.unmet), None)

    def _unmet(self, code: str, **facts: object) -> Finding:
        rules = self._rules
        clause = rules.entitlement.clause if rules.turns is None else rules.turns.basis.clause
        return Finding(code, clause, met=False, facts=facts)
