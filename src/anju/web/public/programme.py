"""The five years' plan of titles for everybody."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anju.foundation.core.clock import CHINA, read_clock
from anju.web.public.programme_rows import lay_out_programme
from anju.web.routes import public_route


@require_safe
@public_route
@transaction.atomic
def show_programme(request: HttpRequest) -> HttpResponse:
    """Show every target, how far it is, and what the pace so far comes to."""
    page = lay_out_programme(on=read_clock().astimezone(CHINA).date())
    return render(request, "public/titles/programme.html", {"page": page})
