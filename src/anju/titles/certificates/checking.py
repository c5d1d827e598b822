"""Checking certificates away from the register: the keys to believe, and the page that does it.

Keys are told to a verifier once, on paper or by a file kept from before; never by the certificate.
Nothing here asks a database.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from anju.foundation.core.crypto import point_of_certificate
from anju.foundation.ledger.keys import is_signed, read_log_key
from anju.titles.certificates.keys import is_held
from anju.titles.certificates.papers import MOST_PAPER_BYTES, read_paper, read_paper_key
from anju_rules.certificates.handing import judge_handed_over, read_handed_over, read_state
from anju_rules.certificates.judging import CertificateVerdict, IssuerKey
from anju_rules.notes import KeyKind, NoteKey
from anju_rules.values import Refusal

PINS_FORMAT = "anju-certificate-keys-1"
_PAGE = Path(__file__).with_name("standalone") / "verify_certificate.html"
_PDF = b"%PDF-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """The keys that a verifier believes."""

    issuers: tuple[IssuerKey, ...]
    log: NoteKey
    papers: tuple[bytes, ...]
    """X.509, DER."""


def tell_pins(*, issuers: Iterable[IssuerKey], home: Path, at: datetime) -> dict[str, object]:
    """Tell the keys of this installation as a verifier keeps them; all public.

    ``issuers``: the registries' keys, :func:`~anju.titles.certificates.queries.issuer_keys`.
    """
    log = read_log_key(home).public_keys[0]
    paper = read_paper_key(home, at=at).certificate
    return {
        "format": PINS_FORMAT,
        "issuers": [
            {
                "public": one.public.hex(),
                "authority": one.authority,
                "name": one.name,
                "county": one.county,
                "from_on": one.from_on.isoformat(),
                "until_on": one.until_on.isoformat() if one.until_on else "",
            }
            for one in issuers
        ],
        "log": {"name": log.name, "id": log.key_id.hex(), "public": log.public.hex()},
        "papers": [point_of_certificate(paper).hex()],
        "paper_certificates": [paper.hex()],
    }


def read_pins(told: object) -> Pins:
    """Read the keys that a verifier kept; refuses with ``certificates.keys-malformed``."""
    try:
        if not isinstance(told, Mapping) or told["format"] != PINS_FORMAT:
            raise TypeError
        log = NoteKey(told["log"]["name"], KeyKind.SM2, bytes.fromhex(told["log"]["public"]))
        return Pins(
            issuers=tuple(_issuer(one) for one in told["issuers"]),
            log=log,
            papers=tuple(bytes.fromhex(one) for one in told["paper_certificates"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Refusal("certificates.keys-malformed") from error


def judge_file(
    content: bytes, *, pins: Pins, at: datetime, state: bytes | None = None
) -> CertificateVerdict:
    """Answer the three questions of a file, PDF or JSON, by the pinned keys alone.

    ``state``: a word of the register that came beside the file's own.
    Refuses with ``certificates.not-a-certificate-file`` and ``certificates.state-malformed``.
    """
    is_untouched = None
    if content.startswith(_PDF):
        paper = read_paper(content, pinned=list(pins.papers))
        told, is_untouched = paper.told, paper.is_untouched
    else:
        told = _load(content, "certificates.not-a-certificate-file")
    handed = read_handed_over(told)
    beside = None
    if state is not None:
        beside = read_state(_load(state, "certificates.state-malformed"))
    return judge_handed_over(
        handed,
        keys=pins.issuers,
        holds=is_held,
        log_key=pins.log,
        is_log_signed=is_signed,
        at=at,
        is_paper_untouched=is_untouched,
        beside=beside,
    )


def write_page(pins: Mapping[str, object], *, sm2: str, sm3: str) -> bytes:
    """Write the one page that checks certificates offline: the keys and the cryptography inside.

    ``sm2`` and ``sm3`` are the scripts of the library; refuses with
    ``certificates.page-not-whole`` scripts that would end the page's own.
    """
    told = json.dumps(pins, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")
    page = _PAGE.read_text(encoding="utf-8")
    for mark, script in (("/*sm3*/", sm3), ("/*sm2*/", sm2), ("/*pins*/null", told)):
        if "</script" in script.lower() or page.count(mark) != 1:
            raise Refusal("certificates.page-not-whole")
        page = page.replace(mark, script)
    return page.encode()


def _load(content: bytes, code: str) -> object:
    if len(content) > MOST_PAPER_BYTES:
        raise Refusal(code)
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Refusal(code) from error


def _issuer(told: Mapping[str, Any]) -> IssuerKey:
    until = told["until_on"]
    return IssuerKey(
        public=bytes.fromhex(told["public"]),
        authority=str(told["authority"]),
        name=str(told["name"]),
        county=str(told["county"]),
        from_on=date.fromisoformat(told["from_on"]),
        until_on=date.fromisoformat(until) if until else None,
    )
