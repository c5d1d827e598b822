"""What a certificate says as a form that is put right, and the corrected deed read from it."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from django.http import QueryDict

from anju.titles.certificates.types import Deed
from anju_rules.certificates.content import (
    CertificateContent,
    Ownership,
    RegistrationType,
    RightHolder,
)
from anju_rules.masking import mask_identity_number
from anju_rules.values import AreaSqm, Refusal, exact_decimal

_SPARE = 1
"""Rows for holders who were left out."""
_MOST_HOLDERS = 20
_OWNED = (
    (Ownership.SOLE, "单独所有"),
    (Ownership.JOINT, "共同共有"),
    (Ownership.SHARES, "按份共有"),
)


def show_deed(content: CertificateContent) -> dict[str, object]:
    """Give what the form begins with: all that may be corrected, in full."""
    holders = [
        (one.name, one.masked_number, str(one.share) if one.share is not None else "")
        for one in content.holders
    ]
    return {
        "holders": [
            (place, *holder)
            for place, holder in enumerate([*holders, *[("", "", "")] * _SPARE], start=1)
        ],
        "ownerships": [(one.value, words, one is content.ownership) for one, words in _OWNED],
        "location": content.location,
        "right": content.right,
        "use": content.use,
        "area_sqm": f"{content.area_sqm:f}",
        "land_until": content.land_until.isoformat() if content.land_until else "",
        "notes": content.notes,
    }


def read_deed(told: QueryDict, *, of: CertificateContent, on: date) -> Deed:
    """Read the corrected deed; the home stays, and the correction is registered ``on`` that day.

    A person's number that was typed in full is masked here. Refuses with
    ``certificates.deed-malformed`` and names the field.
    """
    return Deed(
        unit_code=of.unit.text,
        registration=RegistrationType.CORRECTION,
        registered_on=on,
        right=_text(told, "right"),
        ownership=_ownership(told),
        holders=_holders(told),
        location=_text(told, "location"),
        use=_text(told, "use"),
        area_sqm=_area(told),
        land_until=_day(told),
        notes=told.get("notes", "").strip()[:400],
    )


def _text(told: QueryDict, name: str) -> str:
    text = told.get(name, "").strip()[:200]
    if not text:
        raise Refusal("certificates.deed-malformed", field=name)
    return text


def _ownership(told: QueryDict) -> Ownership:
    try:
        return Ownership(told.get("ownership", ""))
    except ValueError as error:
        raise Refusal("certificates.deed-malformed", field="ownership") from error


def _holders(told: QueryDict) -> tuple[RightHolder, ...]:
    holders = []
    for place in range(1, _MOST_HOLDERS + 1):
        name, number, share = (
            told.get(f"{part}-{place}", "").strip()[:80] for part in ("name", "number", "share")
        )
        if name:
            is_masked = not number or "*" in number
            holders.append(
                RightHolder(
                    name=name,
                    masked_number=number if is_masked else mask_identity_number(number),
                    share=_share(share),
                )
            )
    return tuple(holders)


def _share(text: str) -> Fraction | None:
    if not text:
        return None
    above, _, below = text.partition("/")
    if not all(one.isascii() and one.isdigit() and len(one) < 7 for one in (above, below)):
        raise Refusal("certificates.deed-malformed", field="share")
    if int(below) == 0:
        raise Refusal("certificates.deed-malformed", field="share")
    return Fraction(int(above), int(below))


def _area(told: QueryDict) -> AreaSqm:
    try:
        return AreaSqm(exact_decimal(told.get("area_sqm", "").strip()[:20]))
    except Refusal as refusal:
        raise Refusal("certificates.deed-malformed", field="area_sqm") from refusal


def _day(told: QueryDict) -> date | None:
    text = told.get("land_until", "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refusal("certificates.deed-malformed", field="land_until") from error
