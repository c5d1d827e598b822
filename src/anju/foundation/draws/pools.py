"""Drawing from a pool: bodies and officers by name, less those who must stand aside.

The supervisors who go on home visits (ELG-4), the households' representatives, the body that
evaluates (KPI-3). It is the same ceremony and the same bundle as any other draw (DRW-1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_salt
from anju.foundation.draws.finished import count_draws
from anju.foundation.draws.operations.opening import lay_out_ceremony, opening_told
from anju.foundation.draws.types import CeremonyRow, NewLine, NewList, NewParty, NewTerms
from anju_rules.ceremony import Use
from anju_rules.draws import Scheme, check_ticket, commit_record
from anju_rules.hashing import digest, encode
from anju_rules.values import Refusal, Ticket

LETTERS: Mapping[Use, str] = MappingProxyType(
    {
        Use.ORDER: "D",
        Use.VISIT_SAMPLE: "V",
        Use.VISIT_SUPERVISORS: "S",
        Use.REPRESENTATIVES: "P",
        Use.EVALUATORS: "E",
    }
)
"""What a draw's number begins with after the project's code; R before it marks a rehearsal."""
LEAST: Mapping[Use, int] = MappingProxyType({Use.EVALUATORS: 20})
"""How many a pool holds at least before anybody stands aside (KPI-3)."""
STRATA: Mapping[Use, str] = MappingProxyType(
    {
        Use.VISIT_SAMPLE: "入户抽查",
        Use.VISIT_SUPERVISORS: "入户监督员",
        Use.REPRESENTATIVES: "被征收人代表",
        Use.EVALUATORS: "评估机构",
    }
)
"""The one list of a draw that has no strata, by the name that pages show."""
_CODE = re.compile(r"[A-Za-z0-9-]{1,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolMember:
    """A body or an officer that may be drawn."""

    code: str
    """A stable word of its own: a body's registered number, an officer's staff number."""
    name: str
    """As the pages show it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recusal:
    """Who stands aside, and why; published with the pool."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolReceipt:
    """What a member takes away: with it anyone checks that it stood in the list."""

    ticket: Ticket
    salt: bytes = field(repr=False)
    record: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedPool:
    """A pool's ceremony, and the receipts of those in it."""

    ceremony: CeremonyRow
    receipts: tuple[PoolReceipt, ...]


def next_draw_number(*, project_id: UUID, project_code: str, use: Use, scheme: Scheme) -> str:
    """Give the number of a project's next draw of a use, e.g. ``YS-2026-E01``."""
    letter = ("" if scheme is Scheme.REAL else "R") + LETTERS[use]
    return f"{project_code}-{letter}{count_draws(project_id=project_id, letter=letter) + 1:02d}"


@operation(
    permits="draws.open",
    action="draws.ceremony.opened",
    clauses=("plan/draw",),
    level=Secrecy.PUBLIC,
)
def open_pool_ceremony(
    *,
    project_id: UUID,
    project_code: str,
    use: Use,
    batch: str,
    pool: Sequence[PoolMember],
    take: int,
    terms: NewTerms,
    parties: Sequence[NewParty],
    by: Actor,  # noqa: ARG001 - the gate reads it
    at: datetime,
    recusals: Sequence[Recusal] = (),
    scheme: Scheme = Scheme.REAL,
) -> OpenedPool:
    """Open a draw of ``take`` out of a pool, less those who stand aside.

    Tickets are numbered in the order of the salts' digests, so that a ticket says nothing of its
    holder. Pool and recusals stand in the ledger with their reasons. Refuses with
    ``draws.pool-too-small``, ``draws.pool-member-twice``, ``draws.pool-member-malformed``,
    ``draws.recusal-unknown``, ``draws.no-reason``, ``draws.nothing-to-take`` (more than are left),
    and like :func:`~anju.foundation.draws.operations.opening.lay_out_ceremony`.
    """
    left = _stand_aside(use, pool, recusals)
    if not 1 <= take <= len(left):
        raise Refusal("draws.nothing-to-take")
    number = next_draw_number(
        project_id=project_id, project_code=project_code, use=use, scheme=scheme
    )
    receipts = _enter(left, number=number)
    names = {member.code: member.name for member in left}
    row = lay_out_ceremony(
        project_id=project_id,
        use=use,
        batch=batch,
        scheme=scheme,
        terms=terms,
        parties=parties,
        lists=[
            NewList(
                stratum=STRATA[use],
                lines=tuple(
                    NewLine(
                        ticket=one.ticket,
                        commitment=commit_record(scheme=scheme, salt=one.salt, record=one.record),
                        masked_name=names[str(one.record["code"])],
                        street="",
                    )
                    for one in receipts
                ),
            )
        ],
        take=take,
        draw_numbers=[number],
        at=at,
    )
    record(
        target=row.id,
        project_id=project_id,
        body={
            **opening_told(row),
            "pool": [[member.code, member.name] for member in pool],
            "recusals": [[one.code, one.reason] for one in recusals],
        },
    )
    return OpenedPool(ceremony=row, receipts=receipts)


def _stand_aside(
    use: Use, pool: Sequence[PoolMember], recusals: Sequence[Recusal]
) -> list[PoolMember]:
    if use not in STRATA or use is Use.VISIT_SAMPLE:
        raise Refusal("draws.use-has-no-pool", use=str(use))
    codes = [member.code for member in pool]
    for member in pool:
        if _CODE.fullmatch(member.code) is None or not member.name.strip():
            raise Refusal("draws.pool-member-malformed", member=member.code[:40])
        if codes.count(member.code) > 1:
            raise Refusal("draws.pool-member-twice", member=member.code)
    least = LEAST.get(use, 1)
    if len(pool) < least:
        raise Refusal("draws.pool-too-small", least=least, found=len(pool))
    for one in recusals:
        if one.code not in codes:
            raise Refusal("draws.recusal-unknown", member=one.code[:40])
        if not one.reason.strip():
            raise Refusal("draws.no-reason")
    aside = {one.code for one in recusals}
    return [member for member in pool if member.code not in aside]


def _enter(members: Sequence[PoolMember], *, number: str) -> tuple[PoolReceipt, ...]:
    salted = [(new_salt(), member) for member in members]
    salted.sort(key=lambda pair: digest(encode("anju-ticket", pair[0])))
    return tuple(
        PoolReceipt(
            ticket=check_ticket(f"{number}-{place:03d}"),
            salt=salt,
            record={"code": member.code, "name": member.name},
        )
        for place, (salt, member) in enumerate(salted, start=1)
    )
