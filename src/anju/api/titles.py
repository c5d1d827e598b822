"""Endpoints of titles: a community's title cases, one with its fees, and a new one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Router, Schema
from pydantic import Field

from anju.api.casework import CaseId, CaseOut, Materials
from anju.api.permits import actor_of, asks
from anju.api.schemas import Number, Refused, Strict, Text
from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.casework.queries import case_by_id
from anju.foundation.casework.types import HandedIn
from anju.foundation.core.clock import read_clock
from anju.titles.cases.operations import open_title_case
from anju.titles.cases.queries import fees_of, find_title_case, on_time_counts, title_cases_of
from anju.titles.cases.types import TitleCaseRow
from anju.titles.communities.queries import find_community_by_code, home_by_number, homes_by_ids
from anju.titles.communities.types import COMPANIES
from anju_rules.fees.gates import ProofKind
from anju_rules.fees.types import FeeKind
from anju_rules.values import Refusal

router = Router(tags=["titles"])
_REFUSED = {401: Refused, 404: Refused, 409: Refused, 422: Refused}
CommunityCode = Annotated[str, Path(pattern=r"^[A-Z0-9-]{1,24}$", description="小区编号")]
Kind = Literal["first", "transfer"]


class TitleCaseOut(Schema):
    """A title case as lists show it."""

    id: UUID
    kind: Kind
    procedure: str
    home: str
    """The home's number; empty for a first registration."""
    standing: Literal["open", "done", "refused", "withdrawn", "revoked"]
    is_applied_for: bool
    is_held: bool
    owed_until: date | None
    opened_at: datetime
    ended_at: datetime | None
    was_overdue: bool | None
    case: CaseOut | None


class TitleCasesOut(Schema):
    """A community's title cases, and how many of them ran over their limit."""

    cases: list[TitleCaseOut]
    counted: int
    overdue: int


class FeeOut(Schema):
    """One fee of a case, in fen."""

    kind: FeeKind
    due_fen: int | None
    refund_fen: int
    unknown: str
    """Why it cannot be reckoned: a refusal's code."""
    paid_fen: int
    is_settled: bool


class ReceiptOut(Schema):
    """One receipt."""

    kind: FeeKind
    says: ProofKind
    number: str
    amount_fen: int
    paid_on: date


class TitleFileOut(Schema):
    """A title case with its fees."""

    title: TitleCaseOut
    fees: list[FeeOut]
    receipts: list[ReceiptOut]


class TitleIn(Strict):
    """A title to file for."""

    kind: Kind
    home: Number | None = None
    """The home of a transfer."""
    version: Annotated[str, Field(pattern=r"^(title-[a-z0-9-]{1,40})?$")] = ""
    """The procedure; by default the newest in force."""
    materials: Materials
    alone_why: Text = ""
    is_joint: bool = False
    id: UUID | None = None
    """Made by whoever sends it: the same one sent again opens nothing more."""


@router.get("/{code}/titles", response={200: TitleCasesOut, **_REFUSED})
@asks("titles.see")
def list_titles(request: HttpRequest, code: CommunityCode) -> TitleCasesOut:
    """List a community's title cases, the newest first, with the share that ran over."""
    project_id = _community_in_sight(code, by=actor_of(request))
    counts = on_time_counts(at=read_clock(), project_ids=[project_id])
    return TitleCasesOut(
        cases=_told(project_id, title_cases_of(project_id=project_id)),
        counted=counts.cases,
        overdue=counts.overdue,
    )


@router.get("/{code}/titles/{case_id}", response={200: TitleFileOut, **_REFUSED})
@asks("titles.see")
def show_title(request: HttpRequest, code: CommunityCode, case_id: CaseId) -> TitleFileOut:
    """Give a title case with what it owes and what was paid; a company is told no money."""
    by = actor_of(request)
    project_id = _community_in_sight(code, by=by)
    row = find_title_case(project_id=project_id, case_id=case_id)
    if row is None:
        case_by_id(project_id=project_id, case_id=case_id)
        raise Refusal("titlecases.not-filed")
    (title,) = _told(project_id, [row])
    if by.role in COMPANIES:
        return TitleFileOut(title=title, fees=[], receipts=[])
    fees = fees_of(project_id=project_id, case_id=case_id, at=read_clock())
    return TitleFileOut(
        title=title,
        fees=[
            FeeOut(
                kind=row.kind,
                due_fen=row.sheet.due_fen if row.sheet else None,
                refund_fen=row.sheet.refund_fen if row.sheet else 0,
                unknown=row.code,
                paid_fen=row.paid_fen,
                is_settled=row.is_settled,
            )
            for row in fees.fees
        ],
        receipts=[ReceiptOut.from_orm(one) for one in fees.receipts],
    )


@router.post("/{code}/titles", response={200: CaseOut, **_REFUSED})
@asks("titles.file")
def file_title(request: HttpRequest, code: CommunityCode, told: TitleIn) -> CaseOut:
    """File for a title: a first registration, or the transfer of one home."""
    by = actor_of(request)
    with reading(by=by):
        project_id = _community_in_sight(code, by=by)
        home = home_by_number(project_id=project_id, number=told.home) if told.home else None
    row = open_title_case(
        project_id=project_id,
        kind=told.kind,
        home_id=home.id if home else None,
        version=told.version,
        materials=[HandedIn(code=one.code, document_id=one.document_id) for one in told.materials],
        case_id=told.id,
        alone_why=told.alone_why,
        is_joint=told.is_joint,
        by=by,
        at=read_clock(),
    )
    return CaseOut.from_orm(row)


def _community_in_sight(code: str, *, by: Actor) -> UUID:
    """Give a community's scope; another's is as one that does not exist."""
    community = find_community_by_code(code=code)
    if community is None or not by.sees_project(community.id):
        raise Refusal("access.not-found")
    return community.id


def _told(project_id: UUID, rows: list[TitleCaseRow]) -> list[TitleCaseOut]:
    homes = homes_by_ids(
        project_id=project_id, home_ids=[row.home_id for row in rows if row.home_id]
    )
    return [
        TitleCaseOut(
            id=row.id,
            kind=row.kind,
            procedure=row.procedure,
            home=homes[row.home_id].number if row.home_id else "",
            standing=row.standing,
            is_applied_for=row.is_applied_for,
            is_held=row.held_by is not None,
            owed_until=row.owed_until,
            opened_at=row.opened_at,
            ended_at=row.ended_at,
            was_overdue=row.was_overdue,
            case=CaseOut.from_orm(row.case) if row.case else None,
        )
        for row in rows
    ]
