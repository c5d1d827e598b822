"""The five years' plan of titles at the desk: the same figures as everybody sees."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anju.foundation.access.types import Actor
from anju.foundation.core.clock import CHINA, read_clock
from anju.web.public.programme_rows import lay_out_programme
from anju.web.routes import route


@require_safe
@route(permits="partners.see")
def show_programme(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show every target, how far it is, and what the pace so far comes to."""
    del by
    page = lay_out_programme(on=read_clock().astimezone(CHINA).date())
    return render(request, "officer/titles/programme.html", {"page": page})
