"""Numbers and codes as papers carry them: whether one is well formed, and its normal spelling.

Each check takes what a person typed (full-width characters, lower case and blanks are forgiven),
gives the one normal spelling back, and refuses with a code of its own for each thing wrong. A
refusal tells lengths and places, never the number of a person.

Well formed does not mean issued: only the issuing register knows that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from stdnum.cn import ric, uscc

from anju_rules.values import Refusal

IDENTITY_STANDARD = "gb-11643"
CREDIT_STANDARD = "gb-32100"
UNIT_STANDARD = "gb-t-37346"
CERTIFICATE_RULE = "real-estate-certificate-number"

_PROVINCES = frozenset(
    f"{number}"
    for block in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 82))
    for number in range(block[0], block[1] + 1)
)
"""First two digits of every division, GB/T 2260."""
_RESIDENCE_PERMIT_TAIWAN = "83"
"""Residence permits for people from Taiwan carry 830000 in place of a county."""

_IDENTITY_LENGTH = 18
_OLD_IDENTITY_LENGTH = 15
_CREDIT_LENGTH = 18
_UNIT_LENGTH = 28

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def _normal_spelling(text: str, *, separators: str) -> str:
    """Give half-width upper case without blanks and ``separators``."""
    half_width = text.translate(_FULL_WIDTH)
    # Only ASCII letters are raised: upper() would turn a ligature or a long s into a letter.
    raised = (letter.upper() if letter.isascii() else letter for letter in half_width)
    return "".join(letter for letter in raised if not letter.isspace() and letter not in separators)


def check_identity_number(text: str) -> str:
    """Give the identity number (公民身份号码) in its normal spelling, or refuse.

    The check digit, the birth date and the province must hold. The county need not exist today:
    people keep the number of a county that was abolished long ago, so counties are not looked up.

    Refuses with ``identifier.id-fifteen-digits`` (numbers of before 1999),
    ``identifier.id-length``, ``identifier.id-characters``, ``identifier.id-province``,
    ``identifier.id-birth-date`` or ``identifier.id-check-digit``. Source: GB 11643-1999.

    >>> check_identity_number("11010519491231002x")
    '11010519491231002X'
    """
    number = _normal_spelling(text, separators="")
    if len(number) == _OLD_IDENTITY_LENGTH and _is_digits(number):
        raise Refusal("identifier.id-fifteen-digits", clause=IDENTITY_STANDARD)
    if len(number) != _IDENTITY_LENGTH:
        raise Refusal("identifier.id-length", clause=IDENTITY_STANDARD, length=len(number))
    if not _is_digits(number[:-1]) or number[-1] not in "0123456789X":
        raise Refusal("identifier.id-characters", clause=IDENTITY_STANDARD)
    if number[:2] not in _PROVINCES and number[:2] != _RESIDENCE_PERMIT_TAIWAN:
        raise Refusal("identifier.id-province", clause=IDENTITY_STANDARD, province=number[:2])
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError as error:
        raise Refusal("identifier.id-birth-date", clause=IDENTITY_STANDARD) from error
    if ric.calc_check_digit(number) != number[-1]:
        raise Refusal("identifier.id-check-digit", clause=IDENTITY_STANDARD)
    return number


_CREDIT_LETTERS = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")
_CREDIT_AUTHORITIES = frozenset("123456789ANY")
"""Registering authorities; N are rural collectives, which own much of the land resettled upon."""


def check_credit_code(text: str) -> str:
    """Give the unified social credit code (统一社会信用代码) in its normal spelling, or refuse.

    Refuses with ``identifier.credit-length``, ``identifier.credit-characters``,
    ``identifier.credit-authority``, ``identifier.credit-division`` (characters 3 to 8 are digits)
    or ``identifier.credit-check-digit``. Source: GB 32100-2015.

    >>> check_credit_code("9111 0000 6000 3734 1l")
    '91110000600037341L'
    """
    code = _normal_spelling(text, separators="-")
    if len(code) != _CREDIT_LENGTH:
        raise Refusal("identifier.credit-length", clause=CREDIT_STANDARD, length=len(code))
    wrong = [place for place, letter in enumerate(code, 1) if letter not in _CREDIT_LETTERS]
    if wrong:
        raise Refusal("identifier.credit-characters", clause=CREDIT_STANDARD, place=wrong[0])
    if code[0] not in _CREDIT_AUTHORITIES:
        raise Refusal("identifier.credit-authority", clause=CREDIT_STANDARD, authority=code[0])
    if not _is_digits(code[2:8]):
        raise Refusal("identifier.credit-division", clause=CREDIT_STANDARD, division=code[2:8])
    if uscc.calc_check_digit(code[:-1]) != code[-1]:
        raise Refusal("identifier.credit-check-digit", clause=CREDIT_STANDARD)
    return code


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCode:
    """The code of a real-estate unit (不动产单元代码), part by part; GB/T 37346-2019."""

    county: str
    """Six digits, GB/T 2260."""
    cadastral_area: str
    """Three digits (地籍区)."""
    sub_area: str
    """Three digits (地籍子区)."""
    parcel_kind: str
    """Two letters (宗地特征码): G state, J collective, Z disputed; then the kind of right."""
    parcel_number: str
    """Five digits (宗地顺序号)."""
    fixture: str
    """F house, L forest, Q other, W none (定着物特征码)."""
    building: str
    """Four digits."""
    home: str
    """Four digits."""

    @property
    def text(self) -> str:
        """The 28 characters."""
        parcel = self.county + self.cadastral_area + self.sub_area
        return parcel + self.parcel_kind + self.parcel_number + self.fixture + self.dwelling

    @property
    def dwelling(self) -> str:
        """The unit number: building and home, eight digits."""
        return self.building + self.home

    @property
    def shown(self) -> str:
        """The code as papers print it: groups of 6, 6, 7 and 9.

        >>> check_unit_code("370105012002GB00001F00010751").shown
        '370105 012002 GB00001 F00010751'
        """
        return " ".join(
            (
                self.county,
                self.cadastral_area + self.sub_area,
                self.parcel_kind + self.parcel_number,
                self.fixture + self.dwelling,
            )
        )


_UNIT_PARTS = (
    ("county", 0, 6, re.compile(r"[0-9]{6}")),
    ("cadastral-area", 6, 9, re.compile(r"[0-9]{3}")),
    ("sub-area", 9, 12, re.compile(r"[0-9]{3}")),
    # I and O are never used: they look like digits.
    ("parcel-kind", 12, 14, re.compile(r"[GJZ][A-HJ-NP-Z]")),
    ("parcel-number", 14, 19, re.compile(r"[0-9]{5}")),
    ("fixture", 19, 20, re.compile(r"[FLQW]")),
    ("number", 20, 28, re.compile(r"[0-9]{8}")),
)
_NO_FIXTURE = "W"
_NO_DWELLING = "00000000"


def check_unit_code(text: str) -> UnitCode:
    """Read the 28 characters of a real-estate unit code, or refuse.

    There is no check digit. Blanks and hyphens between the groups are forgiven.

    Refuses with ``identifier.unit-length``, or with the first part that is wrong:
    ``identifier.unit-county``, ``-cadastral-area``, ``-sub-area``, ``-parcel-kind``,
    ``-parcel-number``, ``-fixture``, ``-number``; and with ``identifier.unit-not-zero`` where the
    parcel carries nothing (W) but the unit number is not all zeros. Source: GB/T 37346-2019.

    >>> check_unit_code("370105 012002 gb00001 f00010751").building
    '0001'
    """
    code = _normal_spelling(text, separators="-")
    if len(code) != _UNIT_LENGTH:
        raise Refusal("identifier.unit-length", clause=UNIT_STANDARD, length=len(code))
    parts = {}
    for part, first, end, form in _UNIT_PARTS:
        parts[part] = code[first:end]
        if not form.fullmatch(parts[part]):
            raise Refusal(f"identifier.unit-{part}", clause=UNIT_STANDARD, part=parts[part])
    if parts["county"][:2] not in _PROVINCES:
        raise Refusal("identifier.unit-county", clause=UNIT_STANDARD, part=parts["county"])
    if parts["fixture"] == _NO_FIXTURE and parts["number"] != _NO_DWELLING:
        raise Refusal("identifier.unit-not-zero", clause=UNIT_STANDARD, part=parts["number"])
    return UnitCode(
        county=parts["county"],
        cadastral_area=parts["cadastral-area"],
        sub_area=parts["sub-area"],
        parcel_kind=parts["parcel-kind"],
        parcel_number=parts["parcel-number"],
        fixture=parts["fixture"],
        building=parts["number"][:4],
        home=parts["number"][4:],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateNumber:
    """The number of a real-estate certificate (不动产权证书号)."""

    province: str
    """One character: 鲁, 苏, …"""
    year: int
    place: str
    """Full name of the city or county, e.g. 济南市."""
    serial: int
    """Counts from 1 each year in each county."""

    @property
    def text(self) -> str:
        """The number in its normal spelling: half-width brackets, seven digits.

        >>> check_certificate_number("鲁（2019）济南市不动产权第0000001号").text
        '鲁(2019)济南市不动产权第0000001号'
        """
        return f"{self.province}({self.year}){self.place}不动产权第{self.serial:07d}号"


_PROVINCE_LETTERS = frozenset("京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新")
_CERTIFICATE = re.compile(
    r"(?P<province>.)\((?P<year>[0-9]{4})\)(?P<place>[^()]*?)(?P<kind>不动产[^第]*)"
    r"第(?P<serial>[0-9]+)号"
)
_PLACE = re.compile(r"[\u4e00-\u9fff]{2,20}")
_CERTIFICATE_KIND = "不动产权"
_CERTIFICATE_LONGEST = 60
_SERIAL_DIGITS = 7
_FIRST_CERTIFICATE_YEAR = 2015
"""The regulation on unified registration took effect on 2015-03-01."""


def check_certificate_number(text: str) -> CertificateNumber:
    """Read a certificate number such as 鲁(2019)济南市不动产权第0000001号, or refuse.

    Full- and half-width brackets and digits both occur on papers; both are taken.

    Refuses with ``identifier.certificate-form``, ``-province``, ``-year``, ``-place``, ``-kind`` (a
    registration proof, 不动产证明, is no certificate) or ``-serial``.

    >>> check_certificate_number("鲁(2019)济南市不动产权第0000001号").place
    '济南市'
    """
    spelled = _normal_spelling(text, separators="")
    match = _CERTIFICATE.fullmatch(spelled) if len(spelled) <= _CERTIFICATE_LONGEST else None
    if match is None:
        raise Refusal("identifier.certificate-form", clause=CERTIFICATE_RULE)
    if match["province"] not in _PROVINCE_LETTERS:
        raise Refusal(
            "identifier.certificate-province", clause=CERTIFICATE_RULE, province=match["province"]
        )
    year = int(match["year"])
    if year < _FIRST_CERTIFICATE_YEAR:
        raise Refusal("identifier.certificate-year", clause=CERTIFICATE_RULE, year=year)
    if not _PLACE.fullmatch(match["place"]):
        raise Refusal("identifier.certificate-place", clause=CERTIFICATE_RULE, place=match["place"])
    if match["kind"] != _CERTIFICATE_KIND:
        raise Refusal("identifier.certificate-kind", clause=CERTIFICATE_RULE, kind=match["kind"])
    serial = int(match["serial"])
    if len(match["serial"]) != _SERIAL_DIGITS or serial == 0:
        raise Refusal("identifier.certificate-serial", clause=CERTIFICATE_RULE)
    return CertificateNumber(
        province=match["province"], year=year, place=match["place"], serial=serial
    )


def _is_digits(text: str) -> bool:
    """Whether ``text`` is ASCII digits only: str.isdigit alone takes other scripts' digits."""
    return text.isascii() and text.isdigit()
