"""The code that people scan to rate how their case was handled; drawn anew whenever it is shown."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from anju.foundation.casework.types import CaseRow
from anju.titles.partners.board import rating_token
from anju.titles.partners.types import Channel
from anju.web.papers import code_image


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingCode:
    """A code and the address behind it."""

    address: str
    """Whole, with the site's name: it is printed beside the code."""
    image: str
    """The address of a picture, for an ``img``."""


def rating_qr(case: CaseRow, *, request: HttpRequest, channel: Channel = "qr") -> RatingCode:
    """Give the code of a case, of whatever procedure; the same one every time it is drawn."""
    token = rating_token(project_id=case.project_id, service_id=case.id)
    path = reverse("rate", kwargs={"token": token})
    address = request.build_absolute_uri(path if channel == "qr" else f"{path}?by={channel}")
    return RatingCode(address=address, image=code_image(address))
