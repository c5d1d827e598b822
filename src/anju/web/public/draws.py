"""The public draw as everybody sees it: every draw there was, the ceremony live, how to check."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.core.cache import cache as kept
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from anju.foundation import draws
from anju.foundation.core.clock import read_clock
from anju.foundation.draws.broadcasts import find_broadcast
from anju.foundation.draws.listing import drawn_order, find_line, list_lines, streets_of
from anju.foundation.draws.queries import ceremonies_of, ceremony_events, draw_bundle
from anju.foundation.draws.types import CeremonyRow, DrawRow
from anju.foundation.draws.verifiers import verifier_digests
from anju.foundation.ledger.queries import is_witnessed
from anju.foundation.notices.pages import china_day
from anju.resettlement.projects.queries import list_projects, project_by_code
from anju.resettlement.projects.types import ProjectRow
from anju.resettlement.selection.queries import approvers_of_order, is_order_taken
from anju.web.public.ceremonies import find_draw, lay_out_draws, lay_out_stage
from anju.web.public.draw_figures import lay_out_combined, lay_out_figure
from anju.web.public.draw_words import group_hex, say_use
from anju.web.public.drawn import lay_out_taken
from anju.web.public.saying import say_count, say_moment, say_whole_date
from anju.web.routes import public_route
from anju_rules.ceremony import Step, has_reached
from anju_rules.draw_bundle import write_bundle
from anju_rules.draw_statistics import DrawnList, FigureRow, combine_figures, judge_looks
from anju_rules.hashing import digest
from anju_rules.recordings import KEPT_FOR, RecordingKind, kept_until

FIRST = 30
"""So many of an order are shown as they are derived; the whole list stands below."""
PAGE = 100
FRESH = timedelta(minutes=2)
KEPT_S = 1
"""A ceremony is laid out once a second, however many watch it."""
_STANDALONE = Path(draws.__file__).resolve().parent / "standalone"
_INLINE = {kind: re.compile(rf"<{kind}>(.*?)</{kind}>", re.DOTALL) for kind in ("script", "style")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A draw by its number, with its project and its ceremony."""

    project: ProjectRow
    ceremony: CeremonyRow
    draw: DrawRow

    @property
    def is_over(self) -> bool:
        """Whether nothing happens any more."""
        return self.ceremony.step in {Step.LOCKED, Step.VOID}


@require_safe
@public_route
def show_draws(request: HttpRequest, code: str) -> HttpResponse:
    """Show every draw of a project; void ones stay for ever, with their reasons."""
    project = project_by_code(code=code)
    lines = lay_out_draws(ceremonies_of(project_id=project.id))
    facts = {"code": code, "name": project.name, "draws": lines}
    return render(request, "public/draws/list.html", facts)


@require_safe
@public_route
def show_draw_live(request: HttpRequest, code: str, draw_number: str) -> HttpResponse:
    """Show a draw's ceremony as it happens; ``?hall=1`` for the screen in the hall."""
    found = _find(code, draw_number)
    stage = lay_out_stage(
        found.ceremony,
        found.draw,
        events=(),
        is_witnessed=False,
    )
    is_public = stage.is_public
    facts = {
        "code": code,
        "name": found.project.name,
        "stage": stage,
        "board": mark_safe(_board(found)),  # noqa: S308 - our own template made it
        "is_hall": request.GET.get("hall") == "1",
        "is_over": found.is_over,
        "listed": _listed(found, request),
        "verifiers": sorted(verifier_digests().items()),
        "counts": is_public and _counts(found.ceremony),
        "figures": [lay_out_figure(row) for row in _figures(found)] if is_public else [],
        "broadcast": _broadcast(found.ceremony),
    }
    return render(request, "public/draws/live.html", facts)


@require_safe
@public_route
def show_draw_stage(request: HttpRequest, code: str, draw_number: str) -> HttpResponse:
    """Give the moving part of the live page; 204 where the asker has seen it already."""
    board = _board(_find(code, draw_number))
    if request.GET.get("seen") == _revision(board):
        return HttpResponse(status=204)
    return HttpResponse(board)


@require_safe
@public_route
def show_draw_bundle(request: HttpRequest, code: str, draw_number: str) -> HttpResponse:
    """Give a published draw's bundle: all that anybody needs to recompute it."""
    del request
    found = _find(code, draw_number)
    if not (has_reached(found.ceremony.step, Step.PUBLISHED) or found.ceremony.step is Step.VOID):
        raise Http404
    written = _bundle(found.project.id, found.draw.id)
    return HttpResponse(
        written,
        content_type="application/json; charset=utf-8",
        headers={
            "Content-Disposition": f'inline; filename="{draw_number}.json"',
            "Cache-Control": "public, max-age=3600",
            "ETag": f'"{digest(written).hex()}"',
        },
    )


