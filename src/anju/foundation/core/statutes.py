"""The laws that come with the platform: TOML files beside the code, and what looks after them."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from importlib import resources
from importlib.util import find_spec

from anju_rules.statutes.procedure_checks import PROCEDURE_CHECKS
from anju_rules.statutes.reading import read_statute
from anju_rules.statutes.rule_checks import RULE_CHECKS
from anju_rules.statutes.types import Clause, Guard, Item, Statute
from anju_rules.values import Finding, Refusal, Verdict

RULE_PARTS = frozenset({"scoring", "entitlement", "communities", "turns", "needs", "prohibitions"})
"""The parts of a rule set that a clause may touch."""


@cache
def default_statutes() -> dict[str, Statute]:
    """Read the laws that come with the platform, by code. Refuses like ``read_statute``."""
    folder = resources.files("anju").joinpath("policies")
    found: dict[str, Statute] = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            statute = read_statute(tomllib.loads(file.read_text(encoding="utf-8")))
            if file.name != f"{statute.code}.toml":
                raise Refusal("statute.misnamed", file=file.name, named=statute.code)
            found[statute.code] = statute
    return found


def judge_library(
    statutes: Iterable[Statute], *, refusals: Collection[str], procedures: Collection[str]
) -> Verdict:
    """Say whether every item's guard exists, and everything that a clause touches.

    ``refusals``: the codes the platform has words for. Unmet findings: ``statute.unknown-check``
    and ``statute.unknown-part``.
    """
    known = RULE_PARTS | set(procedures)
    return Verdict(
        tuple(
            finding
            for statute in statutes
            for clause in statute.clauses.values()
            for finding in (*_judge_checks(clause, refusals), *_judge_parts(clause, known))
        )
    )


def _judge_checks(clause: Clause, refusals: Collection[str]) -> Iterator[Finding]:
    for item in clause.items:
        yield Finding(
            "statute.unknown-check",
            clause.code,
            met=_exists(item, refusals),
            facts={"item": item.code, "check": f"{item.guard}:{item.check}"},
        )


def _exists(item: Item, refusals: Collection[str]) -> bool:
    match item.guard:
        case Guard.RULES:
            return item.check in RULE_CHECKS
        case Guard.PROCEDURE:
            return item.check in PROCEDURE_CHECKS
        case Guard.REFUSAL:
            return item.check in refusals
        case Guard.BUILT_IN:
            return item.check.startswith("anju") and find_spec(item.check) is not None
        case Guard.HUMAN:
            return True


def _judge_parts(clause: Clause, known: Collection[str]) -> Iterator[Finding]:
    for part in clause.touches:
        yield Finding(
            "statute.unknown-part",
            clause.code,
            met=part in known,
            facts={"part": part},
        )
