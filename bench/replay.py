"""Choices judged a second, beside the least that any judge must do: is the home held already?

The real event (3,472 choices) where it lies beside the checkout, else a made one of the same size;
the line says which. Value and yardstick are medians of the same interleaved rounds.
"""

from __future__ import annotations

import csv
import tomllib
from decimal import Decimal
from pathlib import Path
from statistics import median

from anju_rules.policy import read_rule_set
from anju_rules.replay import RecordedChoice, judge_choices
from anju_rules.values import AreaSqm, Home, Household, HouseholdNumber, UnitNumber
from bench.measure import ROOT, report, seconds_of

PLAN = ROOT / "tests" / "vectors" / "selection-event" / "plan.toml"
REAL = ROOT.parent / "shared" / "data" / "selection-event"
ROUNDS = 9
YARDSTICK_REPEATS = 20


class Event:
    """A selection to judge: homes, households with budgets and numbers, and choices."""

    def __init__(self) -> None:
        self.homes: dict[UnitNumber, Home] = {}
        self.households: dict[HouseholdNumber, Household] = {}
        self.numbers: dict[HouseholdNumber, int] = {}
        self.choices: list[RecordedChoice] = []

    def add_home(self, number: str, area: str, community: str) -> None:
        """Add a home."""
        unit = UnitNumber(number)
        self.homes[unit] = Home(number=unit, area_sqm=AreaSqm(Decimal(area)), community=community)

    def add_household(self, number: str, budget: str, lottery_number: int) -> None:
        """Add a household."""
        household = HouseholdNumber(number)
        facts = {"confirmed_area_sqm": Decimal(budget)}
        self.households[household] = Household(number=household, facts=facts)
        self.numbers[household] = lottery_number

    def add_choice(self, household: str, unit: str, seconds: int) -> None:
        """Add a choice, after those before it."""
        number = HouseholdNumber(household)
        self.choices.append(
            RecordedChoice(
                seq=len(self.choices) + 1,
                household=number,
                unit=UnitNumber(unit),
                seconds=seconds,
                lottery_number=self.numbers[number],
            )
        )


def read_real_event(folder: Path) -> Event:
    """Read the real event."""

    def rows(name: str) -> list[dict[str, str]]:
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    event = Event()
    for row in rows("units"):
        event.add_home(row["unit_id"], row["area_m2"], row["community"])
    for row in rows("households"):
        event.add_household(row["household"], row["confirmed_area_m2"], int(row["lottery_order"]))
    for row in rows("choices"):
        event.add_choice(row["household"], row["unit_id"], int(row["seconds_since_start"]))
    return event


def make_event() -> Event:
    """Make an event of the real one's size: 1,234 households, each with two to four homes."""
    event = Event()
    for place in range(7724):
        event.add_home(f"U{place}", ("88.50", "107.36", "66.00")[place % 3], f"小区{place % 7}")
    unit = 0
    for number in range(1, 1235):
        event.add_household(f"H{number}", "400", number)
        for _ in range(2 + number % 3):
            event.add_choice(f"H{number}", f"U{unit}", 42 * number)
            unit += 1
    return event


def find_held_homes(choices: list[RecordedChoice]) -> dict[UnitNumber, HouseholdNumber]:
    """Do the least a judge must: look whether the home is held, and hold it."""
    held: dict[UnitNumber, HouseholdNumber] = {}
    for choice in choices:
        if choice.unit not in held:
            held[choice.unit] = choice.household
    return held


def main() -> None:
    """Measure, and report."""
    event = read_real_event(REAL) if REAL.exists() else make_event()
    plan = tomllib.loads(PLAN.read_text(encoding="utf-8"))
    rules = read_rule_set({"facts": plan["facts"], "rules": plan["rules"]})

    def judge() -> None:
        judged = judge_choices(
            choices=event.choices,
            households=event.households,
            homes=event.homes,
            lottery_numbers=event.numbers,
            rules=rules,
        )
        if judged.accepted != len(event.choices):
            raise SystemExit(f"{judged.refused} refused of a lawful record")

    def look() -> None:
        for _ in range(YARDSTICK_REPEATS):
            find_held_homes(event.choices)

    rounds = [(seconds_of(judge), seconds_of(look) / YARDSTICK_REPEATS) for _ in range(ROUNDS)]
    judging = median(seconds for seconds, _ in rounds)
    looking = median(seconds for _, seconds in rounds)
    report(
        name="replay",
        value=round(len(event.choices) / judging),
        unit="choices/s",
        yardstick=round(len(event.choices) / looking),
        ratio=round(looking / judging, 4),
        yardstick_is="a bare look-up of each row: is the home held yet",
        input="real selection event" if REAL.exists() else "made event (real data missing)",
        choices=len(event.choices),
    )


if __name__ == "__main__":
    main()
