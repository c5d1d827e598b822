"""Read a plan folder: ``plan.toml`` and the tables that it names.

Either everything is read, or nothing is and every fault of every file is listed (INV-8).
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from anju.foundation.exchange.cells import CellValue
from anju.foundation.exchange.faults import Fault, fault_from_refusal
from anju.foundation.exchange.tables import TableLayout
from anju.resettlement.households.choosing_tables import (
    CHOICE_COLUMNS,
    WISH_COLUMNS,
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
from anju.resettlement.inventory.tables import COLUMNS as UNIT_COLUMNS
from anju.resettlement.inventory.tables import (
    FloorDifferences,
    UnitTable,
    read_floor_differences,
    read_units,
)
from anju.resettlement.offline.plan_terms import (
    EVERYONE,
    DrawTerms,
    Project,
    read_draw_terms,
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
    "Project",
    "RegisteredHousehold",
    "read_plan",
]

SECTIONS = ("project", "tables", "facts", "rules", "draw")
TABLES = ("units", "households", "wishes", "choices", "floor_differences")
TABLE_KEYS = ("file", "sheet", "null", "columns", "words", "skip_rows")
FACT_TYPES = ("integer", "area", "flag")
_NEEDED_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "units": ("area_sqm",),
    "households": ("number",),
    "wishes": tuple(WISH_COLUMNS),
    "choices": ("seq", "household", "unit"),
}
_LIKE_A_KNOWN_KEY = 0.8


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
class _TableFile:
    """Where a table lies, the name its reader knows it by, and how it is laid out."""

    path: Path
    shown: str
    layout: TableLayout


def read_plan(folder: Path, *, overrides: Mapping[str, Path] | None = None) -> Plan:
    """Read the plan in ``folder``.

    ``overrides`` puts other files in the place of the tables ``units``, ``households``, ``wishes``,
    ``choices`` or ``floor_differences``; they are read by the same column map.

    Raises :class:`PlanFaults` with all faults of all files.
    """
    told = read_plan_text(folder)
    if isinstance(told, Fault):
        raise PlanFaults([told])
    root = Section(name="", values=told)
    root.refuse_unknown(SECTIONS)
    project = read_project(root.section("project", required=True))
    draw = read_draw_terms(root.section("draw"), strata=project.strata) if "draw" in told else None
    facts = root.section("facts")
    fact_types = _read_fact_types(facts)
    rules_table = {"facts": facts.values, "rules": root.section("rules", required=True).values}
    rules = _read_rules(rules_table, root.faults)
    if rules is not None:
        _refuse_unknown_openings(rules, root, project.strata)
    files = _read_table_files(
        root.section("tables", required=True),
        folder,
        overrides or {},
        fact_types=fact_types,
        strata=project.strata,
    )
    needs = _needs_of(rules_table["rules"])

    units = _read_units(files, needs)
    register = _read_register(files, fact_types, project.strata, needs)
    homes = None if units.faults else units.homes
    households = None if register.faults else register.households
    wishes, choices, differences = WishTable(), ChoiceTable(), FloorDifferences()
    if (at := files.get("wishes")) is not None:
        wishes = read_wishes(
            at.path, layout=at.layout, file=at.shown, homes=homes, households=households
        )
    if (at := files.get("choices")) is not None:
        choices = read_choices(at.path, layout=at.layout, file=at.shown)
    if (at := files.get("floor_differences")) is not None:
        differences = read_floor_differences(at.path, file=at.shown)

    faults = [
        *root.faults,
        *units.faults,
        *register.faults,
        *wishes.faults,
        *choices.faults,
        *differences.faults,
    ]
    if faults or rules is None:
        raise PlanFaults(faults)
    return Plan(
        project=project,
        rules=rules,
        rules_table=rules_table,
        homes=units.homes,
        unit_rows=units.beside,
        households=register.households,
        wishes=wishes.wishes,
        choices=choices.choices,
        lottery_numbers=register.lottery_numbers,
        draw=draw,
        floor_differences=differences.table,
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


def _read_units(files: Mapping[str, _TableFile], needs: frozenset[str]) -> UnitTable:
    at = files.get("units")
    if at is None:
        return UnitTable()
    return read_units(at.path, layout=at.layout, needs=needs, file=at.shown)


def _read_register(
    files: Mapping[str, _TableFile],
    fact_types: Mapping[str, str],
    strata: tuple[str, ...],
    needs: frozenset[str],
) -> HouseholdTable:
    at = files.get("households")
    if at is None:
        return HouseholdTable()
    return read_households(
        at.path, layout=at.layout, fact_types=fact_types, strata=strata, needs=needs, file=at.shown
    )


def _read_table_files(
    section: Section,
    folder: Path,
    overrides: Mapping[str, Path],
    *,
    fact_types: Mapping[str, str],
    strata: tuple[str, ...],
) -> dict[str, _TableFile]:
    """Read ``[tables]``; a table whose own entry is faulty is left out, since it cannot be read."""
    section.refuse_unknown(TABLES)
    for name in ("units", "households"):
        if name not in section.values:
            section.note(name, "plan.key-missing")
    for name, path in overrides.items():
        if name not in section.values:
            section.note(name, "plan.override-without-table", value=path)
    files: dict[str, _TableFile] = {}
    for name in TABLES:
        if name not in section.values:
            continue
        before = len(section.faults)
        table = section.section(name)
        layout = TableLayout(columns={})
        if name == "floor_differences":
            table.refuse_unknown(("file",))
        else:
            layout = _read_layout(table, name, fact_types=fact_types, strata=strata)
        told = "" if name in overrides else table.text("file")
        path = overrides[name] if name in overrides else folder / told
        if len(section.faults) == before:
            files[name] = _TableFile(path=path, shown=told or path.name, layout=layout)
    return files


def _read_layout(
    table: Section, name: str, *, fact_types: Mapping[str, str], strata: tuple[str, ...]
) -> TableLayout:
    table.refuse_unknown((*TABLE_KEYS, "number_from") if name == "units" else TABLE_KEYS)
    columns = table.names("columns", required=True)
    number_from = table.texts("number_from", default=()) if name == "units" else ()
    map_section = Section(name=f"{table.name}.columns", values=columns, faults=table.faults)
    _check_columns(map_section, name, number_from, fact_types=fact_types)
    if name == "households" and len(strata) > 1 and "stratum" not in columns:
        map_section.note("stratum", "plan.stratum-column-missing", strata="、".join(strata))
    words_section = table.section("words")
    words = {key: words_section.names(key) for key in words_section.values}
    for key in words:
        if key not in columns:
            words_section.note(key, "plan.words-without-column")
    return TableLayout(
        columns=columns,
        sheet=table.text("sheet", default=""),
        null=frozenset(table.texts("null", default=())),
        feet=table.texts("skip_rows", default=()),
        words=words,
        number_from=number_from,
    )


def _check_columns(
    section: Section, name: str, number_from: tuple[str, ...], *, fact_types: Mapping[str, str]
) -> None:
    """Note columns that are missing, unknown or very like a known one."""
    columns = section.values
    for key in _NEEDED_COLUMNS[name]:
        if key not in columns:
            section.note(key, "plan.key-missing")
    if name == "units":
        if "number" not in columns and not number_from:
            section.note("number", "plan.unit-number-missing")
        for key in number_from:
            if key not in columns:
                section.note(key, "plan.number-from-unmapped")
        for key in columns:
            like = difflib.get_close_matches(key, UNIT_COLUMNS, n=1, cutoff=_LIKE_A_KNOWN_KEY)
            if key not in UNIT_COLUMNS and like:
                section.note(key, "plan.unknown-key", like=like[0])
        return
    known: Sequence[str] = {
        "households": (*REGISTER_COLUMNS, *fact_types),
        "wishes": tuple(WISH_COLUMNS),
        "choices": tuple(CHOICE_COLUMNS),
    }[name]
    section.refuse_unknown(known)
    if name == "households":
        for fact in fact_types:
            if fact not in columns and fact not in BUILT_IN_FACTS:
                section.note(fact, "plan.fact-without-column")
