"""What the reform made of each step, for everybody."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anju.web.routes import public_route
from anju.web.title_process import lay_out_process


@require_safe
@public_route
def show_process(request: HttpRequest) -> HttpResponse:
    """Show the three ways to a title side by side, and where each step and paper went."""
    return render(request, "public/titles/process.html", {"process": lay_out_process()})
