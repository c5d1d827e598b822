"""The family's own choice: what it chose, where the proof stands, and the sheet to keep."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from anju.foundation.access.context import sensitive_reading
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.foundation.documents.kinds import DocumentKind
from anju.foundation.documents.queries import read_document
from anju.resettlement.households.queries import household_file
from anju.resettlement.projects.queries import project_by_id
from anju.resettlement.selection.sheets import ConfirmationSheet, find_sheet
from anju.web.household.owning import own_name, whose
from anju.web.papers import answer_paper, code_image
from anju.web.public.saying import say_area, say_home
from anju.web.routes import go_to, route
from anju.web.sheets import print_sheet, tell_sealing, tell_sides
from anju_rules.values import Refusal


@require_safe
@route(permits="household.see")
def show_choice(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show what the family chose, who signed, and how far the proof has come."""
    project_id, household_id = whose(by)
    sheet = find_sheet(project_id=project_id, household_id=household_id)
    if sheet is None:
        return go_to("me", request=request)
    proof = request.build_absolute_uri(reverse("proof", kwargs={"event_id": sheet.event_id}))
    facts = {
        "family_name": own_name(request, by),
        "project": project_by_id(project_id=project_id),
        "sheet": sheet,
        "homes": [(say_home(home), home.layout, say_area(home.area_sqm)) for home in sheet.homes],
        "sides": tell_sides(sheet),
        "sealing": tell_sealing(event_id=sheet.event_id),
        "proof_code": code_image(proof),
    }
    return render(request, "household/choice.html", facts)


@require_safe
@route(permits="household.see", is_reading=False)
def give_sheet(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Give the family its confirmation sheet as a PDF, with its name and its own signature."""
    project_id, household_id = whose(by)
    with sensitive_reading(
        by=by,
        permits="household.see",
        purpose="本户打印选房确认单",
        target=str(household_id),
        at=read_clock(),
        household_id=household_id,
    ):
        sheet = find_sheet(project_id=project_id, household_id=household_id)
        if sheet is None:
            raise Refusal("sheet.nothing-chosen")
        made = print_sheet(
            sheet=sheet,
            project=project_by_id(project_id=project_id),
            host=f"{request.scheme}://{request.get_host()}",
            name=household_file(project_id=project_id, household_id=household_id).name,
            drawn=_own_signature(project_id, sheet),
        )
    return answer_paper(made, name=f"{sheet.ticket}.pdf")


def _own_signature(project_id: UUID, sheet: ConfirmationSheet) -> bytes:
    """Give the picture of the household's signature; empty where the name was typed, or none is."""
    document_id = next((one.document_id for one in sheet.sides if one.side == "household"), None)
    if document_id is None:
        return b""
    row, content = read_document(project_id=project_id, document_id=document_id)
    return content if row.kind is DocumentKind.PNG else b""
