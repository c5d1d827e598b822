"""A record of choices, and seeded mutations of it that the rules must refuse."""

from __future__ import annotations

import csv
import random
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import TypeAlias
from unittest.mock import patch

from anju_rules import replay
from anju_rules.entitlement import Standing, judge_choice
from anju_rules.policy import RuleSet, read_rule_set
from anju_rules.replay import RecordedChoice, ReplayReport, judge_choices
from anju_rules.values import AreaSqm, Home, Household, HouseholdNumber, UnitNumber, Verdict
from tests.support.real_data import real_data

RuleSetId: TypeAlias = int
Question: TypeAlias = tuple[HouseholdNumber, tuple[UnitNumber, ...], frozenset[str], UnitNumber]
PLAN = Path(__file__).resolve().parents[1] / "vectors" / "selection-event" / "plan.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionEvent:
    """A selection as it was recorded, with its rules."""

    choices: tuple[RecordedChoice, ...]
    households: Mapping[HouseholdNumber, Household]
    homes: Mapping[UnitNumber, Home]
    lottery_numbers: Mapping[HouseholdNumber, int]
    rules: RuleSet
    verdicts: dict[RuleSetId, dict[Question, Verdict]] = field(default_factory=dict)
    """What :func:`anju_rules.entitlement.judge_choice` has said: it is asked the same of most rows
    of every mutation, and says the same."""
    kept: list[RuleSet] = field(default_factory=list)
    """The rule sets that were asked with, so that none of their ids is given again."""

    def judge(
        self, choices: Sequence[RecordedChoice] | None = None, *, rules: RuleSet | None = None
    ) -> ReplayReport:
        """Judge the record, or a mutation of it."""
        with patch.object(replay, "judge_choice", self._say_again):
            return judge_choices(
                choices=self.choices if choices is None else choices,
                households=self.households,
                homes=self.homes,
                lottery_numbers=self.lottery_numbers,
                rules=rules or self.rules,
            )

    def _say_again(self, *, standing: Standing, home: Home, rules: RuleSet) -> Verdict:
        known = self.verdicts.get(id(rules))
        if known is None:
            known = self.verdicts[id(rules)] = {}
            self.kept.append(rules)
        held = tuple(one.number for one in standing.homes)
        question = (standing.household.number, held, standing.opened_needs, home.number)
        if question not in known:
            known[question] = judge_choice(standing=standing, home=home, rules=rules)
        return known[question]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """A record with one unlawful choice in it."""

    kind: str
    code: str
    choices: tuple[RecordedChoice, ...]
    told: str


