"""Rows of eligibility into what others see, and statements into what is sealed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from anju.foundation.casework.types import CaseRow
from anju.foundation.core.sealing import open_field, seal_field
from anju.resettlement.eligibility.models import (
    ObjectionRecord,
    PublishedRecord,
    ReviewRecord,
    SheetRecord,
    StatementRecord,
)
from anju.resettlement.eligibility.types import (
    KeptSheet,
    NoticeStep,
    ObjectionRow,
    PublishedRow,
    ReviewRow,
    StatementRow,
)
from anju_rules.applications import Standing
from anju_rules.eligibility.sheet import Agreement, Claim, Line, Statement
from anju_rules.values import exact_decimal

STATEMENT, SHEET, OBJECTION = (
    "eligibility_statement",
    "eligibility_sheet",
    "eligibility_objection",
)


def review_from(kept: ReviewRecord, *, case: CaseRow | None) -> ReviewRow:
    """Give a review's frozen row."""
    return ReviewRow(
        id=kept.id,
        project_id=kept.project_id,
        household_id=kept.household_id,
        round=kept.round,
        standing=Standing(kept.standing),
        take_over_id=kept.take_over_id,
        opened_at=kept.opened_at,
        decided_at=kept.decided_at,
        street_by=kept.street_by,
        district_by=kept.district_by,
        city_by=kept.city_by,
        visited_at=kept.visited_at,
        case=case,
    )


def objection_from(kept: ObjectionRecord) -> ObjectionRow:
    """Give an objection's frozen row, without who objects."""
    return ObjectionRow(
        id=kept.id,
        project_id=kept.project_id,
        notice_id=kept.notice_id,
        step=NoticeStep(kept.step),
        review_id=kept.review_id,
        about_id=kept.about_id,
        household_id=kept.household_id,
        lodged_at=kept.lodged_at,
        ended_at=kept.ended_at,
        is_upheld=kept.is_upheld,
    )


def published_from(kept: PublishedRecord) -> PublishedRow:
    """Give in which notice a review stood."""
    return PublishedRow(
        notice_id=kept.notice_id, step=NoticeStep(kept.step), published_at=kept.published_at
    )


def kept_sheet_from(kept: SheetRecord) -> KeptSheet:
    """Give on what a step was decided, without the lines."""
    return KeptSheet(
        step=kept.step,
        outcome=kept.outcome,
        digest=kept.digest,
        made_at=kept.made_at,
        made_by=kept.made_by,
    )


# ------------------------------------------------------------------------------------ statements


def seal_statement(statement: Statement, *, household_id: UUID, row_id: UUID) -> bytes:
    """Seal a statement with its household's key."""
    return _seal(STATEMENT, "stated_sealed", household_id, row_id, _written(_tell(statement)))


def statement_from(kept: StatementRecord) -> StatementRow:
    """Open a statement; refuses with ``sealing.key-destroyed`` that of an erased household."""
    text = open_field(
        subject_id=kept.household_id,
        table=STATEMENT,
        row_id=kept.id,
        column="stated_sealed",
        sealed=kept.stated_sealed,
    )
    return StatementRow(
        version=kept.version,
        statement=_statement(json.loads(text)),
        stated_by=kept.stated_by,
        stated_at=kept.stated_at,
    )


def _tell(statement: Statement) -> dict[str, object]:
    agreement = statement.agreement
    signed_on = agreement.signed_on if agreement else None
    return {
        "holder": statement.holder,
        "people": list(statement.people),
        "agreement": None
        if agreement is None
        else [
            agreement.number,
            signed_on.isoformat() if signed_on else "",
            agreement.notarial_number,
        ],
        "certificate": statement.certificate,
        "area_sqm": "" if statement.area_sqm is None else str(statement.area_sqm),
        "address": statement.address,
        "lives_there": statement.lives_there,
        "resettled_before": statement.resettled_before,
        "claims": {code: claim.value for code, claim in sorted(statement.claims.items())},
    }


def _statement(told: Mapping[str, object]) -> Statement:
    agreement, area = told["agreement"], str(told["area_sqm"])
    people, claims = told["people"], told["claims"]
    assert isinstance(people, list)  # noqa: S101 - written by this module, and sealed
    assert isinstance(claims, dict)  # noqa: S101
    return Statement(
        holder=str(told["holder"]),
        people=tuple(str(number) for number in people),
        agreement=_agreement(agreement) if isinstance(agreement, list) else None,
        certificate=str(told["certificate"]),
        area_sqm=exact_decimal(area) if area else None,
        address=str(told["address"]),
        lives_there=bool(told["lives_there"]),
        resettled_before=bool(told["resettled_before"]),
        claims={str(code): Claim(claim) for code, claim in claims.items()},
    )


def _agreement(told: Sequence[str]) -> Agreement:
    number, signed_on, notarial_number = told
    return Agreement(
        number=number,
        signed_on=date.fromisoformat(signed_on) if signed_on else None,
        notarial_number=notarial_number,
    )


# ---------------------------------------------------------------------------------------- sheets


def write_lines(lines: Iterable[Line]) -> str:
    """Write a sheet as one canonical text: what is sealed, and what its digest is of."""
    return _written(
        [
            [
                line.group.value,
                line.check.value,
                line.result.value,
                line.stated,
                line.answered,
                line.clause,
            ]
            for line in lines
        ]
    )


def seal_lines(text: str, *, household_id: UUID, row_id: UUID) -> bytes:
    """Seal the lines of a sheet with the household's key."""
    return _seal(SHEET, "lines_sealed", household_id, row_id, text)


def seal_person(text: str, *, project_id: UUID, row_id: UUID) -> bytes:
    """Seal who objects where no household does, with the project's key."""
    return _seal(OBJECTION, "person_sealed", project_id, row_id, text)


def _seal(table: str, column: str, subject_id: UUID, row_id: UUID, text: str) -> bytes:
    return seal_field(subject_id=subject_id, table=table, row_id=row_id, column=column, text=text)


def _written(told: object) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
