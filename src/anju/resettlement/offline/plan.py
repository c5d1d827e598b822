"""Read a plan folder: ``plan.toml`` and the tables that it names.

Either everything is read, or nothing is and every fault of every file is listed (INV-8).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from anju.foundation.exchange.cells import CellValue
from anju.foundation.exchange.faults import Fault, fault_from_refusal
from anju.resettlement.households.choosing_tables import (
    ChoiceTable,
    WishTable,
    read_choices,
    read_wishes,
)
from anju.resettlement.households.tables import (
    BUILT_IN_FACTS,
    REGISTER_COLUMNS,
    HouseholdTable,
    RegisteredHousehold,
    read_households,
)
from anju.resettlement.inventory.tables import (
    FloorDifferences,
    UnitTable,
    read_floor_differences,
    read_units,
)
from anju.resettlement.offline.plan_layouts import TableSource, read_table_sources
from anju.resettlement.offline.plan_terms import (
    EVERYONE,
    DrawTerms,
    Project,
    read_draw_terms,
    read_plan_days,
    read_project,
)
from anju.resettlement.offline.plan_text import PLAN_FILE, Section, read_plan_text
from anju_rules.policy import RuleSet, read_rule_set
from anju_rules.replay import RecordedChoice
from anju_rules.values import Home, HouseholdNumber, Refusal, UnitNumber

__all__ = [
    "EVERYONE",
    "DrawTerms",
    "Plan",
    "PlanFaults",
    "PlanTerms",
    "Project",
    "RegisteredHousehold",
    "TableSource",
    "read_plan",
    "read_plan_terms",
    "read_register",
    "read_unit_table",
]

SECTIONS = ("project", "tables", "facts", "rules", "draw", "batches")
FACT_TYPES = ("integer", "area", "flag")


class PlanFaults(Exception):
    """A plan folder cannot be read: all of its faults, and nothing of it kept."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        # No value here: a traceback or log must not carry what stands in a register.
        super().__init__(f"{len(faults)} faults; the first is {faults[0].rule}")
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan folder as read; mappings keep the order of their tables."""

    project: Project
    rules: RuleSet
    rules_table: Mapping[str, object]
    """``{"facts": …, "rules": …}`` as the plan states them."""
    homes: Mapping[UnitNumber, Home]
    unit_rows: Mapping[UnitNumber, Mapping[str, CellValue]]
    """What the unit table says of a home beyond the home itself."""
    households: Mapping[HouseholdNumber, RegisteredHousehold]
    wishes: Mapping[HouseholdNumber, tuple[tuple[UnitNumber, ...], ...]]
    choices: tuple[RecordedChoice, ...]
    lottery_numbers: Mapping[HouseholdNumber, int]
    draw: DrawTerms | None
    floor_differences: Mapping[int, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTerms:
    """What ``plan.toml`` itself says, before any of its tables is read.

    Whoever keeps anything of it must first see that ``faults`` is empty; then ``rules`` is there.
    """

    project: Project
    rules: RuleSet | None
    rules_table: Mapping[str, object]
    draw: DrawTerms | None
    fact_types: Mapping[str, str]
    needs: frozenset[str]
    tables: Mapping[str, TableSource]
    faults: tuple[Fault, ...]

    def with_table(self, name: str, *, data: bytes, shown_as: str) -> PlanTerms:
        """Put an upload in the place of a table, to be read by the same layout.

        Raises :class:`KeyError` where the plan has no such table.
        """
        table = replace(self.tables[name], source=data, shown=shown_as)
        return replace(self, tables={**self.tables, name: table})


def read_plan(folder: Path, *, overrides: Mapping[str, Path] | None = None) -> Plan:
    """Read the plan in ``folder``.

    ``overrides`` puts other files in the place of the tables ``units``, ``households``, ``wishes``,
    ``choices`` or ``floor_differences``; they are read by the same column map.

    Raises :class:`PlanFaults` with all faults of all files.
    """
    told = read_plan_text(folder)
    if isinstance(told, Fault):
        raise PlanFaults([told])
    terms = read_plan_terms(told, folder=folder, overrides=overrides or {})
    tables = terms.tables
    units = read_unit_table(terms)
    register = read_register(terms)
    homes = None if units.faults else units.homes
    households = None if register.faults else register.households
    wishes, choices, differences = WishTable(), ChoiceTable(), FloorDifferences()
    if (at := tables.get("wishes")) is not None:
        wishes = read_wishes(
            at.source, layout=at.layout, file=at.shown, homes=homes, households=households
        )
    if (at := tables.get("choices")) is not None:
        choices = read_choices(at.source, layout=at.layout, file=at.shown)
    if (at := tables.get("floor_differences")) is not None:
        differences = read_floor_differences(_file_of(at), file=at.shown)

    faults = [
        *terms.faults,
        *units.faults,
        *register.faults,
        *wishes.faults,
        *choices.faults,
        *differences.faults,
    ]
    if faults or terms.rules is None:
        raise PlanFaults(faults)
    return Plan(
        project=terms.project,
        rules=terms.rules,
        rules_table=terms.rules_table,
        homes=units.homes,
        unit_rows=units.beside,
        households=register.households,
        wishes=wishes.wishes,
        choices=choices.choices,
        lottery_numbers=register.lottery_numbers,
        draw=terms.draw,
        floor_differences=differences.table,
    )


def read_plan_terms(
    told: Mapping[str, object],
    *,
    folder: Path | None = None,
    overrides: Mapping[str, Path] | None = None,
) -> PlanTerms:
    """Read what ``plan.toml`` says, as :func:`parse_plan_text` gives it; faults are listed in it.

    The tables lie in ``folder``, or where ``overrides`` says; none of them is read here.
    """
    root = Section(name="", values=told)
    root.refuse_unknown(SECTIONS)
    project = read_project(root.section("project", required=True), has_draw="draw" in told)
    draw = read_draw_terms(root.section("draw"), strata=project.strata) if "draw" in told else None
    read_plan_days(root.section("batches"))
    facts = root.section("facts")
    fact_types = _read_fact_types(facts)
    rules_table = {"facts": facts.values, "rules": root.section("rules", required=True).values}
    rules = _read_rules(rules_table, root.faults)
    if rules is not None:
        _refuse_unknown_openings(rules, root, project.strata)
    tables = read_table_sources(
        root.section("tables", required=True),
        folder or Path(),
        overrides or {},
        fact_types=fact_types,
        strata=project.strata,
    )
    return PlanTerms(
        project=project,
        rules=rules,
        rules_table=rules_table,
        draw=draw,
        fact_types=fact_types,
        needs=_needs_of(rules_table["rules"]),
        tables=tables,
        faults=tuple(root.faults),
    )


def read_unit_table(terms: PlanTerms) -> UnitTable:
    """Read the plan's unit table; an empty one where the plan names none."""
    at = terms.tables.get("units")
    if at is None:
        return UnitTable()
    return read_units(at.source, layout=at.layout, needs=terms.needs, file=at.shown)


