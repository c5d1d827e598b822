"""All homes of a project as one table to take away, with every attribute of them (INV-1)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from anju.resettlement.inventory.queries import homes_of
from anju.resettlement.inventory.types import UnitRow
from anju.resettlement.projects.queries import project_by_code
from anju.resettlement.selection import queries
from anju.web.public.home_words import COLUMN_WORDS, UNKNOWN, tell_column
from anju.web.public.towers import STATE_WORDS
from anju.web.routes import public_route

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


@require_safe
@public_route
@transaction.atomic
def give_homes(request: HttpRequest, code: str) -> HttpResponse:
    """Give a project's homes as a table that spreadsheet programs open."""
    del request
    project = project_by_code(code=code)
    units = homes_of(project_id=project.id)
    states = {
        tile.unit_id: STATE_WORDS[tile.state] for tile in queries.home_tiles(project_id=project.id)
    }
    rows = [[*tell_home(unit), states.get(unit.id, UNKNOWN)] for unit in units]
    return HttpResponse(
        write_table(["房号", *COLUMN_WORDS.values(), "状态"], rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="homes-{project.code}.csv"'},
    )


def tell_home(unit: UnitRow) -> list[str]:
    """Give a home's number and every column in words, an unknown one empty."""
    return [str(unit.number), *(tell_column(unit, name) for name in COLUMN_WORDS)]


def write_table(headers: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    """Write a table as UTF-8 with its mark, so that no spreadsheet program guesses.

    What a clerk wrote may begin like a formula: it is given with an apostrophe before it, so that
    no program runs it.
    """
    told = io.StringIO(newline="")
    writer = csv.writer(told, lineterminator="\r\n")
    writer.writerow(headers)
    for row in rows:
        writer.writerow([f"'{cell}" if _is_formula(cell) else cell for cell in row])
    return told.getvalue().encode("utf-8-sig")


def _is_formula(cell: str) -> bool:
    return cell.startswith(_FORMULA_SIGNS) and not cell.removeprefix("-").isdecimal()
