"""The door: signing in and out, and the reader's size of print."""

from __future__ import annotations

from urllib.parse import quote

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from anju.foundation.access import operations
from anju.foundation.access.permissions import permissions_by_role
from anju.foundation.core.clock import read_clock
from anju.web.refusals import tell_refusal
from anju.web.routes import actor_of, public_route, safe_address
from anju_rules.values import Refusal

_YEAR = 365 * 24 * 60 * 60


@sensitive_post_parameters("password", "code")
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
@public_route
def open_door(request: HttpRequest) -> HttpResponse:
    """Ask who comes, by login and password or by household code and PIN, and let them in.

    A new session begins with every sign-in (T-32), so a session known before is worth nothing.
    """
    asked = request.GET.get("next", "") or request.POST.get("next", "")
    by = actor_of(request)
    if by is not None and request.method != "POST":
        home = reverse(_first_page(kind=by.kind, role=by.role))
        return HttpResponseRedirect(safe_address(request, asked, default=home))
    facts: dict[str, object] = {"next": asked, "login": request.POST.get("login", "")}
    if request.method != "POST":
        return render(request, "door/sign_in.html", facts)
    try:
        account = operations.sign_in(
            login=request.POST.get("login", "").strip(),
            password=request.POST.get("password", ""),
            code=request.POST.get("code", "").strip(),
            address=request.META.get("REMOTE_ADDR", ""),
            request_id=str(getattr(request, "request_id", "")),
            at=read_clock(),
        )
    except Refusal as refusal:
        facts["refusal"] = tell_refusal(refusal)
        return render(request, "door/sign_in.html", facts, status=403)
    logout(request)
    login(request, account)
    home = reverse(_first_page(kind=account.kind, role=account.role))
    return HttpResponseRedirect(safe_address(request, asked, default=home))


@require_POST
@public_route
def leave(request: HttpRequest) -> HttpResponse:
    """End the session on the server, so that its cookie is worth nothing afterwards (T-32).

    ``next`` hands the device on: somebody else signs in, and goes there.
    """
    by = actor_of(request)
    if by is not None:
        operations.sign_out(by=by, at=read_clock())
    logout(request)
    wanted = safe_address(request, request.POST.get("next", ""), default="")
    if wanted:
        return HttpResponseRedirect(f"{reverse('sign-in')}?next={quote(wanted)}")
    return HttpResponseRedirect(reverse("home"))


@require_POST
@public_route
def set_print_size(request: HttpRequest) -> HttpResponse:
    """Remember whether the reader wants large print; a cookie that says nothing about a person."""
    back = safe_address(request, request.POST.get("back", ""), default=reverse("home"))
    response = HttpResponseRedirect(back)
    size = "large" if request.POST.get("size") == "large" else "usual"
    response.set_cookie("anju_print", size, max_age=_YEAR, samesite="Lax", httponly=True)
    return response


def _first_page(*, kind: str, role: str) -> str:
    """Give where somebody begins: a company that sees no project begins with its community."""
    if kind == "household":
        return "me"
    return "desk" if "projects.see" in permissions_by_role().get(role, ()) else "desk-titles"
