"""The default procedures: TOML files beside the code, read and judged before anything uses them."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from functools import cache
from importlib import resources

from anju_rules.procedures.checking import judge_procedure
from anju_rules.procedures.reading import read_procedure
from anju_rules.procedures.types import Procedure
from anju_rules.process_diff import ProcessChange, read_change
from anju_rules.values import Finding, Refusal

OUTSIDE_ROLES = frozenset({"department"})
"""Who acts in a procedure without an account of their own: departments, through the exchange."""


@cache
def read_default_procedures() -> dict[str, Procedure]:
    """Read every default procedure, by its code. Refuses like ``read_procedure``."""
    folder = resources.files("anju").joinpath("procedures")
    found: dict[str, Procedure] = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            procedure = read_procedure(tomllib.loads(file.read_text(encoding="utf-8")))
            if procedure.code in found or file.name != f"{procedure.code}.toml":
                raise Refusal("procedure.misnamed", file=file.name, named=procedure.code)
            found[procedure.code] = procedure
    return found


@cache
def read_default_changes() -> dict[str, ProcessChange]:
    """Read what became of each step where one default procedure was made into another, by code."""
    folder = resources.files("anju").joinpath("procedures", "changes")
    found = [
        read_change(tomllib.loads(file.read_text(encoding="utf-8")))
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".toml")
    ]
    return {change.code: change for change in found}


def find_faults(procedure: Procedure, *, roles: Collection[str]) -> tuple[Finding, ...]:
    """Give what is wrong with a procedure; ``roles`` are those of the platform's accounts."""
    return judge_procedure(procedure, roles={*roles, *OUTSIDE_ROLES}).unmet
