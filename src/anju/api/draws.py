"""Endpoints of the public draws: ceremonies, their log, and each draw as anybody recomputes it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Router, Schema

from anju.api.permits import actor_of, asks, project_in_sight
from anju.api.schemas import ProjectCode, Refused
from anju.foundation.draws.queries import (
    ceremonies_of,
    ceremony_events,
    ceremony_of_draw,
    draw_bundle,
)
from anju_rules.ceremony import Step

router = Router(tags=["draws"])
_REFUSED = {401: Refused, 404: Refused, 409: Refused, 422: Refused}
DrawNumber = Annotated[str, Path(pattern=r"^[A-Z0-9-]{1,32}$", examples=["YS-2026-D01"])]


class StratumDrawOut(Schema):
    """One draw; digests in hexadecimal, empty until they are fixed."""

    draw_number: str
    stratum: str
    size: int
    root: str
    announcement: str
    seed: str


class CeremonyOut(Schema):
    """A ceremony: what it is for, how far it is, and its draws."""

    id: UUID
    use: str
    batch: str
    scheme: str
    step: Step
    sequence: int
    void_cause: str
    freeze_at: datetime
    beacon_at: datetime
    postponed_to: datetime | None
    beacon_rule: str
    draws: list[StratumDrawOut]


class LogLineOut(Schema):
    """One line of a ceremony's public log."""

    at: datetime
    kind: str
    role: str
    outcome: str
    facts: dict[str, Any]
    event_id: UUID


@router.get("/{code}/draws", response={200: list[CeremonyOut], **_REFUSED})
@asks("draws.see")
def list_ceremonies(request: HttpRequest, code: ProjectCode) -> list[CeremonyOut]:
    """Give every ceremony of a project, the void ones too."""
    project = project_in_sight(code, by=actor_of(request))
    return [CeremonyOut.from_orm(row) for row in ceremonies_of(project_id=project.id)]


@router.get("/{code}/draws/{draw_number}/log", response={200: list[LogLineOut], **_REFUSED})
@asks("draws.see")
def show_log(request: HttpRequest, code: ProjectCode, draw_number: DrawNumber) -> list[LogLineOut]:
    """Give the public log of a draw's ceremony, the same for every reader, refusals included."""
    project = project_in_sight(code, by=actor_of(request))
    ceremony = ceremony_of_draw(project_id=project.id, draw_number=draw_number)
    events = ceremony_events(project_id=project.id, ceremony_id=ceremony.id)
    return [LogLineOut.from_orm(row) for row in events]


@router.get("/{code}/draws/{draw_number}/bundle", response={200: dict[str, Any], **_REFUSED})
@asks("draws.see")
def show_bundle(
    request: HttpRequest, code: ProjectCode, draw_number: DrawNumber
) -> dict[str, object]:
    """Give a draw's bundle, as the verifiers read it; only once it is derived, or void."""
    project = project_in_sight(code, by=actor_of(request))
    ceremony = ceremony_of_draw(project_id=project.id, draw_number=draw_number)
    draw = next(row for row in ceremony.draws if row.draw_number == draw_number)
    return draw_bundle(project_id=project.id, draw_id=draw.id)
