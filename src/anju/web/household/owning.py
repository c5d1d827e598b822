"""Whose pages these are: the household that is signed in, and its name."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.core.crypto import new_id
from anju.resettlement.households.queries import household_file
from anju.titles.communities.queries import people_of
from anju.web.refusals import RefusalRow
from anju.web.routes import is_fragment
from anju_rules.values import Refusal


def whose(by: Actor) -> tuple[UUID, UUID]:
    """Give project and household of who is signed in; an officer has no household of his own."""
    if by.project_id is None or by.household_id is None:
        raise Refusal("access.not-found")
    return by.project_id, by.household_id


def own_name(request: HttpRequest, by: Actor) -> str:
    """Give the family's name, for itself; a page that only asks for news opens nothing sealed."""
    return "" if is_fragment(request) else next(iter(own_names(by)), "")


def own_names(by: Actor) -> tuple[str, ...]:
    """Give the names by which a family is registered: its head's, or those of a home's owners."""
    project_id, household_id = whose(by)
    with reading(by=by):
        owners = people_of(project_id=project_id, household_ids=[household_id])
        if household_id in owners:
            return tuple(one.name for one in owners[household_id])
        return (household_file(project_id=project_id, household_id=household_id).name,)


def read_once(request: HttpRequest) -> UUID:
    """Give the id under which the page sends its act: sent twice, it is done once."""
    try:
        return UUID(request.POST.get("once", ""))
    except ValueError:
        return new_id()


def answer_refused(request: HttpRequest, told: RefusalRow, *, back: str = "") -> HttpResponse:
    """Answer with a refusal in a family's words, as a page or into the one that asked.

    ``back`` names the page where it may be tried again; by default the list of homes.
    """
    is_part = is_fragment(request)
    template = "household/_refused.html" if is_part else "household/refused.html"
    facts = {"refusal": told, "back": back, "level": "h2" if is_part else "h1"}
    return render(request, template, facts, status=told.status)
