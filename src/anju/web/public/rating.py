"""Rating a service from a phone: five levels, a few words if one likes, nobody signs in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.types import system_actor
from anju.foundation.core.clock import read_clock
from anju.titles.partners.board import service_by_token
from anju.titles.partners.operations.ratings import LONGEST_CONTACT, give_rating
from anju.titles.partners.types import CHANNELS, Channel, RatingWords
from anju.web.routes import actor_of, go_to, public_route
from anju_rules.ratings import LONGEST_COMMENT, Level, read_level
from anju_rules.values import Refusal

LEVELS: tuple[tuple[Level, str], ...] = (
    (Level.VERY_GOOD, "非常满意"),
    (Level.GOOD, "满意"),
    (Level.FAIR, "基本满意"),
    (Level.BAD, "不满意"),
    (Level.VERY_BAD, "非常不满意"),
)
KINDS = {
    "case": "办件",
    "visit": "窗口或上门服务",
    "selection": "选房现场服务",
    "delivery": "交房服务",
}


@require_safe
@public_route
def show_rating(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is rated and five levels; a service that was rated already says thanks."""
    row = service_by_token(token=token)
    facts = {
        "token": token,
        "row": row,
        "title": row.title or KINDS[row.service.kind],
        "levels": [(level.value, words, level.is_bad) for level, words in LEVELS],
        "by": _channel(request.GET.get("by", "")),
        "longest": LONGEST_COMMENT,
        "longest_contact": LONGEST_CONTACT,
    }
    return render(request, "public/rating.html", facts)


@sensitive_post_parameters("comment", "contact")
@require_POST
@public_route
def rate(request: HttpRequest, token: str) -> HttpResponse:
    """Take the rating; an officer who is signed in here rates for nobody."""
    by = actor_of(request)
    if by is not None and by.kind == "officer":
        raise Refusal("ratings.own-office", clause="service-rating/levels")
    give_rating(
        token=token,
        level=read_level(request.POST.get("level", "")),
        words=RatingWords(
            comment=request.POST.get("comment", ""), contact=request.POST.get("contact", "")
        ),
        wants_visit=request.POST.get("visit") == "on",
        channel=_channel(request.POST.get("by", "")),
        by=system_actor(),
        at=read_clock(),
    )
    return go_to("rate", request=request, token=token)


def _channel(told: str) -> Channel:
    return next((channel for channel in CHANNELS if channel == told), "qr")