@require_safe
@public_route
def show_verify_page(request: HttpRequest) -> HttpResponse:
    """Serve the one-file verifier as its digest says, byte by byte; it may load nothing."""
    del request
    return serve_page(_STANDALONE / "verify_draw.html")


@require_safe
@public_route
def show_slip_page(request: HttpRequest) -> HttpResponse:
    """Serve the one-file page that checks a household's slip; it may load nothing."""
    del request
    return serve_page(Path(__file__).resolve().parent / "standalone" / "check_slip.html")


@require_safe
@public_route
def show_verify_script(request: HttpRequest) -> HttpResponse:
    """Serve the Python verifier as its digest says."""
    del request
    return HttpResponse(
        (_STANDALONE / "verify_draw.py").read_bytes(),
        content_type="text/x-python; charset=utf-8",
        headers={"Cache-Control": "public, max-age=300"},
    )


@require_safe
@public_route
def show_draw_statistics(request: HttpRequest) -> HttpResponse:
    """Show how all published draws look, together and one by one; rehearsals by themselves."""
    groups = [
        group
        for title, is_rehearsal in (("正式摇号", False), ("演练", True))
        if (group := _group(title, is_rehearsal=is_rehearsal))
    ]
    return render(request, "public/draws/statistics.html", {"groups": groups})


def serve_page(file: Path) -> HttpResponse:
    """Serve a page of one file: its own inline script and style by their hashes, nothing else.

    The policy is made of the file itself, so a changed script is not run under an old policy and
    the site's strict one stays as it is for every other page.
    """
    text, policy = _read_page(file, file.stat().st_mtime_ns)
    return HttpResponse(
        text,
        content_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": policy, "Cache-Control": "public, max-age=300"},
    )


@lru_cache(maxsize=8)
def _read_page(file: Path, _changed_ns: int) -> tuple[bytes, str]:
    raw = file.read_bytes()
    return raw, policy_of(raw.decode())


def policy_of(text: str) -> str:
    """Give the policy under which a page of one file runs: its own script and style, by hash."""
    # `'self'`-free on purpose: the page must work with nothing but what stands in it.
    hashes = {
        kind: " ".join(
            f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'"
            for one in inline.findall(text)
        )
        or "'none'"
        for kind, inline in _INLINE.items()
    }
    policy = {
        "default-src": "'none'",
        "script-src": hashes["script"],
        "style-src": hashes["style"],
        "img-src": "data:",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in policy.items())


def _find(code: str, draw_number: str) -> Found:
    project = project_by_code(code=code)
    for ceremony in ceremonies_of(project_id=project.id):
        draw = find_draw(ceremony, draw_number=draw_number)
        if draw is not None:
            return Found(project=project, ceremony=ceremony, draw=draw)
    raise Http404


def _board(found: Found) -> str:
    """Lay the moving part out, once a second for all who watch."""
    # With its step: a page opened the moment after the end asks no more, so it must show the end.
    key = f"draw-stage:{found.draw.id}:{found.ceremony.step}"
    known = kept.get(key)
    if isinstance(known, str):
        return known
    ceremony, draw = found.ceremony, found.draw
    events = ceremony_events(project_id=ceremony.project_id, ceremony_id=ceremony.id)
    announced = ceremony.announced_event_id
    stage = lay_out_stage(
        ceremony,
        draw,
        events=events,
        is_witnessed=announced is not None and is_witnessed(event_id=announced),
    )
    derived = [row.at for row in ceremony.signatures if row.step is Step.DERIVED]
    first = (
        list_lines(project_id=ceremony.project_id, draw_id=draw.id, most=FIRST).rows
        if draw.seed
        else ()
    )
    facts = {
        "code": found.project.code,
        "name": found.project.name,
        "stage": stage,
        "first": first,
        "taken": lay_out_taken(ceremony, draw),
        "is_fresh": bool(derived) and read_clock() - max(derived) < FRESH,
    }
    board: str = render_to_string("public/draws/_stage.html", facts)
    board += f'<input type="hidden" id="seen" name="seen" value="{_revision(board)}">'
    kept.set(key, board, KEPT_S)
    return board


