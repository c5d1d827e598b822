"""Endpoints for witnesses: the head to cosign, and the door for what they signed."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from anju.api.schemas import Refused
from anju.foundation.core.clock import read_clock
from anju.foundation.ledger.cosigning import offer_head, take_cosignature
from anju_rules.values import Refusal

router = Router(tags=["log"])
_LARGEST = 2**53 - 1
Size = Annotated[int, Field(ge=0, le=_LARGEST)]


class HeadOut(Schema):
    """A signed head, and the proof that it continues the asker's; hashes in hexadecimal."""

    size: int
    note: str
    path: list[str]


class CosignatureIn(Schema):
    """What a witness signed: its lines as they stand under a note."""

    size: Size
    signature: Annotated[str, Field(max_length=2_000)]


class CosignatureOut(Schema):
    """What was taken in."""

    size: int
    witness: str
    at: str


def show_head(request: HttpRequest, since: Annotated[int, Query(ge=0, le=_LARGEST)] = 0) -> HeadOut:
    """Give the newest head that is signed. Public: a head is what everybody must be able to see."""
    del request
    offer = offer_head(since=since, at=read_clock())
    if offer is None:
        raise Refusal("api.not-found")
    return HeadOut(size=offer.size, note=offer.note, path=[node.hex() for node in offer.path])


def hand_in(request: HttpRequest, cosignature: CosignatureIn) -> CosignatureOut:
    """Take in a cosignature. Public: the signature itself says who hands it in."""
    del request
    taken = take_cosignature(
        size=cosignature.size, signature=cosignature.signature, at=read_clock()
    )
    return CosignatureOut(size=taken.size, witness=taken.witness, at=taken.at.isoformat())


show_head.is_public = hand_in.is_public = True  # type: ignore[attr-defined]
show_head.permits = hand_in.permits = ""  # type: ignore[attr-defined]
router.get("/head", response={200: HeadOut, 404: Refused, 422: Refused}, auth=None)(show_head)
router.post("/cosignatures", response={200: CosignatureOut, 404: Refused, 422: Refused}, auth=None)(
    hand_in
)