def read_selection_event() -> SelectionEvent:
    """Read the real event, or skip the test."""

    def rows(name: str) -> list[dict[str, str]]:
        with real_data(f"selection-event/{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    plan = tomllib.loads(PLAN.read_text(encoding="utf-8"))
    register = rows("households")
    return SelectionEvent(
        choices=tuple(
            RecordedChoice(
                seq=int(row["seq"]),
                household=HouseholdNumber(row["household"]),
                unit=UnitNumber(row["unit_id"]),
                seconds=int(row["seconds_since_start"]),
                lottery_number=int(row["lottery_order"]),
            )
            for row in rows("choices")
        ),
        households={
            HouseholdNumber(row["household"]): Household(
                number=HouseholdNumber(row["household"]),
                facts={
                    "persons": int(row["persons"]),
                    "confirmed_area_sqm": Decimal(row["confirmed_area_m2"]),
                },
            )
            for row in register
        },
        homes={
            UnitNumber(row["unit_id"]): Home(
                number=UnitNumber(row["unit_id"]),
                area_sqm=AreaSqm(Decimal(row["area_m2"])),
                community=row["community"],
            )
            for row in rows("units")
        },
        lottery_numbers={
            HouseholdNumber(row["household"]): int(row["lottery_order"]) for row in register
        },
        rules=read_rule_set({"facts": plan["facts"], "rules": plan["rules"]}),
    )


class Mutator:
    """Makes unlawful records out of a lawful one, by a seed."""

    def __init__(self, event: SelectionEvent, seed: int) -> None:
        self._event = event
        self._random = random.Random(seed)
        taken = {choice.unit for choice in event.choices}
        self._free = [home for number, home in event.homes.items() if number not in taken]
        self._goes = [
            list(rows) for _, rows in groupby(event.choices, key=lambda choice: choice.household)
        ]
        self._choosers = {choice.household for choice in event.choices}

    def mutations(self, count: int) -> Iterator[Mutation]:
        """Give ``count`` mutations, every kind in its turn."""
        makers: tuple[Callable[[], Mutation | None], ...] = (
            self._take_a_held_home,
            self._go_over_budget,
            self._take_a_second_home_of_one_community,
            self._mix_communities_that_exclude_each_other,
            *(self._intrude,) * 4,
        )
        made = 0
        while made < count:
            mutation = makers[made % len(makers)]()
            if mutation is not None:
                made += 1
                yield mutation

    def _replace(self, kind: str, code: str, old: RecordedChoice, new: RecordedChoice) -> Mutation:
        choices = tuple(new if choice is old else choice for choice in self._event.choices)
        return Mutation(kind=kind, code=code, choices=choices, told=f"{old} -> {new}")

    def _take_a_held_home(self) -> Mutation | None:
        earlier, later = sorted(self._random.sample(range(len(self._event.choices)), 2))
        old = self._event.choices[later]
        new = replace(old, unit=self._event.choices[earlier].unit)
        return self._replace("home-taken", "selection.unit-already-held", old, new)

    def _go_over_budget(self) -> Mutation | None:
        go = self._random.choice(self._goes)
        budget = Decimal(self._event.households[go[0].household].facts["confirmed_area_sqm"])
        others = sum(self._event.homes[choice.unit].area_sqm for choice in go[:-1])
        home = self._random.choice(self._free)
        if others + home.area_sqm - budget < 60:
            return None
        return self._replace(
            "over-budget", "selection.over-area-budget", go[-1], replace(go[-1], unit=home.number)
        )

    def _replace_by_home_of(
        self, kind: str, code: str, have: tuple[str, ...], want: Callable[[str], tuple[str, ...]]
    ) -> Mutation | None:
        go = self._random.choice(self._goes)
        kept = next(
            (choice for choice in go if self._event.homes[choice.unit].community in have), None
        )
        others = [choice for choice in go if choice is not kept]
        if kept is None or not others:
            return None
        old = self._random.choice(others)
        wanted = want(self._event.homes[kept.unit].community)
        home = self._random.choice(self._free)
        old_home = self._event.homes[old.unit]
        if home.community not in wanted or home.area_sqm > old_home.area_sqm:
            return None
        if any(
            self._event.homes[choice.unit].community in wanted
            for choice in others
            if choice is not old
        ):
            return None
        return self._replace(kind, code, old, replace(old, unit=home.number))

    def _take_a_second_home_of_one_community(self) -> Mutation | None:
        return self._replace_by_home_of(
            "second-home", "selection.community-limit", ("小区D",), lambda _: ("小区D",)
        )

    def _mix_communities_that_exclude_each_other(self) -> Mutation | None:
        group = ("小区E", "小区F", "小区I")
        return self._replace_by_home_of(
            "excluded",
            "selection.community-excluded",
            group,
            lambda kept: tuple(name for name in group if name != kept),
        )

    def _intrude(self) -> Mutation | None:
        """Put a choice of another household inside a go: moved, inserted or relabelled."""
        choices = list(self._event.choices)
        at = self._random.randrange(1, len(self._goes) - 1)
        go = self._goes[at]
        size = self._random.choice(("any", "any", "single"))
        if size == "single":
            at, go = self._random.choice(
                [(i, go) for i, go in enumerate(self._goes[1:-1], 1) if len(go) == 1]
            )
        kind = self._random.choice(("moved", "inserted", "relabelled"))
        position = self._random.choice(("first", "middle", "last"))
        intruder = self._pick_intruder(at)
        copies_seconds = self._random.random() < 0.5
        is_number_consistent = self._random.random() < 0.5
        own = [choice for choice in choices if choice.household == intruder]
        if kind == "moved" and not own:
            return None
        if kind == "relabelled":
            spot = {"first": 0, "middle": len(go) // 2, "last": len(go) - 1}[position]
            target = go[spot]
            base = replace(target, household=intruder)
            copies_seconds = True
        else:
            base = (
                self._random.choice(own)
                if kind == "moved"
                else RecordedChoice(
                    seq=0,
                    household=intruder,
                    unit=self._random.choice(self._free).number,
                    seconds=own[0].seconds if own else None,
                )
            )
            # Before the second row or before the first; before the last row or after it.
            if len(go) == 1 or self._random.random() < 0.3:
                spot = 0 if position == "first" else len(go)
            else:
                spot = {"first": 1, "middle": (len(go) + 1) // 2, "last": len(go) - 1}[position]
        neighbours = {self._goes[at - 1][0].household, self._goes[at + 1][0].household}
        is_inside = 0 < spot < len(go) - 1 if kind == "relabelled" else 0 < spot < len(go)
        if not is_inside:
            if intruder in neighbours:
                return None  # it only prolongs its own go
            if not self._is_told_apart(intruder, at, own, kind, copies_seconds):
                return None
        row = replace(
            base,
            seconds=go[min(spot, len(go) - 1)].seconds if copies_seconds else base.seconds,
            lottery_number=(
                self._event.lottery_numbers[intruder]
                if is_number_consistent
                else go[0].lottery_number
            ),
        )
        where = next(i for i, choice in enumerate(choices) if choice is go[0]) + spot
        if kind == "relabelled":
            choices[where] = row
        else:
            choices.insert(where, row)
            if kind == "moved":
                choices = [choice for choice in choices if choice is not base]
        return Mutation(
            kind=kind,
            code="selection.not-your-turn",
            choices=tuple(choices),
            told=f"{kind} {position} spot {spot} of {len(go)}, copies {copies_seconds}: {row} in "
            f"{[choice.seq for choice in go]} number {go[0].lottery_number}",
        )

    def _pick_intruder(self, at: int) -> HouseholdNumber:
        holder = self._goes[at][0].household
        late = {174, 240, 939, 961, 1030, 1217}
        numbers = self._event.lottery_numbers
        mine = numbers[holder]
        pools: tuple[list[HouseholdNumber], ...] = (
            [name for name in self._choosers if numbers[name] < mine],
            [name for name in self._choosers if numbers[name] > mine],
            [name for name in self._choosers if abs(numbers[name] - mine) <= 3],
            [name for name in self._choosers if numbers[name] in late],
            [name for name in numbers if name not in self._choosers],
        )
        pool = sorted(name for name in self._random.choice(pools) if name != holder)
        return self._random.choice(pool) if pool else self._pick_intruder(at)

    def _is_told_apart(
        self,
        intruder: HouseholdNumber,
        at: int,
        own: list[RecordedChoice],
        kind: str,
        copies_seconds: bool,
    ) -> bool:
        """Whether a record with the row beside the holder's rows differs from a lawful one.

        A household that makes no other choice, at its place or after it, with a moment of its own,
        is on time or late.
        """
        left = len(own) - (kind == "moved")
        number = self._event.lottery_numbers[intruder]
        holder = self._event.lottery_numbers[self._goes[at][0].household]
        before = self._goes[at - 1][0].lottery_number or 0
        after = min(
            (n for go in self._goes[at + 1 :] if (n := go[0].lottery_number or 0) > holder),
            default=0,
        )
        if left:
            return True
        if 0 < after < number:
            return True
        if before <= number:
            return False
        holder_keeps_rows = kind != "relabelled" or len(self._goes[at]) > 1
        if copies_seconds:
            return holder_keeps_rows
        return kind == "moved"
