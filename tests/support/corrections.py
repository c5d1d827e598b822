"""Corrections of scores: who proposes, who signs, and what shows the fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.casework.operations import open_case, take_action
from anju.foundation.casework.types import CaseRow, HandedIn, NewAction
from anju.foundation.documents.operations import store_document
from anju.resettlement.scoring.operations import (
    decline_correction,
    propose_correction,
    sign_correction,
    withdraw_correction,
)
from anju.resettlement.scoring.previews import preview_correction
from anju.resettlement.scoring.types import CorrectionPreview, CorrectionRow
from anju_rules.procedures.states import ActionKind
from tests.support.hostile_files import plain_pdf
from tests.support.selections import AT, Selected, officer

STREET = "370105001"
REASON = "户口簿上是五口人，登记时漏了一人"


def clerk() -> Actor:
    """Give an officer of the street, who proposes."""
    return replace(officer("street-officer"), division=STREET)


def second(at: datetime = AT) -> Actor:
    """Give a supervisor who has just typed a code, and signs."""
    return replace(officer("supervisor"), stepped_up_at=at)


def hand_in_evidence(project: Selected, household_id: UUID, *, at: datetime = AT) -> UUID:
    """Hand in a document of a household at the street's window."""
    row = store_document(
        project_id=project.id,
        household_id=household_id,
        owner_kind="household",
        owner_id=household_id,
        name="户口簿.pdf",
        content=plain_pdf(),
        channel="desk",
        by=clerk(),
        at=at,
    )
    return row.id


def propose(
    project: Selected,
    number: str,
    facts: Mapping[str, str],
    *,
    by: Actor | None = None,
    case_id: UUID | None = None,
    at: datetime = AT,
) -> CorrectionRow:
    """Propose a correction with its evidence."""
    household_id = project.households[number]
    return propose_correction(
        project_id=project.id,
        household_id=household_id,
        facts=facts,
        reason=REASON,
        document_ids=[hand_in_evidence(project, household_id, at=at)],
        case_id=case_id,
        by=by or clerk(),
        at=at,
    )


def look_at(project: Selected, correction: CorrectionRow) -> CorrectionPreview:
    """Look at what a correction would do now."""
    with reading(by=project.officer):
        return preview_correction(project_id=project.id, correction_id=correction.id)


def sign(
    project: Selected,
    correction: CorrectionRow,
    *,
    by: Actor | None = None,
    seen: str = "",
    at: datetime = AT,
) -> CorrectionRow:
    """Sign a correction after looking at it, unless it was looked at before."""
    return sign_correction(
        project_id=project.id,
        correction_id=correction.id,
        seen=seen or look_at(project, correction).seen,
        by=by or second(at),
        at=at,
    )


def decline(project: Selected, correction: CorrectionRow, *, reason: str) -> CorrectionRow:
    """Decline to sign a correction."""
    return decline_correction(
        project_id=project.id, correction_id=correction.id, reason=reason, by=second(), at=AT
    )


def withdraw(project: Selected, correction: CorrectionRow) -> CorrectionRow:
    """Take a correction back."""
    return withdraw_correction(
        project_id=project.id, correction_id=correction.id, by=clerk(), at=AT
    )


def uphold_objection(
    project: Selected, number: str, *, outcome: str = "upheld", about: UUID | None = None
) -> CaseRow:
    """Lodge a household's objection with the street, which answers it.

    It is about the household's own score, or about another's review (``about``).
    """
    household_id = project.households[number]
    case = open_case(
        project_id=project.id,
        procedure="objection",
        subject_kind="review" if about else "household",
        subject_id=about or household_id,
        household_id=household_id,
        division=STREET,
        materials=[HandedIn(code="objection-letter"), HandedIn(code="decision-challenged")],
        by=clerk(),
        at=AT,
    )
    for act in (
        NewAction(kind=ActionKind.ACCEPT),
        NewAction(kind=ActionKind.DECIDE, step="street-answer", outcome=outcome, why="户口簿为准"),
    ):
        case = take_action(project_id=project.id, case_id=case.id, act=act, by=clerk(), at=AT)
    return case
