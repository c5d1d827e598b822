"""Lines of the queue as the desk shows them, and the addresses of its pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict

from anju.foundation.access.types import Actor
from anju.foundation.casework.types import CaseLine, Cursor, ManyLine, Scope
from anju.foundation.core.clock import CHINA
from anju.resettlement.households.queries import masked_names
from anju.resettlement.projects.types import ProjectRow
from anju.titles.communities.queries import list_communities
from anju.web.case_words import UNITS
from anju.web.officer.case_words import QUEUES, FlagWord, say_flags
from anju.web.once import read_id
from anju.web.public.paging import Option
from anju.web.public.saying import say_clock, say_date, say_day
from anju_rules.clocks import Unit
from anju_rules.procedures.queues import QueueKind
from anju_rules.values import Refusal

QUEUE_NAMES = {
    "mine": "我手上的",
    "office": "本单位",
    "tier": "本级",
    "families": "等群众和部门",
}
_KINDS = (QueueKind.INTAKE, QueueKind.OFFICE, QueueKind.STOPPED, QueueKind.WITHDRAWAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address of a queue asks for."""

    queue: str
    kind: QueueKind | None
    project: UUID | None
    after: Cursor | None

    @property
    def scope(self) -> Scope:
        """Whose work; what others owe is waited for by the office."""
        return Scope.OFFICE if self.queue == "families" else Scope(self.queue)

    def address(self, **other: str) -> str:
        """Give the query string of this queue, changed as told; it begins at the first page."""
        told = {
            "queue": self.queue,
            "kind": self.kind.value if self.kind else "",
            "project": str(self.project or ""),
            **other,
        }
        return urlencode({name: value for name, value in told.items() if value})


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """One line: what waits, since when, and how much time is left."""

    line: CaseLine
    family: str
    """The household with its name masked; empty where the case is nobody's own."""
    project: str
    kind: str
    flags: tuple[FlagWord, ...]
    since: str
    has_clock: bool
    used_share: int
    left: str
    due: str
    key: str
    """What a tick sends: the case, its step, and the length of the log that was seen."""


def read_asked(told: QueryDict) -> Asked:
    """Read a queue's address; what it cannot mean is taken for the usual."""
    queue = told.get("queue", "")
    kind = told.get("kind", "")
    return Asked(
        queue=queue if queue in QUEUE_NAMES else "office",
        kind=QueueKind(kind) if kind in {one.value for one in _KINDS} else None,
        project=read_id(told.get("project", "")),
        after=read_cursor(told.get("after", "")),
    )


def write_cursor(cursor: Cursor) -> str:
    """Write where a page begins, for an address."""
    return f"{cursor.sort_on.isoformat()}_{cursor.case_id}_{cursor.place}"


def read_cursor(text: str) -> Cursor | None:
    """Read where a page begins; the first page where it says nothing."""
    try:
        day, case_id, place = text.split("_")
        return Cursor(sort_on=date.fromisoformat(day), case_id=UUID(case_id), place=int(place[:9]))
    except ValueError:
        return None


def write_key(line: CaseLine) -> str:
    """Write which case of which project, at which step, a tick means."""
    return f"{line.project_id}_{line.case_id}_{line.log_length}_{line.step}"


def read_key(text: str) -> tuple[ManyLine, str]:
    """Read a tick; gives the case and its step. Refuses with ``web.not-a-choice``."""
    try:
        project_id, case_id, length, step = text.split("_", 3)
        line = ManyLine(project_id=UUID(project_id), case_id=UUID(case_id), expects=int(length[:9]))
    except ValueError as fault:
        raise Refusal("web.not-a-choice") from fault
    return line, step


def queue_options(chosen: str) -> list[Option]:
    """Give the queues, the one looked at marked."""
    return [Option(key=key, label=label, is_on=key == chosen) for key, label in QUEUE_NAMES.items()]


def project_options(
    projects: Iterable[ProjectRow], *, by: Actor, chosen: UUID | None
) -> list[Option]:
    """Give those of the projects that are in sight as filters, the one looked at marked."""
    return [
        Option(key=str(one.id), label=one.name, is_on=one.id == chosen)
        for one in projects
        if by.sees_project(one.id)
    ]


def kind_options(asked: Asked) -> list[Option]:
    """Give the filters of a queue; what others owe is of one kind alone."""
    if asked.queue == "families":
        return []
    every = Option(key="", label="全部", is_on=asked.kind is None)
    return [every] + [
        Option(key=kind.value, label=QUEUES[kind], is_on=asked.kind is kind) for kind in _KINDS
    ]


def require_officer(by: Actor) -> None:
    """Refuse a family, which may see cases too: its own have pages of their own."""
    if by.kind != "officer":
        raise Refusal("access.not-found")


def lay_out_lines(
    lines: Iterable[CaseLine], *, projects: Iterable[ProjectRow], at: datetime
) -> list[QueueRow]:
    """Lay lines out, with the names of families masked; call it while reading.

    A case of a title says its community. Its owners are named on its own page: they are no
    household of a register, and a page of the queue may reach into fifty communities.
    """
    listed = list(lines)
    registers = {project.id: project.name for project in projects}
    names = _names_of(line for line in listed if line.project_id in registers)
    others = {line.project_id for line in listed} - registers.keys()
    places = registers | {
        row.id: row.name for row in (list_communities() if others else ()) if row.id in others
    }
    return [
        QueueRow(
            line=line,
            family=names.get(line.household_id, "") if line.household_id else "",
            project=places.get(line.project_id, ""),
            kind=QUEUES[line.kind],
            flags=say_flags(line.flags),
            since=_say_since(line.waits_since, at=at),
            has_clock=line.unit is not None,
            used_share=min(100, 100 * line.used // line.length) if line.length else 0,
            left=_say_left(line),
            due=_say_due(line),
            key=write_key(line),
        )
        for line in listed
    ]


def _names_of(lines: Iterable[CaseLine]) -> dict[UUID, str]:
    """Give the masked names of the families of many lines, a project at a time."""
    asked: dict[UUID, set[UUID]] = {}
    for line in lines:
        if line.household_id is not None:
            asked.setdefault(line.project_id, set()).add(line.household_id)
    names: dict[UUID, str] = {}
    for project_id, household_ids in asked.items():
        names |= masked_names(project_id=project_id, household_ids=household_ids)
    return names


def _say_since(since: datetime, *, at: datetime) -> str:
    days = (at.astimezone(CHINA).date() - since.astimezone(CHINA).date()).days
    return f"{days} 天" if days else f"今天 {say_clock(since)[:5]} 来的"


def _say_left(line: CaseLine) -> str:
    if line.unit is None:
        return "没有时限"
    unit = UNITS[line.unit]
    if line.is_overdue:
        return f"超 {-line.left} {unit}" if line.left < 0 else "已超期"
    if line.left > 0:
        return f"还剩 {line.left} {unit}"
    return "不到 1 小时" if line.unit is Unit.HOURS else "今天到期"


def _say_due(line: CaseLine) -> str:
    if line.is_stopped:
        return "计时停着"
    if line.due_at is not None:
        return f"{say_date(line.due_at.astimezone(CHINA).date())} {say_clock(line.due_at)[:5]} 前"
    return f"{say_day(line.due_on)}前" if line.due_on is not None else ""
