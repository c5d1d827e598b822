"""The code that people scan to rate how they were served; drawn anew whenever it is shown."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from anju.foundation.casework.types import CaseRow
from anju.titles.partners.board import rating_token
from anju.titles.partners.types import Channel, Service
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
    host = f"{request.scheme}://{request.get_host()}"
    service = Service(project_id=case.project_id, kind="case", id=case.id)
    return draw_rating_code(service, host=host, channel=channel)


def draw_rating_code(service: Service, *, host: str, channel: Channel = "qr") -> RatingCode:
    """Draw the code of a service; ``host`` begins its address, ``https://…``."""
    path = address_of_rating(service)
    address = f"{host}{path}" if channel == "qr" else f"{host}{path}?by={channel}"
    return RatingCode(address=address, image=code_image(address))


def address_of_rating(service: Service) -> str:
    """Give the path of the page on which a service is rated."""
    token = rating_token(project_id=service.project_id, service_id=service.id, kind=service.kind)
    return reverse("rate", kwargs={"token": token})