def read_register(terms: PlanTerms) -> HouseholdTable:
    """Read the plan's register; an empty one where the plan names none."""
    at = terms.tables.get("households")
    if at is None:
        return HouseholdTable()
    return read_households(
        at.source,
        layout=at.layout,
        fact_types=terms.fact_types,
        strata=terms.project.strata,
        needs=terms.needs,
        file=at.shown,
    )


def _refuse_unknown_openings(rules: RuleSet, root: Section, strata: tuple[str, ...]) -> None:
    """Note reserved homes that open after a stratum nobody belongs to: they would open at once."""
    for rule in rules.needs:
        opens_after = rule.reserved_opens_after_stratum
        if opens_after is not None and opens_after not in strata:
            root.note(
                "rules.needs.reserved_opens_after_stratum",
                "plan.unknown-stratum",
                value=opens_after,
                strata="、".join(strata),
            )


def _read_fact_types(section: Section) -> dict[str, str]:
    for fact, fact_type in section.values.items():
        if fact_type not in FACT_TYPES:
            section.note(
                fact, "plan.unknown-fact-type", value=fact_type, known="、".join(FACT_TYPES)
            )
        elif BUILT_IN_FACTS.get(fact, fact_type) != fact_type:
            section.note(fact, "plan.built-in-fact", value=fact_type, known=BUILT_IN_FACTS[fact])
        if fact in REGISTER_COLUMNS:
            section.note(fact, "plan.fact-is-a-column")
    return {
        **BUILT_IN_FACTS,
        **{
            fact: str(fact_type)
            for fact, fact_type in section.values.items()
            if fact_type in FACT_TYPES
        },
    }


def _read_rules(rules_table: Mapping[str, object], faults: list[Fault]) -> RuleSet | None:
    try:
        return read_rule_set(rules_table)
    except Refusal as refusal:
        faults.append(
            fault_from_refusal(
                refusal, file=PLAN_FILE, column=str(refusal.facts.get("path", "rules"))
            )
        )
        return None


def _needs_of(rules: object) -> frozenset[str]:
    """Give the needs that the rules know; whether each is stated well, the rule set decides."""
    listed = rules.get("needs") if isinstance(rules, dict) else None
    return frozenset(
        str(entry["need"])
        for entry in (listed if isinstance(listed, list) else [])
        if isinstance(entry, dict) and "need" in entry
    )


def _file_of(table: TableSource) -> Path:
    """Give the file of a table that is read from files alone."""
    return table.source if isinstance(table.source, Path) else Path(table.shown)
