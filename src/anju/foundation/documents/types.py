"""What others see of documents."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from anju.foundation.documents.kinds import DocumentKind
from anju_rules.prereview.types import PreReview

Channel = Literal["desk", "phone", "api"]
OwnerKind = Literal["agreement", "case", "home", "household", "notice", "plan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """A document without its content: what it is, and where it came from."""

    id: UUID
    project_id: UUID
    owner_kind: OwnerKind
    owner_id: UUID
    household_id: UUID | None
    kind: DocumentKind
    name: str = field(repr=False)
    """As it came; people write names and numbers into it."""
    size: int
    """In bytes, as kept."""
    pages: int
    digest: str
    arrived_digest: str
    scanned_by: str
    channel: Channel
    handed_in_by: UUID
    handed_in_role: str
    handed_in_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedPreReview:
    """What a machine found in a document, and when; advice for whoever decides."""

    document_id: UUID
    review: PreReview
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Harmless:
    """A file after it was judged and made harmless."""

    kind: DocumentKind
    content: bytes = field(repr=False)
    pages: int
