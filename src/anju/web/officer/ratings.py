"""The officers' board of ratings: by matter, office and channel, with numerator and denominator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.context import reading
from anju.foundation.access.permissions import is_permitted
from anju.foundation.access.queries import list_accounts, list_organisations
from anju.foundation.access.types import Actor
from anju.foundation.casework.definitions import default_title
from anju.foundation.casework.queries import cases_by_id
from anju.foundation.core.clock import read_clock
from anju.titles.partners.board import ratings_since, read_words
from anju.titles.partners.types import RatingRow
from anju.web.officer.work_rows import queue_options, require_officer
from anju.web.once import read_id
from anju.web.public.rating import KINDS, LEVELS
from anju.web.routes import route
from anju.web.shares import ShareWords, say_share
from anju_rules.ratings import Given, Level, Tally, tally_by, tally_ratings
from anju_rules.values import Refusal

SPANS = {"30": 30, "90": 90, "365": 365}
CHANNELS = {"qr": "扫码", "window": "窗口", "online": "网上"}
_WORDS = dict(LEVELS)
_MOST_BAD = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """What a matter, an office, a channel or a person was given."""

    name: str
    satisfied: ShareWords
    counts: tuple[int, ...]
    """By level, the best first."""
    left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A bad rating and its case."""

    row: RatingRow
    words: str
    matter: str
    number: str
    standing: str
    colour: str


@require_safe
@route(permits="ratings.see")
def show_ratings(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show what people in sight say of the services, and what became of each bad rating."""
    require_officer(by)
    days = SPANS.get(request.GET.get("days", ""), SPANS["90"])
    rows = ratings_since(since=read_clock() - timedelta(days=days), by=by)
    tally = tally_ratings(_given(row) for row in rows)
    facts = {
        "days": days,
        "spans": SPANS.values(),
        "total": _group("", tally),
        "levels": [words for _, words in LEVELS],
        "matters": _groups(rows, lambda row: say_matter(row.matter)),
        "offices": _groups(rows, _office_names(by)),
        "channels": _groups(rows, lambda row: CHANNELS[row.channel]),
        "people": _groups([row for row in rows if row.officer_id], _people_names(by)),
        "bad": _bad_rows([row for row in rows if row.level.is_bad][:_MOST_BAD], by=by),
        "queues": queue_options("") if is_permitted(by, "casework.see") else [],
    }
    return render(request, "officer/titles/ratings.html", facts)


@require_POST
@route(permits="ratings.see")
def open_words(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Open the words left with a bad rating; the ledger knows who read them, and what for."""
    require_officer(by)
    project_id, rating_id = (read_id(request.POST.get(name, "")) for name in ("scope", "rating"))
    if project_id is None or rating_id is None:
        raise Refusal("web.not-a-choice")
    words = read_words(
        project_id=project_id, rating_id=rating_id, purpose="差评回访", by=by, at=read_clock()
    )
    facts = {"words": words, "queues": []}
    return render(request, "officer/titles/rating_words.html", facts)


def say_matter(matter: str) -> str:
    """Say what was rated: a procedure by its title, other services by their kind."""
    if matter in KINDS:
        return KINDS[matter]
    try:
        return default_title(code=matter).zh
    except Refusal:  # a city's own procedure has no title here
        return matter


def _given(row: RatingRow) -> Given:
    return Given(level=row.level, is_left_out=row.is_left_out)


def _groups(rows: Sequence[RatingRow], name: Callable[[RatingRow], str]) -> list[GroupRow]:
    """Group ratings; the group with the most bad ones first."""
    tallies = tally_by((name(row), _given(row)) for row in rows)
    groups = sorted(
        tallies.items(),
        key=lambda one: one[1].satisfied.numerator - one[1].satisfied.denominator,
    )
    return [_group(named, tally) for named, tally in groups]


def _group(name: str, tally: Tally) -> GroupRow:
    return GroupRow(
        name=name,
        satisfied=say_share(tally.satisfied),
        counts=tuple(tally.by_level[level] for level, _ in LEVELS),
        left_out=tally.left_out,
    )


def _office_names(by: Actor) -> Callable[[RatingRow], str]:
    names = {}
    if is_permitted(by, "accounts.see"):
        names = {one.division: one.name for one in list_organisations(by=by)}
    return lambda row: names.get(row.office, f"区划 {row.office}")


def _people_names(by: Actor) -> Callable[[RatingRow], str]:
    names: dict[UUID | None, str] = {}
    if is_permitted(by, "accounts.see"):
        names = {one.id: one.name for one in list_accounts(by=by)}
    return lambda row: names.get(row.officer_id, "其他经办")


def _bad_rows(rows: Sequence[RatingRow], *, by: Actor) -> list[BadRow]:
    wanted: dict[UUID, list[UUID]] = {}
    for row in rows:
        if row.case_id is not None:
            wanted.setdefault(row.project_id, []).append(row.case_id)
    numbers: dict[UUID, str] = {}
    with reading(by=by):
        for project_id, case_ids in wanted.items():
            found = cases_by_id(project_id=project_id, case_ids=case_ids)
            numbers |= {case_id: case.number for case_id, case in found.items()}
    return [
        BadRow(
            row=row,
            words=_WORDS[Level(row.level)],
            matter=say_matter(row.matter),
            number=numbers.get(row.case_id, "") if row.case_id else "",
            standing=_standing(row)[0],
            colour=_standing(row)[1],
        )
        for row in rows
    ]


def _standing(row: RatingRow) -> tuple[str, str]:
    if row.is_case_open:
        return "整改中", "amber"
    return ("误评，不计入", "") if row.is_left_out else ("已办结", "jade")
