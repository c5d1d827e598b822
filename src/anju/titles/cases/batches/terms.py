"""The terms of a batch: ``batch.toml`` beside the manifest, read strictly; without it, defaults."""

from __future__ import annotations

import tomllib
from typing import Final

from anju.foundation.core.definitions import read_default_procedures
from anju.titles.cases.batches.types import BatchTerms, SharedPaper
from anju.titles.cases.types import TRANSFERS
from anju_rules.area import AreaTerms, TermsFrom, settle_at_actual, settle_nothing
from anju_rules.policy.table import PolicyTable
from anju_rules.procedures.types import Procedure, Source
from anju_rules.sheets import fen_from_yuan
from anju_rules.values import Refusal

TERMS_FILE: Final = "batch.toml"
_RULES = ("actual", "fixed", "silent")


def read_terms(content: bytes) -> BatchTerms:
    """Read the terms of a batch.

    Refuses with ``batches.terms-unreadable``, with a ``policy.*`` code that names the key, and with
    ``batches.shared-unknown`` for a material that the procedure does not know.
    """
    try:
        told = tomllib.loads(content.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refusal("batches.terms-unreadable", reason=str(error)[:80]) from None
    top = PolicyTable(told, path="")
    default = BatchTerms()
    procedure = default.procedure
    if top.has("procedure"):
        procedure = top.take_one_of("procedure", TRANSFERS)
    homes = top.take_table("homes") if top.has("homes") else PolicyTable({}, path="homes")
    cost = homes.take_text("construction_cost_yuan_per_sqm") if homes.has(_COST) else ""
    terms = BatchTerms(
        procedure=procedure,
        is_first_sale=homes.take_flag("is_first_sale") if homes.has("is_first_sale") else True,
        is_allocated_land=(
            homes.take_flag("is_allocated_land") if homes.has("is_allocated_land") else False
        ),
        construction_cost_fen_per_sqm=fen_from_yuan(cost) if cost else None,
        is_resettled=homes.take_flag("is_resettled") if homes.has("is_resettled") else False,
        area=_read_area(top.take_table("area")) if top.has("area") else None,
        shared=tuple(_read_shared(one, procedure) for one in _tables(top, "shared")),
    )
    homes.close()
    top.close()
    return terms


_COST = "construction_cost_yuan_per_sqm"


def procedure_of(terms: BatchTerms) -> Procedure:
    """Give the procedure by which the homes of a batch are filed."""
    return read_default_procedures()[terms.procedure]


def brought_materials(procedure: Procedure) -> dict[str, str]:
    """Give the materials that an applicant brings, by their Chinese names: a column each."""
    return {
        material.title.zh: material.code
        for material in procedure.materials.values()
        if material.source in {Source.ASKED, Source.COMMITTED}
    }


def stated_terms(*, word: str, clause: str, is_resettled: bool) -> AreaTerms | None:
    """Give what a contract (or plan) states of a difference in area; silence states nothing."""
    source = TermsFrom.PLAN if is_resettled else TermsFrom.CONTRACT
    if word == "actual":
        return settle_at_actual(source=source, clause=clause)
    if word == "fixed":
        return settle_nothing(source=source, clause=clause)
    return None


def _read_area(table: PolicyTable) -> AreaTerms | None:
    rule = table.take_one_of("rule", _RULES)
    source = table.take_one_of("from", ("contract", "plan")) if table.has("from") else "contract"
    clause = table.take_text("clause") if table.has("clause") else f"{source}/area"
    table.close()
    return stated_terms(word=rule, clause=clause, is_resettled=source == "plan")


def _read_shared(table: PolicyTable, procedure: str) -> SharedPaper:
    known = read_default_procedures()[procedure].materials
    material, file = table.take_word("material"), table.take_text("file")
    table.close()
    if material not in known or known[material].source is Source.PRODUCED:
        raise Refusal("batches.shared-unknown", material=material, procedure=procedure)
    return SharedPaper(material=material, file=file)


def _tables(top: PolicyTable, key: str) -> tuple[PolicyTable, ...]:
    return tuple(top.take_tables(key)) if top.has(key) else ()
