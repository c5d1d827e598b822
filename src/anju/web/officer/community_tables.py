"""A community's tables: a template to fill, a table to try, and each fault with its row."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.titles.communities.columns import (
    HEADERS,
    HOME_COLUMNS,
    STATE_WORDS,
    SURVEY_COLUMNS,
    USE_WORDS,
)
from anju.titles.communities.operations import import_communities, import_homes, import_survey
from anju.titles.communities.types import CommunityRow, HomeChange, NewSurvey, TableReport
from anju.web.officer.imports import FAULTS_SHOWN, tell_fault
from anju.web.officer.stock_acts import read_day
from anju.web.officer.titles import community_in_sight
from anju.web.officer.uploads import read_upload
from anju.web.routes import route
from anju_rules.sheets import yuan_from_fen
from anju_rules.values import Fen, Refusal

CHANGES_SHOWN, ADDED_SHOWN = 60, 200
_TABLES = {"homes": HOME_COLUMNS, "survey": SURVEY_COLUMNS}
_TERMS: Mapping[str, str] = {**HEADERS, "owners": "权利人", "price_fen_per_sqm": "单价"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """What a table changes of one home, in words."""

    number: str
    terms: tuple[tuple[str, str, str], ...]


@require_safe
@route(permits="communities.keep")
def show_import(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Ask for a table."""
    facts = {
        "community": community_in_sight(code=code, by=by),
        "home_columns": HOME_COLUMNS,
        "survey_columns": SURVEY_COLUMNS,
        "today": localdate(read_clock()),
    }
    return render(request, "officer/titles/import.html", facts)


@require_POST
@route(permits="communities.keep")
def receive(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Read a table, and show what it did or every fault of it."""
    community = community_in_sight(code=code, by=by)
    report = _read_table(request, community, by=by)
    facts = {"community": community, **lay_out_report(report)}
    status = 422 if report.faults else 200
    return render(request, "officer/titles/imported.html", facts, status=status)


@require_POST
@route(permits="communities.keep")
def receive_list(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Read a list of communities, and show what it opened or every fault of it."""
    upload = read_upload(request, name="table")
    report = import_communities(
        data=upload.content,
        file_name=upload.name,
        is_dry_run=request.POST.get("dry") == "1",
        by=by,
        at=read_clock(),
    )
    status = 422 if report.faults else 200
    return render(request, "officer/titles/listed.html", lay_out_report(report), status=status)


@require_safe
@route(permits="communities.keep")
def give_template(request: HttpRequest, code: str, name: str, *, by: Actor) -> HttpResponse:
    """Give an empty table with the columns that are read."""
    del request
    community_in_sight(code=code, by=by)
    if name not in _TABLES:
        raise Http404
    text = io.StringIO()
    csv.writer(text).writerow([column.header for column in _TABLES[name]])
    response = HttpResponse(("\ufeff" + text.getvalue()).encode(), content_type="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _read_table(request: HttpRequest, community: CommunityRow, *, by: Actor) -> TableReport:
    """Read the table of the form's kind."""
    upload = read_upload(request, name="table")
    kind, at = request.POST.get("kind", ""), read_clock()
    is_dry_run = request.POST.get("dry") == "1"
    if kind == "homes":
        return import_homes(
            project_id=community.id,
            data=upload.content,
            file_name=upload.name,
            is_dry_run=is_dry_run,
            by=by,
            at=at,
        )
    if kind != "survey":
        raise Refusal("web.not-a-choice", value=kind)
    on = read_day(request.POST.get("surveyed_on", "").strip()) or localdate(at)
    return import_survey(
        project_id=community.id,
        survey=NewSurvey(surveyed_on=on, surveyor=request.POST.get("surveyor", "")),
        data=upload.content,
        file_name=upload.name,
        is_dry_run=is_dry_run,
        by=by,
        at=at,
    )


def lay_out_report(report: TableReport) -> dict[str, object]:
    """Lay out what a table did: its counts, its changes in words, its faults."""
    changed = [one for one in report.changes if not one.is_new]
    added = [one.number for one in report.changes if one.is_new]
    return {
        "report": report,
        "changes": [_change(one) for one in changed[:CHANGES_SHOWN]],
        "changes_left_out": max(0, len(changed) - CHANGES_SHOWN),
        "added": added[:ADDED_SHOWN],
        "faults": [tell_fault(fault) for fault in report.faults[:FAULTS_SHOWN]],
        "faults_left_out": max(0, len(report.faults) - FAULTS_SHOWN),
    }


def _change(one: HomeChange) -> ChangeLine:
    return ChangeLine(
        number=one.number,
        terms=tuple(
            (_TERMS.get(term, term), _say(term, was), _say(term, now))
            for term, (was, now) in one.terms.items()
        ),
    )


def _say(term: str, told: str) -> str:
    if term == "price_fen_per_sqm" and told:
        return yuan_from_fen(Fen(int(told)))
    return {**USE_WORDS, **STATE_WORDS}.get(told, told) if term in {"use", "title_state"} else told
