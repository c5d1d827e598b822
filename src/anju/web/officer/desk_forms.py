"""A form of the desk as it came: its fields, who signs beside, and the papers with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from django.http import HttpRequest

from anju.foundation.access.types import Actor
from anju.foundation.documents.types import OwnerKind
from anju.resettlement.projects.types import ProjectRow
from anju.web.officer.case_forms import require_second
from anju.web.officer.uploads import take_in_paper
from anju.web.once import read_id


class Common(TypedDict):
    """What every operation is told."""

    project_id: UUID
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskForm:
    """A form as it came, with the project it speaks of and who sent it."""

    request: HttpRequest
    project: ProjectRow
    by: Actor
    at: datetime

    @property
    def common(self) -> Common:
        """What every operation is told."""
        return {"project_id": self.project.id, "by": self.by, "at": self.at}

    def text(self, name: str) -> str:
        """One field, without the blanks around it."""
        return self.request.POST.get(name, "").strip()

    def id(self, name: str) -> UUID:
        """An id; what is none is no thing that exists."""
        return read_id(self.text(name)) or UUID(int=0)

    def second(self) -> Actor:
        """Who signs beside; refuses with ``access.second-person-missing``."""
        return require_second(self.request.POST, by=self.by)

    def has_file(self, name: str) -> bool:
        """Whether a file came in a field."""
        return bool(self.request.FILES.get(name))

    def take_in(
        self, name: str, *, owner_kind: OwnerKind, owner_id: UUID, household_id: UUID | None = None
    ) -> UUID:
        """Take a paper in; gives its document."""
        return take_in_paper(
            self.request,
            name=name,
            project_id=self.project.id,
            owner_kind=owner_kind,
            owner_id=owner_id,
            household_id=household_id,
            by=self.by,
        )