def _revision(board: str) -> str:
    found = re.search(r'id="seen" name="seen" value="([0-9a-f]+)"', board)
    return found[1] if found else digest(board.encode()).hex()[:16]


def _listed(found: Found, request: HttpRequest) -> dict[str, object]:
    mine = {"project_id": found.project.id, "draw_id": found.draw.id}
    ticket = request.GET.get("ticket", "").strip().upper()[:32]
    asked = request.GET.get("page", "1")
    page = max(1, int(asked)) if asked.isdecimal() and len(asked) < 6 else 1
    told = list_lines(**mine, skip=(page - 1) * PAGE, most=PAGE)
    pages = -(-told.total // PAGE)
    rows = told.rows
    if ticket:
        line = find_line(**mine, ticket=ticket)
        rows = (line,) if line is not None else ()
    return {
        "rows": rows,
        "total": say_count(told.total),
        "ticket": ticket,
        "page": page,
        "pages": 1 if ticket else pages,
        "previous": page - 1 if page > 1 else None,
        "next": page + 1 if page < pages else None,
    }


def _counts(ceremony: CeremonyRow) -> bool:
    """Whether announcement and result are cosigned by enough witnesses."""
    published = [row.event_id for row in ceremony.signatures if row.step is Step.PUBLISHED]
    announced = ceremony.announced_event_id
    return (
        bool(published)
        and announced is not None
        and all(is_witnessed(event_id=event_id) for event_id in (announced, published[-1]))
    )


def _broadcast(ceremony: CeremonyRow) -> dict[str, str] | None:
    row = find_broadcast(project_id=ceremony.project_id, ceremony_id=ceremony.id)
    if row is None:
        return None
    return {
        "address": row.address,
        "recording_digest": group_hex(row.recording_digest),
        "recording_place": row.recording_place,
        "kept_until": _kept_until(row.recording_at),
        "years": str(KEPT_FOR[RecordingKind.DRAW].years),
        "clause": KEPT_FOR[RecordingKind.DRAW].clause,
        "told": say_moment(row.at),
        "event_id": str(row.event_id),
    }


def _kept_until(entered_at: datetime | None) -> str:
    if entered_at is None:
        return ""
    return say_whole_date(kept_until(kind=RecordingKind.DRAW, since=china_day(entered_at)))


@lru_cache(maxsize=4)
def _bundle(project_id: UUID, draw_id: UUID) -> bytes:
    """Write a bundle; a published draw no longer changes, so the last few are kept."""
    told = draw_bundle(project_id=project_id, draw_id=draw_id)
    return write_bundle(told)


def _figures(found: Found) -> tuple[FigureRow, ...]:
    return _looks(
        found.project.id,
        found.draw.id,
        found.ceremony.take,
        is_taken=is_order_taken(project_id=found.project.id),
    )


@lru_cache(maxsize=256)
def _looks(
    project_id: UUID, draw_id: UUID, take: int | None, *, is_taken: bool
) -> tuple[FigureRow, ...]:
    """Work the figures out; a published draw no longer changes, so they are kept.

    Who approved which household is told once the order is taken.
    """
    drawn = DrawnList(
        order=drawn_order(project_id=project_id, draw_id=draw_id),
        street_of=streets_of(project_id=project_id, draw_id=draw_id),
        approver_of=approvers_of_order(project_id=project_id) if is_taken else {},
        take=take,
    )
    return judge_looks(drawn)


def _group(title: str, *, is_rehearsal: bool) -> dict[str, object] | None:
    shown: list[dict[str, object]] = []
    looks: list[tuple[FigureRow, ...]] = []
    for project in list_projects():
        for ceremony in ceremonies_of(project_id=project.id):
            if ceremony.is_rehearsal is not is_rehearsal:
                continue
            if not has_reached(ceremony.step, Step.PUBLISHED):
                continue
            for draw in ceremony.draws:
                found = Found(project=project, ceremony=ceremony, draw=draw)
                rows = _figures(found)
                looks.append(rows)
                shown.append(
                    {
                        "code": project.code,
                        "draw_number": draw.draw_number,
                        "title": say_use(ceremony.use, batch=ceremony.batch, stratum=draw.stratum),
                        "households": say_count(draw.size),
                        "figures": [lay_out_figure(row) for row in rows],
                    }
                )
    if not shown:
        return None
    combined = [lay_out_combined(row) for row in combine_figures(looks)]
    return {"title": title, "draws": shown, "combined": combined}
