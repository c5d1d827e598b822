"""Certificates as people hold them: the signed paper, the file, and the page that checks both."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import reverse

from anju.foundation.core.words import say
from anju.titles.certificates.checking import tell_pins, write_page
from anju.titles.certificates.papers import ATTACHMENT, read_paper_key, sign_paper
from anju.titles.certificates.queries import CODE_DIGITS, issuer_keys
from anju.web.papers import code_image, set_paper
from anju.web.public.saying import say_moment
from anju_rules.certificates.content import CertificateContent, read_content
from anju_rules.certificates.handing import HandedOver, show_handed_over
from anju_rules.certificates.judging import LABELS
from anju_rules.certificates.register import Entry, Status
from anju_rules.hashing import canonical
from anju_rules.values import Refusal

STATUSES: Mapping[Status, str] = {
    Status.IN_FORCE: "有效",
    Status.LIMITED: "有效，有限制",
    Status.SUSPENDED: "暂停",
    Status.REVOKED: "已撤销",
    Status.REPLACED: "已被取代",
}
"""How a certificate stands, in a word."""
ENTRIES: Mapping[Entry, str] = {
    Entry.ISSUE: "发证",
    Entry.SUSPEND: "暂停",
    Entry.RESUME: "恢复",
    Entry.LIMIT: "房屋上有了限制",
    Entry.RELEASE: "限制解除",
    Entry.REVOKE: "撤销",
    Entry.REPLACE: "被取代",
}
"""What is entered, in a word."""
_OWNED = {"sole": "单独所有", "joint": "共同共有", "shares": "按份共有"}
_REGISTRATIONS = {
    100: "首次登记",
    200: "转移登记",
    300: "变更登记",
    400: "注销登记",
    500: "更正登记",
    600: "异议登记",
    700: "预告登记",
    800: "查封登记",
}


def say_content(content: CertificateContent) -> list[tuple[str, str]]:
    """Say what a certificate says, line by line, as its paper has it."""
    holders = "；".join(
        " ".join(
            part
            for part in (
                one.name,
                one.masked_number,
                f"份额 {one.share}" if one.share is not None else "",
            )
            if part
        )
        for one in content.holders
    )
    lines = [
        ("权利人", holders),
        ("共有情况", _OWNED[content.ownership.value]),
        ("坐落", content.location),
        ("不动产单元号", content.unit.shown),
        ("权利类型", content.right),
        ("登记类型", _REGISTRATIONS[int(content.registration)]),
        ("用途", content.use),
        ("面积", f"房屋建筑面积 {content.area_sqm:f} ㎡"),
        ("使用期限", f"土地使用权至 {_say_day(content.land_until)}" if content.land_until else ""),
        ("登记日期", _say_day(content.registered_on)),
        ("取代的证书", content.replaces),
        ("附记", content.notes),
    ]
    return [(title, words) for title, words in lines if words]


def _say_day(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def check_address(*, certificate_id: UUID, digest: str, host: str) -> str:
    """Give the address in a certificate's code: a random id, and beside it what to compare."""
    page = reverse("certificate-check", kwargs={"certificate_id": certificate_id})
    return f"{host}{page}#{digest[:CODE_DIGITS]}"


def say_code(digest: str) -> str:
    """Say the digits that a reader types off the paper, in fours."""
    return " ".join(digest[start : start + 4] for start in range(0, CODE_DIGITS, 4))


def print_certificate(
    handed: HandedOver, *, certificate_id: UUID, host: str, at: datetime
) -> bytes:
    """Print a certificate as PDF/A-3 with its data attached, signed; for its holder."""
    from weasyprint import Attachment  # noqa: PLC0415  a second that only who prints should wait

    content = read_content(handed.file.record)
    address = check_address(certificate_id=certificate_id, digest=content.digest, host=host)
    facts = {
        "number": content.number.text,
        "authority": content.authority_name,
        "lines": say_content(content),
        "labels": [say(code, {}) for code, _ in LABELS],
        "address": address,
        "code": code_image(address),
        "typed": say_code(content.digest),
        "digest": content.digest,
        "signature": handed.file.signature.hex(),
        "issued": _say_day(content.registered_on),
        "printed": say_moment(at),
    }
    data = Attachment(
        string=canonical(show_handed_over(handed)).decode(),
        name=ATTACHMENT,
        description="不动产权证书的结构化数据、签名和存证",
        relationship="Data",
    )
    paper = set_paper(
        "parts/certificate_sheet.html",
        facts,
        pdf_variant="pdf/a-3b",
        attachments=[data],
        finisher=_name_attachment_once,
    )
    key = read_paper_key(Path(settings.HOME), at=at)
    return sign_paper(paper, key=key, name=content.authority_name)


def _name_attachment_once(_document: object, pdf: Any) -> None:  # noqa: ANN401 - no types there
    """Name the attachment once among those of the whole paper; the library names it twice."""
    associated = pdf.catalog["AF"]
    once = list(dict.fromkeys(associated))
    associated[:] = once


def verifier_page(*, at: datetime) -> bytes:
    """Give the page that checks certificates offline; refuses ``certificates.page-not-whole``."""
    scripts = [finders.find(f"vendor/{name}") for name in ("sm2.js", "sm3.js")]
    if not all(scripts):
        raise Refusal("certificates.page-not-whole")
    sm2, sm3 = (_read(str(script)) for script in scripts)
    return write_page(public_keys(at=at), sm2=sm2, sm3=sm3)


def public_keys(*, at: datetime) -> dict[str, object]:
    """Give the public keys that certificates are checked with."""
    return tell_pins(issuers=issuer_keys(), home=Path(settings.HOME), at=at)


@lru_cache(maxsize=4)
def _read(file: str) -> str:
    return Path(file).read_text(encoding="utf-8")
