"""Endpoints of a project's plan: versions, annexes, how far its approval is, consent counted."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from anju.api.casework import StepOut, WordsOut
from anju.api.permits import actor_of, asks, project_in_sight
from anju.api.schemas import ProjectCode, Refused
from anju.foundation.core.clock import read_clock
from anju.resettlement.planning.queries import consent_lines, plan_of

router = Router(tags=["planning"])
_REFUSED = {401: Refused, 404: Refused, 409: Refused, 422: Refused}


class PaperOut(Schema):
    """A paper of a version; without a document it lies in the paper archive."""

    title: str
    digest: str
    document_id: UUID | None


class VersionOut(Schema):
    """One version of the plan."""

    number: int
    rules_version: str
    rules_digest: str
    papers: list[PaperOut]
    drafted_at: datetime
    is_taken_over: bool
    taken_over_reason: str
    approved_on: date | None
    counted_at: datetime | None
    in_force_at: datetime | None


class AnnexOut(Schema):
    """What the approval brought forth and publishes."""

    code: str
    title: WordsOut
    document_id: UUID | None
    received_at: datetime | None


class ConsentOut(Schema):
    """Consent, counted household by household, of all of them."""

    households: int
    consenting: int
    refusing: int
    missing: int
    needed: int
    is_reached: bool
    is_closed: bool
    digest: str


class PlanOut(Schema):
    """Everything public about a project's plan; without versions before the first draft."""

    versions: tuple[VersionOut, ...] = ()
    in_force: int | None = None
    """The number of the version that binds."""
    in_force_since: datetime | None = None
    steps: tuple[StepOut, ...] = ()
    annexes: tuple[AnnexOut, ...] = ()
    notice_id: UUID | None = None
    consent: ConsentOut | None = None


class ConsentLineOut(Schema):
    """One line of the public list of votes: a mark in place of a name."""

    mark: str
    is_for: bool


@router.get("/{code}/plan", response={200: PlanOut, **_REFUSED})
@asks("planning.see")
def show_plan(request: HttpRequest, code: ProjectCode) -> PlanOut:
    """Give a project's plan: which version binds, and how far the newest one is."""
    project = project_in_sight(code, by=actor_of(request))
    file = plan_of(project.id, at=read_clock())
    if file is None:
        return PlanOut()
    told = {
        "versions": file.versions,
        "in_force": file.in_force.number if file.in_force else None,
        "in_force_since": file.in_force_since,
        "steps": file.steps,
        "annexes": file.annexes,
        "notice_id": file.notice.notice.id if file.notice else None,
        "consent": file.consent,
    }
    return PlanOut.model_validate(told, from_attributes=True)


@router.get("/{code}/plan/consents", response={200: list[ConsentLineOut], **_REFUSED})
@asks("planning.see")
def list_consents(request: HttpRequest, code: ProjectCode) -> list[ConsentLineOut]:
    """Give the public list of votes on the newest version."""
    project = project_in_sight(code, by=actor_of(request))
    return [ConsentLineOut.from_orm(line) for line in consent_lines(project.id)]
