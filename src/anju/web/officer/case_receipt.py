"""The receipt that the window hands over with a case: what came, until when, how to rate it.

It names nobody: whoever finds it learns a number, and may rate (decision 0035).
"""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from anju.foundation.access.types import Actor
from anju.foundation.casework.queries import case_file, find_case
from anju.foundation.core.clock import read_clock
from anju.web.officer.work_rows import require_officer
from anju.web.papers import answer_paper, set_paper
from anju.web.public.saying import say_date, say_moment
from anju.web.rating_codes import rating_qr
from anju.web.routes import route


@require_safe
@route(permits="casework.see")
def give_receipt(request: HttpRequest, case_id: UUID, *, by: Actor) -> HttpResponse:
    """Print the receipt of a case, with the code by which its service is rated."""
    require_officer(by)
    at = read_clock()
    case = find_case(case_id=case_id, by=by)
    file = case_file(project_id=case.project_id, case_id=case_id, by=by, at=at)
    facts = {
        "number": case.number,
        "title": case.title.zh,
        "came": say_date(case.came_on),
        "due": say_date(case.due_on) if case.due_on else "",
        "is_open": case.status.is_open,
        "held": [one.title.zh for one in file.materials if one.state == "held"],
        "owed": [
            (one.title.zh, say_date(one.owed_until) if one.owed_until else "")
            for one in file.materials
            if one.state == "owed"
        ],
        "rate": rating_qr(case, request=request, channel="window"),
        "printed": say_moment(at),
    }
    made = set_paper("parts/case_receipt.html", facts)
    return answer_paper(made, name=f"receipt-{case.number}.pdf")
