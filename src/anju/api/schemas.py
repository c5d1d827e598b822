"""What goes in and out: every field named, nothing personal that is not masked."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field

MOST_A_PAGE = 500
ProjectCode = Annotated[str, Field(pattern=r"^[A-Z0-9-]{1,24}$", description="项目编号")]
Page = Annotated[int, Field(ge=1, le=10_000, description="第几页，从 1 起")]
PageSize = Annotated[int, Field(ge=1, le=MOST_A_PAGE, description="每页条数")]
Number = Annotated[str, Field(min_length=1, max_length=64, description="登记表中的编号")]

Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$", description="定义里的代号")]
Line = Annotated[str, Field(pattern=r"^[^\x00-\x1f]{1,200}$")]
Text = Annotated[str, Field(pattern=r"^[^\x00]{0,4000}$", description="人写的话")]


class Strict(Schema):
    """What is sent: a field that is not asked for is refused, never ignored."""

    model_config = ConfigDict(extra="forbid")


class Told(Schema):
    """One thing that was refused, in the words of every face."""

    code: str
    facts: dict[str, str]
    message: str
    clause: str


class Refused(Schema):
    """The body of every answer that says no."""

    refused: list[Told]


class ProjectOut(Schema):
    """A project."""

    code: str
    name: str
    division_code: str
    mode: Literal["score", "lottery"]
    strata: list[str]
    batch_size: int
    state: str
    opened_at: datetime
    plan_digest: str


class ProjectIn(Strict):
    """A project to open: its plan, as in ``plan.toml``."""

    plan: Annotated[str, Field(min_length=1, max_length=200_000)]


class TurnOut(Schema):
    """A turn."""

    id: UUID
    place: int
    batch: int
    ticket: str
    masked_name: str
    state: str
    times_called: int
    called_at: datetime | None
    limit_at: datetime | None
    ended_at: datetime | None
    desk: int
    step: int
    named_at: datetime | None
    sign_by: datetime | None


class BatchOut(Schema):
    """A batch."""

    batch: int
    stratum: str
    state: str
    households: int
    through: int


class CallIn(Strict):
    """At which desk the next household is called; unsaid: at the lowest free one."""

    desk: Annotated[int, Field(ge=1, le=99)] | None = None


class OfCall(Strict):
    """Which call of the turn the asker knows of; after another the act is refused."""

    call: Annotated[int, Field(ge=1, le=1_000)] | None = None


class ChoiceIn(OfCall):
    """The homes a household takes in its turn, by their numbers."""

    homes: Annotated[list[Number], Field(min_length=1, max_length=8)]
    by_wishes: bool = False


class NamingIn(ChoiceIn):
    """The homes a household names; with ``add`` beside those named before."""

    add: bool = False


class SignatureIn(OfCall):
    """Which naming is signed (``step`` of the turn), and the picture of the signature."""

    step: Annotated[int, Field(ge=1, le=100_000)] | None = None
    document: UUID | None = None


class DropIn(OfCall):
    """Why named homes are let go."""

    reason: Literal["withdrawn", "not-signed"] = "withdrawn"


class WaiverIn(OfCall):
    """Why a turn is given up."""

    reason: Literal["household", "no-lawful-home"] = "household"


class HomeOut(Schema):
    """A home."""

    number: str
    community: str
    building: str
    stair: str
    floor: int | None
    room: str
    layout: str
    area_sqm: Decimal
    state: str


class SignatureOut(Schema):
    """A side's signature."""

    side: str
    signed_at: datetime
    is_automatic: bool


class ChosenOut(Schema):
    """A choice with the entry that proves it; made when no side is missing."""

    place: int
    ticket: str
    masked_name: str
    homes: list[HomeOut]
    area_sqm: Decimal
    chosen_at: datetime
    event_id: UUID
    step: int
    sign_by: datetime | None
    signatures: list[SignatureOut]
    missing: list[str]


class Done(Schema):
    """An act without more to say."""

    done: Literal[True] = True
