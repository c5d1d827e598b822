"""One desk of several: whose turn it is here, what is named and signed, and what the others do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from anju.foundation.access.types import Actor
from anju.resettlement.projects.types import ProjectRow
from anju.resettlement.selection import queries
from anju.resettlement.selection.attendance import find_absence, is_deferrable
from anju.resettlement.selection.sheets import sides_asked
from anju.resettlement.selection.types import DeskRow, SignSide, TurnRow
from anju.web.clocks import ClockRow, clock_of
from anju.web.namings import NamingCard, lay_out_naming, side_to_sign

COOKIE = "anju_desk"
_HALF_DAY = 12 * 60 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherDesk:
    """A desk beside this one."""

    number: int
    turn: TurnRow | None
    words: str
    is_mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPage:
    """What the desk's page shows."""

    project: ProjectRow
    desk: DeskRow
    number: int
    """This desk's number, from 1."""
    clock: ClockRow | None
    naming: NamingCard | None
    is_absent: bool
    """Whether the called household has said that its wishes are to be followed."""
    may_defer: bool
    """Whether the called household may still let the others of its batch go first."""
    my_side: SignSide | None
    """The side for which the officer may sign what is named here."""
    others: tuple[OtherDesk, ...]
    """Every desk, this one too; empty where the plan calls at one."""
    two_sign: bool
    """Whether household and office both sign a choice here."""
    waiting: int
    """How many namings wait for a signature of the office, at any desk."""
    mark: str
    """Changes whenever the desk does: a poll that knows it gets no answer to swap."""


def read_desk(request: HttpRequest) -> int:
    """Give the desk that is asked for, else the one this browser sat at last, else the first."""
    told = (request.POST if request.method == "POST" else request.GET).get("desk", "")
    told = told or request.COOKIES.get(COOKIE, "")
    return int(told[:4]) if told.isascii() and told.isdigit() and int(told[:4]) > 0 else 1


def remember_desk(response: HttpResponse, request: HttpRequest) -> HttpResponse:
    """Keep the desk that was asked for by name, for this browser and half a day."""
    if request.GET.get("desk"):
        response.set_cookie(
            COOKIE,
            str(read_desk(request)),
            max_age=_HALF_DAY,
            path="/desk/",
            samesite="Lax",
            httponly=True,
        )
    return response


def lay_out_desk(*, project: ProjectRow, my_desk: int, by: Actor, at: datetime) -> DeskPage:
    """Lay out what goes on at a desk; one the plan does not have is the last that it has."""
    desk = queries.desk(project_id=project.id, by=by, number=my_desk)
    number = min(my_desk, desk.desks)
    if number != my_desk:
        desk = queries.desk(project_id=project.id, by=by, number=number)
    called = desk.called
    clock = None
    if called is not None and called.called_at and called.limit_at:
        clock = clock_of(called_at=called.called_at, limit_at=called.limit_at, at=at)
    naming = None if desk.naming is None else lay_out_naming(naming=desk.naming, at=at)
    my_side = None
    if desk.naming is not None and called is not None:
        my_side = side_to_sign(naming=desk.naming, is_by_wishes=called.is_by_wishes, by=by)
    return DeskPage(
        project=project,
        desk=desk,
        number=number,
        clock=clock,
        naming=naming,
        is_absent=_is_absent(called),
        may_defer=called is not None and is_deferrable(turn=called),
        my_side=my_side,
        others=_others(desk, number=number),
        two_sign=bool(sides_asked(project_id=project.id)),
        waiting=sum(turn.is_named for turn in desk.called_at_desks),
        mark=_mark(desk, naming, number=number),
    )


def _is_absent(called: TurnRow | None) -> bool:
    if called is None:
        return False
    own = {"project_id": called.project_id, "household_id": called.household_id}
    return find_absence(**own) is not None


def _others(desk: DeskRow, *, number: int) -> tuple[OtherDesk, ...]:
    if desk.desks == 1:
        return ()
    called = {turn.desk: turn for turn in desk.called_at_desks}
    return tuple(
        OtherDesk(
            number=one,
            turn=called.get(one),
            words=_say_desk(called.get(one)),
            is_mine=one == number,
        )
        for one in range(1, desk.desks + 1)
    )


def _say_desk(turn: TurnRow | None) -> str:
    if turn is None:
        return "空着"
    return f"第 {turn.place} 户{'待签字' if turn.is_named else '正在选'}"


def _mark(desk: DeskRow, naming: NamingCard | None, *, number: int) -> str:
    counts = desk.counts
    batch = desk.open_batch.batch if desk.open_batch else 0
    through = f"{counts.chosen}.{counts.missed}.{counts.waived}.{counts.to_come}"
    told = [f"{turn.desk}-{turn.id.hex[:8]}-{turn.step}" for turn in desk.called_at_desks]
    signed = "" if naming is None else naming.mark
    return f"{number}.{batch}.{through}.{'_'.join(told)}.{signed}"
