"""Looking up one's own place: shards as files, and the page that reads them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from anju.resettlement.projects.queries import project_by_code
from anju.resettlement.selection.lookup import FoundRow, rows_to_find
from anju.resettlement.selection.queries import selection_board
from anju.web.public.paging import ROWS_A_PAGE, turn_to_page
from anju.web.routes import public_route
from anju_rules.lookup import SCHEME, count_digits, name_shard, name_ticket

INDEX, PAGE = "index.json", "index.html"
STATES: Mapping[str, str] = {
    "waiting": "等候叫号",
    "called": "正在选房",
    "chosen": "已选定",
    "missed": "叫号时没有选，等本批末尾",
    "waived": "已放弃本轮",
    "returned": "已回到队列，等本批末尾叫号",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What is published for looking up: file name to content, as JSON values."""

    shards: Mapping[str, object]
    index: Mapping[str, object]

    def files(self) -> dict[str, bytes]:
        """Give every file by its name."""
        named = {f"{name}.json": content for name, content in self.shards.items()}
        return {name: _dump(content) for name, content in {**named, INDEX: self.index}.items()}


def lay_out_shards(rows: Iterable[FoundRow], *, code: str) -> Published:
    """Sort every household of a project into the shards that browsers fetch."""
    named = [(name_ticket(code=code, ticket=row.ticket), row) for row in rows]
    digits = count_digits([name for name, _ in named])
    shards: dict[str, list[dict[str, object]]] = defaultdict(list)
    for name, row in sorted(named, key=lambda one: one[0]):
        shards[name_shard(name, digits=digits)].append(tell_row(row))
    return Published(
        shards={
            shard: {"scheme": SCHEME, "code": code, "shard": shard, "rows": told}
            for shard, told in shards.items()
        },
        index={
            "scheme": SCHEME,
            "code": code,
            "digits": digits,
            "households": len(named),
            "shards": sorted(shards),
        },
    )


def tell_row(row: FoundRow) -> dict[str, object]:
    """Give one household as its shard says it."""
    return {
        "ticket": row.ticket,
        "place": row.place,
        "batch": row.batch,
        "stratum": row.stratum,
        "state": row.state,
        "words": STATES.get(row.state, row.state),
        "homes": list(row.homes),
        "event": str(row.event_id or ""),
    }


def write_find_page(*, code: str, name: str, site: str, assets: str) -> str:
    """Write the page of the public plane; it goes on where the site is away."""
    facts = {"code": code, "name": name, "site": site, "assets": assets}
    return render_to_string("public/wall/find.html", {**facts, "shards": f"/live/{code}/find/"})


@require_safe
@public_route
@transaction.atomic
def show_find(request: HttpRequest, code: str) -> HttpResponse:
    """Show the look-up; without script a list that is turned over, and nobody is asked for one."""
    project = project_by_code(code=code)
    rows = sorted(
        rows_to_find(board=selection_board(project_id=project.id)), key=lambda row: row.ticket
    )
    sheet = turn_to_page(rows, asked=request.GET.get("page", ""), kept={})
    facts = {
        "code": code,
        "name": project.name,
        "site": "",
        "shards": f"{settings.PEAK_URL}/live/{code}/find/",
        "rows": [tell_row(row) for row in sheet.rows],
        "sheet": sheet,
        "spans": _spans(rows),
    }
    return render(request, "public/find.html", facts)


def _spans(rows: Sequence[FoundRow]) -> list[dict[str, object]]:
    """Give each page of the list by its first and last ticket."""
    return [
        {
            "page": number,
            "first": rows[begin].ticket,
            "last": rows[min(begin + ROWS_A_PAGE, len(rows)) - 1].ticket,
        }
        for number, begin in enumerate(range(0, len(rows), ROWS_A_PAGE), start=1)
    ]


def _dump(told: object) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
