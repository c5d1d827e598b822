"""Whose pages these are: the household that is signed in, and its name."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.core.crypto import new_id
from anju.resettlement.households.queries import household_file
from anju.web.routes import is_fragment
from anju_rules.values import Refusal


def whose(by: Actor) -> tuple[UUID, UUID]:
    """Give project and household of who is signed in; an officer has no household of his own."""
    if by.project_id is None or by.household_id is None:
        raise Refusal("access.not-found")
    return by.project_id, by.household_id


def own_name(request: HttpRequest, by: Actor) -> str:
    """Give the family's name, for itself; a page that only asks for news opens nothing sealed."""
    if is_fragment(request):
        return ""
    project_id, household_id = whose(by)
    with reading(by=by):
        return household_file(project_id=project_id, household_id=household_id).name


def read_once(request: HttpRequest) -> UUID:
    """Give the id under which the page sends its act: sent twice, it is done once."""
    try:
        return UUID(request.POST.get("once", ""))
    except ValueError:
        return new_id()
