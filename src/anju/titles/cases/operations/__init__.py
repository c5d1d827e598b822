"""Writes of title cases: filed, moved, paid for, kept back, checked."""

from __future__ import annotations

from anju.titles.cases.operations.deciding import (
    accept_silent_cases,
    note_department_result,
    note_lapsed_materials,
    warn_of_owed_materials,
)
from anju.titles.cases.operations.filing import (
    hand_in_papers,
    join_title_case,
    open_title_case,
)
from anju.titles.cases.operations.issuing import issue_title
from anju.titles.cases.operations.paying import ask_tax_office, record_receipt, state_fee_facts
from anju.titles.cases.operations.promising import (
    check_commitment,
    draw_sample,
    freeze_sample,
)
from anju.titles.cases.operations.restricting import (
    lift_restriction,
    note_lawsuit,
    register_restriction,
    release_lapsed_restrictions,
)

__all__ = [
    "accept_silent_cases",
    "ask_tax_office",
    "check_commitment",
    "draw_sample",
    "freeze_sample",
    "hand_in_papers",
    "issue_title",
    "join_title_case",
    "lift_restriction",
    "note_department_result",
    "note_lapsed_materials",
    "note_lawsuit",
    "open_title_case",
    "record_receipt",
    "register_restriction",
    "release_lapsed_restrictions",
    "state_fee_facts",
    "warn_of_owed_materials",
]
