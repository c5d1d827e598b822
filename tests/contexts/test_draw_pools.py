"""Drawing from a pool: supervisors, representatives and evaluators, less those who stand aside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from anju.foundation.draws.pools import (
    LETTERS,
    OpenedPool,
    PoolMember,
    Recusal,
    open_pool_ceremony,
)
from anju.foundation.draws.queries import draw_bundle, taken_of
from anju.foundation.draws.types import NewTerms
from anju.foundation.ledger.queries import entries_of, read_body
from anju_rules.ceremony import Step, Use
from anju_rules.draws import Scheme, commit_record
from anju_rules.values import Refusal
from tests.support.ceremonies import (
    BEACON_RULE,
    FREEZE_AT,
    OPENED_AT,
    PAST_BEACON_AT,
    Cast,
    Play,
    gather,
)

pytestmark = pytest.mark.usefixtures("database")
BODIES = [PoolMember(code=f"JG-{n:02d}", name=f"第{n}评估中心") for n in range(1, 21)]


def open_pool(
    cast: Cast,
    *,
    use: Use = Use.EVALUATORS,
    pool: Sequence[PoolMember] = BODIES,
    recusals: Sequence[Recusal] = (),
    take: int = 1,
) -> OpenedPool:
    """Open a rehearsal over a pool."""
    return open_pool_ceremony(
        project_id=cast.project_id,
        project_code="YS-2026",
        use=use,
        batch="2026",
        pool=pool,
        recusals=recusals,
        take=take,
        terms=NewTerms(
            freeze_at=FREEZE_AT,
            beacon_at=PAST_BEACON_AT,
            beacon_rule=BEACON_RULE,
            redraw_rule="new-secrets-next-beacon",
        ),
        parties=cast.new_parties(),
        scheme=Scheme.REHEARSAL,
        by=cast.actor("operator", at=OPENED_AT),
        at=OPENED_AT,
    )


@pytest.mark.req("KPI-3", "DRW-1", "CRT-2")
def test_one_of_twenty_bodies_is_drawn_and_who_stands_aside_is_not() -> None:
    cast = gather()
    aside = Recusal(code="JG-07", reason="承担本项目的房屋评估")
    opened = open_pool(cast, recusals=[aside])
    row = opened.ceremony
    assert (row.draws[0].size, row.draws[0].draw_number) == (19, "YS-2026-RE01")
    entry = entries_of(str(row.id))[0]
    told = read_body(event_id=entry.event_id)
    assert told["recusals"] == [["JG-07", "承担本项目的房屋评估"]]
    assert len(told["pool"]) == 20  # type: ignore[arg-type]
    play = Play(cast=cast, row=row, at=OPENED_AT)
    play.play()
    assert play.row.step is Step.LOCKED
    ((_, (drawn,)),) = taken_of(project_id=row.project_id, ceremony_id=row.id)
    receipt = next(one for one in opened.receipts if one.ticket == drawn)
    assert receipt.record["code"] != "JG-07"
    bundle = draw_bundle(project_id=row.project_id, draw_id=row.draws[0].id)
    commitment = commit_record(scheme=Scheme.REHEARSAL, salt=receipt.salt, record=receipt.record)
    assert commitment.hex() in str(bundle)


@pytest.mark.req("ELG-4", "DRW-1")
def test_supervisors_and_representatives_are_drawn_by_the_same_mechanism() -> None:
    cast = gather()
    numbers = []
    for use, size, take in ((Use.VISIT_SUPERVISORS, 6, 2), (Use.REPRESENTATIVES, 9, 3)):
        opened = open_pool(cast, use=use, pool=BODIES[:size], take=take)
        play = Play(cast=cast, row=opened.ceremony, at=OPENED_AT)
        play.play()
        ((_, drawn),) = taken_of(
            project_id=opened.ceremony.project_id, ceremony_id=opened.ceremony.id
        )
        assert len(set(drawn)) == take
        numbers.append(opened.ceremony.draws[0].draw_number)
    assert numbers == ["YS-2026-RS01", "YS-2026-RP01"]
    assert len(set(LETTERS.values())) == len(Use)


REFUSED: dict[str, dict[str, Any]] = {
    "draws.pool-too-small": {"pool": BODIES[:19]},
    "draws.pool-member-twice": {"pool": [*BODIES, BODIES[0]]},
    "draws.pool-member-malformed": {"pool": [*BODIES, PoolMember(code="JG 21", name="名")]},
    "draws.recusal-unknown": {"recusals": [Recusal(code="JG-99", reason="无")]},
    "draws.no-reason": {"recusals": [Recusal(code="JG-01", reason=" ")]},
    "draws.nothing-to-take": {"take": 21},
    "draws.use-has-no-pool": {"use": Use.ORDER},
}


@pytest.mark.req("KPI-3")
def test_a_pool_that_is_not_one_is_refused() -> None:
    cast = gather()
    for code, given in REFUSED.items():
        with pytest.raises(Refusal) as caught:
            open_pool(cast, **given)
        assert caught.value.code == code
