"""Opening the draws that are not of the order: who is visited, and who is drawn out of a pool."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.foundation.draws.pools import PoolMember, Recusal, open_pool_ceremony
from anju.resettlement.selection.operations.ceremonies import open_sample_ceremony
from anju.web.officer.ceremony_acts import read_parties, read_scheme, read_terms
from anju.web.officer.steps import project_in_sight
from anju.web.routes import go_to, is_fragment, route
from anju_rules.ceremony import Use
from anju_rules.values import Refusal

_MOST_BATCH = 20
_GAP = re.compile(r"[\s,，]+")


@require_POST
@route(permits="draws.open")
def open_sample(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Open the draw of the households that are visited at home: ten of a hundred (ELG-4)."""
    project = project_in_sight(code=code, by=by)
    told = request.POST
    ceremony = open_sample_ceremony(
        project_id=project.id,
        batch=read_batch(told.get("batch", "")),
        scheme=read_scheme(told),
        terms=read_terms(told),
        parties=read_parties(told),
        by=by,
        at=read_clock(),
    )
    return go_to("desk-ceremony", request=request, code=code, ceremony_id=ceremony.id)


@require_POST
@route(permits="draws.open")
def open_pool(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Open a draw out of a pool, and show its receipts: once, for nobody keeps their salts."""
    project = project_in_sight(code=code, by=by)
    told = request.POST
    use = told.get("use", "")
    if use not in set(Use):
        raise Refusal("draws.use-has-no-pool", use=use[:40])
    pool = [PoolMember(code=one, name=name) for one, name in read_pairs(told.get("pool", ""))]
    opened = open_pool_ceremony(
        project_id=project.id,
        project_code=project.code,
        use=Use(use),
        batch=read_batch(told.get("batch", "")),
        pool=pool,
        take=read_take(told.get("take", "")),
        recusals=[
            Recusal(code=one, reason=why) for one, why in read_pairs(told.get("recusals", ""))
        ],
        scheme=read_scheme(told),
        terms=read_terms(told),
        parties=read_parties(told),
        by=by,
        at=read_clock(),
    )
    facts = {"project": project, "ceremony": opened.ceremony, "receipts": opened.receipts}
    name = "_receipts.html" if is_fragment(request) else "receipts.html"
    response = render(request, f"officer/ceremony/{name}", facts)
    response.headers["Cache-Control"] = "no-store"
    if is_fragment(request):
        response.headers["HX-Retarget"] = "#open-pool"
    return response


def read_pairs(told: str) -> list[tuple[str, str]]:
    r"""Read one member a line: its code, a gap, and its name, or the reason why it stands aside.

    >>> read_pairs("JG-01 泉城评估\n\nJG-02，明湖 评估")
    [('JG-01', '泉城评估'), ('JG-02', '明湖 评估')]
    """
    pairs = []
    for line in told.splitlines():
        code, *rest = _GAP.split(line.strip(), maxsplit=1)
        if code:
            pairs.append((code, rest[0].strip() if rest else ""))
    return pairs


def read_take(told: str) -> int:
    """Read how many are drawn.

    >>> read_take(" 3 ")
    3
    """
    number = told.strip()
    if not (number.isascii() and number.isdigit() and len(number) < 5):
        raise Refusal("ceremony.no-take")
    return int(number)


def read_batch(told: str) -> str:
    """Read which batch a draw is of; the first one where nothing was typed.

    >>> read_batch(""), read_batch(" 2026-06 ")
    ('1', '2026-06')
    """
    return told.strip()[:_MOST_BATCH] or "1"
