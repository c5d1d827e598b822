"""What came of doing the same to many: a row for each, done or why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from anju.web.officer.work_rows import queue_options
from anju.web.refusals import tell_refusal
from anju_rules.values import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRow:
    """What came of one of many."""

    label: str
    url: str
    """The page of its case; empty where there is none."""
    is_done: bool
    words: str
    next_step: str


def tell_row(*, label: str, case_id: UUID | None, refusal: Refusal | None) -> ToldRow:
    """Put what came of one into words."""
    told = tell_refusal(refusal) if refusal is not None else None
    return ToldRow(
        label=label,
        url=reverse("desk-case", kwargs={"case_id": case_id}) if case_id else "",
        is_done=told is None,
        words=told.happened if told else "办好了",
        next_step=told.next_step if told else "",
    )


def answer_rows(
    request: HttpRequest, rows: Sequence[ToldRow], *, title: str, back: str
) -> HttpResponse:
    """Answer with what came of each, those not done first."""
    done = sum(row.is_done for row in rows)
    facts = {
        "rows": sorted(rows, key=lambda row: row.is_done),
        "done": done,
        "failed": len(rows) - done,
        "title": title,
        "back": back,
        "queues": queue_options(""),
    }
    return render(request, "officer/casework/told.html", facts)
