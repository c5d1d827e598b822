"""The draw of commitments to be checked: bound before chance speaks, recomputed by anybody after.

The same protocol as the draw of homes (``docs/algorithms/draw.md``), with one committer, the
platform, and a public beacon that lies after the freeze: nobody chooses whom to check.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from anju.foundation.core.clock import city_time
from anju.titles.cases.models import CommitmentRecord, SampleRecord
from anju_rules.draws import (
    Draw,
    Line,
    Scheme,
    Terms,
    announce_draw,
    check_ticket,
    commit_secret,
    derive_draw,
    freeze_list,
)
from anju_rules.hashing import digest, encode
from anju_rules.values import Ticket

COMMITTER = "platform"
_STRATUM, _REDRAW = "commitments", "none"


def moment_text(at: datetime) -> str:
    """Give a moment as the protocol spells it: in the city's time, to the second."""
    return city_time(at).isoformat(timespec="seconds")


def ticket_of(commitment_id: UUID) -> Ticket:
    """Give the ticket of a commitment."""
    return check_ticket(commitment_id.hex.upper())


def line_of(kept: CommitmentRecord) -> Line:
    """Give a commitment's line: its ticket, and the digest of what it is about."""
    parts = (kept.case_id.bytes, kept.material.encode(), kept.document_id.bytes)
    return Line(ticket=ticket_of(kept.id), commitment=digest(encode("anju-commitment-1", *parts)))


def terms_of(sample_id: UUID, *, freeze_at: str, beacon_at: str, beacon_rule: str) -> Terms:
    """Give the terms of a sample's draw."""
    return Terms(
        scheme=Scheme.REAL,
        draw_id=ticket_of(sample_id),
        stratum=_STRATUM,
        freeze_at=freeze_at,
        beacon_at=beacon_at,
        beacon_rule=beacon_rule,
        redraw_rule=_REDRAW,
    )


def bind_secret(terms: Terms, *, secret: bytes) -> bytes:
    """Give what binds the platform to its secret."""
    return commit_secret(scheme=terms.scheme, draw_id=terms.draw_id, who=COMMITTER, secret=secret)


def announce_sample(terms: Terms, *, lines: Sequence[Line], bound: bytes) -> bytes:
    """Give the one digest of all that is fixed; refuses as the protocol does."""
    return announce_draw(
        terms=terms,
        frozen=freeze_list(lines),
        disputed=freeze_list(()),
        commitments=[(COMMITTER, bound)],
    )


def draw_from(kept: SampleRecord, *, beacon: Sequence[str], secret: bytes) -> tuple[Ticket, ...]:
    """Draw: the first ``count`` of the order that seed and tickets give.

    Refuses with ``draw.*`` a beacon that is not as announced, or a secret that does not open.
    """
    told = kept.terms
    terms = terms_of(
        kept.id,
        freeze_at=told["freeze_at"],
        beacon_at=told["beacon_at"],
        beacon_rule=told["beacon_rule"],
    )
    result = derive_draw(
        Draw(
            terms=terms,
            lines=tuple(
                Line(ticket=cast("Ticket", ticket), commitment=bytes.fromhex(bound))
                for ticket, bound in kept.lines
            ),
            disputed=(),
            secrets=((COMMITTER, secret),),
            commitments=((COMMITTER, bytes.fromhex(kept.secret_digest)),),
            beacon=tuple(beacon),
        )
    )
    return result.order[: kept.count]
