"""The kinds of legacy problems that come with the platform: a TOML file beside the laws."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from anju_rules.triage.reading import read_kinds
from anju_rules.triage.types import BlockerKind


@cache
def default_blockers() -> dict[str, BlockerKind]:
    """Read the kinds by code. Refuses like :func:`~anju_rules.triage.reading.read_kinds`."""
    file = resources.files("anju").joinpath("policies", "triage", "blockers.toml")
    return read_kinds(tomllib.loads(file.read_text(encoding="utf-8")))
