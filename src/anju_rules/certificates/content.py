"""What a certificate says, the number it carries, and the same under the names of LADM (ISO 19152).

The content is written in one canonical form, which is what is signed and what the ledger binds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from fractions import Fraction

from anju_rules.hashing import canonical, digest
from anju_rules.identifiers import (
    CERTIFICATE_RULE,
    CertificateNumber,
    UnitCode,
    check_certificate_number,
    check_unit_code,
)
from anju_rules.policy.types import plain
from anju_rules.values import AreaSqm, Refusal, exact_decimal

FORMAT = "anju-certificate-1"
_LAST_SERIAL = 9_999_999
_SHARE = re.compile(r"[1-9][0-9]{0,5}/[1-9][0-9]{0,5}", re.ASCII)


class RegistrationType(IntEnum):
    """The code of a registration in the exchange; from memory, to be confirmed."""

    FIRST = 100
    TRANSFER = 200
    CHANGE = 300
    CANCELLATION = 400
    CORRECTION = 500
    OBJECTION = 600
    ADVANCE_NOTICE = 700
    SEIZURE = 800


class Ownership(StrEnum):
    """How several hold one home (共有情况)."""

    SOLE = "sole"
    JOINT = "joint"
    """共同共有: no shares."""
    SHARES = "shares"
    """按份共有."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RightHolder:
    """Who holds the right; the number of a person is written masked or not at all."""

    name: str
    masked_number: str = ""
    share: Fraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateContent:
    """What one certificate says."""

    number: CertificateNumber
    unit: UnitCode
    authority: str
    """The credit code of the registry that issues it."""
    authority_name: str
    registration: RegistrationType
    registered_on: date
    right: str
    """国有建设用地使用权/房屋所有权, …"""
    ownership: Ownership
    holders: tuple[RightHolder, ...]
    location: str
    use: str
    area_sqm: AreaSqm
    land_until: date | None = None
    replaces: str = ""
    """The number of the certificate in whose place this one stands."""
    notes: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be certified.

        ``certificates.no-holder``, ``certificates.shares-not-whole`` (shares that do not come to
        the whole, or shares where there are none), ``certificates.not-an-area``.
        """
        if not self.holders or not all(holder.name.strip() for holder in self.holders):
            raise Refusal("certificates.no-holder", number=self.number.text)
        shares = [holder.share for holder in self.holders if holder.share is not None]
        whole = {
            Ownership.SOLE: len(self.holders) == 1 and not shares,
            Ownership.JOINT: len(self.holders) > 1 and not shares,
            Ownership.SHARES: len(shares) == len(self.holders) > 1
            and min(shares) > 0
            and sum(shares) == 1,
        }[self.ownership]
        if not whole:
            raise Refusal("certificates.shares-not-whole", number=self.number.text)
        if self.area_sqm <= 0:
            raise Refusal("certificates.not-an-area", number=self.number.text)

    def show(self) -> dict[str, object]:
        """Write the content as the record that is signed: text and whole numbers only."""
        return {
            "format": FORMAT,
            "number": self.number.text,
            "unit_code": self.unit.text,
            "authority": self.authority,
            "authority_name": self.authority_name,
            "registration": int(self.registration),
            "registered_on": self.registered_on.isoformat(),
            "right": self.right,
            "ownership": self.ownership.value,
            "holders": [
                {
                    "name": holder.name,
                    "number": holder.masked_number,
                    "share": "" if holder.share is None else str(holder.share),
                }
                for holder in self.holders
            ],
            "location": self.location,
            "use": self.use,
            "area_sqm": plain(self.area_sqm),
            "land_until": self.land_until.isoformat() if self.land_until else "",
            "replaces": self.replaces,
            "notes": self.notes,
        }

    @property
    def message(self) -> bytes:
        """The bytes that are signed: the record in its one canonical form."""
        return canonical(self.show())

    @property
    def digest(self) -> str:
        """What the ledger and the register bind: SM3 of the bytes, in hex."""
        return digest(self.message).hex()


def read_content(record: object) -> CertificateContent:
    """Read the record of a certificate; any other spelling of it is refused.

    Refuses with ``certificates.malformed`` and the codes of :class:`CertificateContent`.
    """
    try:
        content = _read(record)
        is_same = canonical(record) == content.message
    except Refusal as refusal:
        if refusal.code != "value.not-canonical":
            raise
        raise Refusal("certificates.malformed", reason=refusal.code) from refusal
    except (KeyError, TypeError, ValueError) as error:
        raise Refusal("certificates.malformed", reason=type(error).__name__) from error
    if not is_same:
        raise Refusal("certificates.malformed", reason="spelling")
    return content


def _read(record: object) -> CertificateContent:
    if not isinstance(record, Mapping):
        raise TypeError
    told = {name: record[name] for name in record}
    listed = told["holders"]
    if type(listed) is not list or not all(isinstance(one, Mapping) for one in listed):
        raise TypeError
    texts = [value for name, value in told.items() if name not in {"holders", "registration"}]
    texts += [value for one in listed for value in one.values()]
    if type(told["registration"]) is not int or not all(type(text) is str for text in texts):
        raise TypeError
    until = told["land_until"]
    return CertificateContent(
        number=check_certificate_number(told["number"]),
        unit=check_unit_code(told["unit_code"]),
        authority=told["authority"],
        authority_name=told["authority_name"],
        registration=RegistrationType(told["registration"]),
        registered_on=date.fromisoformat(told["registered_on"]),
        right=told["right"],
        ownership=Ownership(told["ownership"]),
        holders=tuple(
            RightHolder(
                name=one["name"],
                masked_number=one["number"],
                share=_read_share(one["share"]),
            )
            for one in listed
        ),
        location=told["location"],
        use=told["use"],
        area_sqm=AreaSqm(exact_decimal(told["area_sqm"])),
        land_until=date.fromisoformat(until) if until else None,
        replaces=told["replaces"],
        notes=told["notes"],
    )


def _read_share(text: str) -> Fraction | None:
    """Read a share: only small whole numbers, since a stranger may have written it."""
    if not text:
        return None
    if _SHARE.fullmatch(text) is None:
        raise ValueError
    return Fraction(text)


def number_next(
    *, province: str, place: str, year: int, last: CertificateNumber | None
) -> CertificateNumber:
    """Give the next number of a county's series: from 1 each year, without a gap.

    ``last``: the latest number of that county, of this year or an earlier one. Refuses with
    ``certificates.year-runs-back``, ``certificates.other-county`` or ``certificates.series-full``,
    and like :func:`~anju_rules.identifiers.check_certificate_number`.

    >>> number_next(province="鲁", place="济南市", year=2026, last=None).text
    '鲁(2026)济南市不动产权第0000001号'
    """
    serial = 1
    if last is not None:
        if (last.province, last.place) != (province, place):
            raise Refusal("certificates.other-county", clause=CERTIFICATE_RULE, number=last.text)
        if last.year > year:
            raise Refusal("certificates.year-runs-back", clause=CERTIFICATE_RULE, year=year)
        if last.year == year:
            serial = last.serial + 1
    if serial > _LAST_SERIAL:
        raise Refusal("certificates.series-full", clause=CERTIFICATE_RULE, year=year)
    number = CertificateNumber(province=province, year=year, place=place, serial=serial)
    return check_certificate_number(number.text)


def show_ladm(content: CertificateContent) -> dict[str, object]:
    """Write a certificate under the class and attribute names of LADM (ISO 19152).

    Party, right, administrative unit, spatial unit and source, linked by their identifiers, so that
    another land system can read the register without knowing ours.
    """
    unit = content.unit.text
    parties = [
        {
            "pID": f"{content.number.text}/{place}",
            "name": holder.name,
            "extPID": holder.masked_number,
            "type": "naturalPerson" if holder.masked_number else "party",
        }
        for place, holder in enumerate(content.holders, start=1)
    ]
    return {
        "LA_Party": parties,
        "LA_Right": [
            {
                "rID": f"{party['pID']}/right",
                "type": content.right,
                "share": "" if holder.share is None else str(holder.share),
                "shareCheck": content.ownership is not Ownership.JOINT,
                "timeSpec": content.land_until.isoformat() if content.land_until else "",
                "party": party["pID"],
                "baUnit": unit,
                "source": content.number.text,
            }
            for party, holder in zip(parties, content.holders, strict=True)
        ],
        "LA_BAUnit": {"uID": unit, "name": content.location, "type": "basicPropertyUnit"},
        "LA_LegalSpaceBuildingUnit": {
            "suID": unit,
            "buildingUnitID": content.unit.dwelling,
            "type": content.use,
            "area": {"areaSize": plain(content.area_sqm), "type": "officialArea"},
            "baUnit": unit,
        },
        "LA_AdministrativeSource": {
            "sID": content.number.text,
            "type": "title",
            "acceptance": content.registered_on.isoformat(),
            "recordation": content.registered_on.isoformat(),
            "mainType": int(content.registration),
            "archive": content.authority,
            "digest": content.digest,
        },
    }
