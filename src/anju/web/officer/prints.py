"""What is printed of a ceremony: the announcement, and each committer's sheet (A4, PDF).

Pages are HTML set by WeasyPrint with the machine's own Chinese fonts; nothing is fetched.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from anju.foundation.draws.types import CeremonyRow, DrawRow, PartyRow
from anju.foundation.draws.verifiers import verifier_digests
from anju.resettlement.projects.types import ProjectRow
from anju.web.officer.ceremony_cards import DEVICE_PAGE, CardKind, card_text
from anju.web.officer.ceremony_words import beacon_asks
from anju.web.papers import code_image, set_paper
from anju.web.public.ceremonies import say_counting
from anju.web.public.draw_words import say_party, say_use
from anju_rules.hashing import digest


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedCommitment:
    """A commitment on paper: whose, its digits, the digits that check them, and its code."""

    party: str
    who: str
    commitment: str
    check: str
    code: str
    """A QR code as a data address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedDraw:
    """One draw on paper."""

    draw: DrawRow
    commitments: tuple[PrintedCommitment, ...]
    code: str


def print_announcement(*, project: ProjectRow, ceremony: CeremonyRow, host: str) -> bytes:
    """Print the announcement: everything that is fixed before chance speaks, on A4.

    ``host`` begins the addresses in its codes, ``https://…``. The bytes are a PDF.
    """
    event_id = ceremony.announced_event_id
    proof = f"{host}{reverse('proof', kwargs={'event_id': event_id})}" if event_id else ""
    facts = {
        "project": project,
        "ceremony": ceremony,
        "title": say_use(ceremony.use, batch=ceremony.batch, stratum=""),
        "counting": say_counting(ceremony),
        "parties": [say_party(row.who, row.party) for row in ceremony.parties],
        "beacon": beacon_asks(ceremony.beacon_rule),
        "draws": [
            PrintedDraw(
                draw=draw,
                commitments=_commitments(ceremony, draw),
                code=code_image(_draw_address(host, project, draw)),
            )
            for draw in ceremony.draws
        ],
        "verifiers": sorted(verifier_digests().items()),
        "proof": proof,
        "proof_code": code_image(proof) if proof else "",
    }
    return set_paper("officer/ceremony/print_announcement.html", facts)


def print_card(*, project: ProjectRow, ceremony: CeremonyRow, party: PartyRow) -> bytes:
    """Print one committer's sheet: what to copy to the offline device, then its commitments."""
    facts = {
        "project": project,
        "ceremony": ceremony,
        "title": say_use(ceremony.use, batch=ceremony.batch, stratum=""),
        "counting": say_counting(ceremony),
        "party": say_party(party.who, party.party),
        "who": party.who,
        "device_digest": digest(DEVICE_PAGE.read_bytes()).hex(),
        "throws": range(10),
        "draws": [
            PrintedDraw(
                draw=draw,
                commitments=tuple(
                    row for row in _commitments(ceremony, draw) if row.who == party.who
                ),
                code="",
            )
            for draw in ceremony.draws
        ],
    }
    return set_paper("officer/ceremony/print_card.html", facts)


def _commitments(ceremony: CeremonyRow, draw: DrawRow) -> tuple[PrintedCommitment, ...]:
    parties = {row.who: row.party for row in ceremony.parties}
    rows = []
    for row in draw.commitments:
        check, code = _marks(ceremony, draw, who=row.who, commitment=row.commitment)
        rows.append(
            PrintedCommitment(
                party=say_party(row.who, parties[row.who]),
                who=row.who,
                commitment=row.commitment,
                check=check,
                code=code_image(code),
            )
        )
    return tuple(rows)


def _marks(ceremony: CeremonyRow, draw: DrawRow, *, who: str, commitment: str) -> tuple[str, str]:
    """Give the digits that check a commitment, and what its QR code says."""
    text = card_text(
        kind=CardKind.COMMITMENT,
        scheme=ceremony.scheme.value,
        draw_number=draw.draw_number,
        who=who,
        value=commitment,
    )
    return text.rpartition(" ")[2], text


def _draw_address(host: str, project: ProjectRow, draw: DrawRow) -> str:
    parts = {"code": project.code, "draw_number": draw.draw_number}
    return f"{host}{reverse('draw-live', kwargs=parts)}"
