"""Who may enter a page: every view is declared with a permission, or is on the short public list.

A decorated view is called with ``by``, the actor. A GET runs inside one reading transaction with
the actor's row-level context; a POST calls its one operation, which opens its own. A
:class:`~anju_rules.values.Refusal` leaves as a page or fragment that says what to do next.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Final, Literal, Protocol, cast, runtime_checkable
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from anju.foundation.access.context import reading
from anju.foundation.access.permissions import is_permitted
from anju.foundation.access.types import Actor
from anju.web.refusals import answer_not_found, answer_refusal
from anju_rules.values import Refusal

View = Callable[..., HttpResponse]
Kind = Literal["officer", "household"]
_READS = frozenset({"GET", "HEAD"})
_UNREADABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
"""What nobody types: no database keeps a NUL, and the marks of writing direction make text read
as what it is not."""


@runtime_checkable
class Route(Protocol):
    """A declared view: what the architecture test looks for on every address."""

    permits: str
    """The permission asked for; empty: public."""
    is_public: bool

    def __call__(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Answer a request."""


def route(*, permits: str, is_reading: bool = True) -> Callable[[View], View]:
    """Let in who holds ``permits``; the view gets ``by``, the actor.

    Nobody signed in: to the sign-in page, and back. Another's page answers as one that does not
    exist (T-23). With ``is_reading=False`` a GET opens its transactions itself: a page that shows
    what is otherwise masked writes its entry first.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def enter(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            by = actor_of(request)
            if by is None:
                return ask_sign_in(request)
            if not is_permitted(by, permits):
                return answer_not_found(request)
            try:
                _refuse_unreadable(request, kwargs)
                if is_reading and request.method in _READS:
                    with reading(by=by):
                        return view(request, *args, by=by, **kwargs)
                return view(request, *args, by=by, **kwargs)
            except Refusal as refusal:
                return answer_refusal(request, refusal)

        return _declare(enter, permits=permits)

    return decorate


def public_route(view: View) -> View:
    """Let everybody in; the view reads only what is public, and gets no actor."""

    @wraps(view)
    def enter(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            _refuse_unreadable(request, kwargs)
            return view(request, *args, **kwargs)
        except Refusal as refusal:
            return answer_refusal(request, refusal)

    return _declare(enter, permits="")


def _refuse_unreadable(request: HttpRequest, parts: Mapping[str, object]) -> None:
    """Refuse with ``web.unreadable-text`` an address or form with characters that nobody types."""
    if any(isinstance(told, str) and _UNREADABLE.search(told) for told in parts.values()):
        raise Refusal("access.not-found")
    for form in (request.GET, request.POST):
        for _, told in form.lists():
            if any(isinstance(one, str) and _UNREADABLE.search(one) for one in told):
                raise Refusal("web.unreadable-text")


def _declare(view: View, *, permits: str) -> View:
    declared = cast(Route, view)
    declared.permits = permits
    declared.is_public = not permits
    return view


def actor_of(request: HttpRequest) -> Actor | None:
    """Give who is signed in, as ``ActorMiddleware`` found it."""
    return cast("Actor | None", getattr(request, "actor", None))


def ask_sign_in(request: HttpRequest) -> HttpResponse:
    """Send to the sign-in page, and back afterwards; a fragment's page is left as a whole."""
    wanted = request.get_full_path() if request.method in _READS else ""
    if is_fragment(request):
        response = HttpResponse(status=204)
        response.headers["HX-Redirect"] = reverse("sign-in")
        return response
    address = reverse("sign-in")
    return HttpResponseRedirect(f"{address}?next={quote(wanted)}" if wanted else address)


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def safe_address(request: HttpRequest, wanted: str, *, default: str) -> str:
    """Give ``wanted`` if it is a path of this site, else ``default`` (no open redirect)."""
    allowed = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if allowed and wanted.startswith("/") else default


def go_to(name: str, *, request: HttpRequest, query: str = "", **parts: object) -> HttpResponse:
    """Answer a form that was carried out: see the page ``name``, so that a reload repeats nothing.

    303 for a browser; for htmx the header by which it leaves the page.
    """
    address = reverse(name, kwargs=parts) + (f"?{query}" if query else "")
    if is_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponse(status=303, headers={"Location": address})
