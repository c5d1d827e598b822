"""Commitments checked: the sample nobody could choose, what was found, and what is undone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.casework.laying import lay_action
from anju.foundation.casework.types import NewAction
from anju.foundation.core.crypto import new_id, new_secret
from anju.foundation.core.sealing import open_field, seal_field
from anju.titles.cases.guarding import on_own_page
from anju.titles.cases.laying import lock_title_case
from anju.titles.cases.mapping import commitment_from, sample_from
from anju.titles.cases.models import CommitmentRecord, SampleRecord, TitleCaseRecord
from anju.titles.cases.promises import lay_false_promise
from anju.titles.cases.samples import (
    announce_sample,
    bind_secret,
    draw_from,
    line_of,
    moment_text,
    terms_of,
)
from anju.titles.cases.types import CommitmentRow, SampleRow
from anju.titles.certificates.laying import lay_entry
from anju.titles.certificates.queries import certificate_of_unit
from anju.titles.communities.queries import home_by_id
from anju_rules.certificates.register import Entry
from anju_rules.commitments import CLAUSE
from anju_rules.procedures.states import ActionKind
from anju_rules.values import Refusal

_TABLE, _COLUMN = "titlecases_sample", "secret_sealed"


@operation(
    permits="titles.decide",
    action="titlecases.sample.frozen",
    clauses=(CLAUSE,),
    level=Secrecy.PUBLIC,
)
def freeze_sample(
    *,
    project_id: UUID,
    count: int,
    beacon_rule: str,
    beacon_at: datetime,
    by: Actor,
    at: datetime,
) -> SampleRow:
    """Fix which commitments of a community are drawn from, how many, and which chance decides.

    The beacon lies in the future, and the platform is bound to a secret that it opens with it.
    Refuses with ``titlecases.sample-size``, ``titlecases.sample-open`` (one is not drawn yet) and
    ``draw.*`` as the protocol does.
    """
    SampleRecord.objects.filter(project_id=project_id).select_for_update().first()
    if SampleRecord.objects.filter(project_id=project_id, drawn_at=None).exists():
        raise Refusal("titlecases.sample-open")
    lines = sorted(
        (
            line_of(one)
            for one in CommitmentRecord.objects.filter(project_id=project_id, state="unchecked")
        ),
        key=lambda line: line.ticket,
    )
    if not 1 <= count <= len(lines):
        raise Refusal("titlecases.sample-size", count=count, commitments=len(lines))
    sample_id, secret = new_id(), new_secret()
    terms = terms_of(
        sample_id,
        freeze_at=moment_text(at),
        beacon_at=moment_text(beacon_at),
        beacon_rule=beacon_rule,
    )
    bound = bind_secret(terms, secret=secret)
    announcement = announce_sample(terms, lines=lines, bound=bound)
    kept = SampleRecord(
        project_id=project_id,
        id=sample_id,
        count=count,
        lines=[[line.ticket, line.commitment.hex()] for line in lines],
        terms={
            "freeze_at": terms.freeze_at,
            "beacon_at": terms.beacon_at,
            "beacon_rule": terms.beacon_rule,
        },
        announcement=announcement.hex(),
        secret_digest=bound.hex(),
        secret_sealed=seal_field(
            subject_id=project_id,
            table=_TABLE,
            row_id=sample_id,
            column=_COLUMN,
            text=secret.hex(),
        ),
        frozen_by=by.id,
        frozen_at=at,
    )
    kept.save(force_insert=True)
    record(
        target=sample_id,
        project_id=project_id,
        body={
            "announcement": kept.announcement,
            "secret_digest": kept.secret_digest,
            "count": count,
            "of": len(lines),
            **kept.terms,
        },
    )
    return sample_from(kept)


@operation(
    permits="titles.decide",
    action="titlecases.sample.drawn",
    clauses=(CLAUSE,),
    signs=2,
    level=Secrecy.PUBLIC,
)
def draw_sample(
    *,
    project_id: UUID,
    sample_id: UUID,
    beacon: Sequence[str],
    by: Actor,
    second: Actor,
    at: datetime,
) -> SampleRow:
    """Enter the beacon, open the secret, and draw; two people sign for the beacon.

    Refuses with ``titlecases.unknown-sample``, ``titlecases.drawn-already``,
    ``titlecases.too-early`` and ``draw.*`` as the protocol does.
    """
    del by, second
    kept = (
        SampleRecord.objects.select_for_update(no_key=True)
        .filter(project_id=project_id, id=sample_id)
        .first()
    )
    if kept is None:
        raise Refusal("titlecases.unknown-sample")
    if kept.drawn_at is not None:
        raise Refusal("titlecases.drawn-already")
    if moment_text(at) < kept.terms["beacon_at"]:
        raise Refusal("titlecases.too-early", beacon_at=kept.terms["beacon_at"])
    secret = open_field(
        subject_id=project_id,
        table=_TABLE,
        row_id=sample_id,
        column=_COLUMN,
        sealed=bytes(kept.secret_sealed),
    )
    drawn = draw_from(kept, beacon=beacon, secret=bytes.fromhex(secret))
    kept.beacon, kept.secret, kept.drawn, kept.drawn_at = list(beacon), secret, list(drawn), at
    kept.save(force_update=True)
    CommitmentRecord.objects.filter(
        project_id=project_id, id__in=[UUID(ticket) for ticket in drawn], state="unchecked"
    ).update(state="drawn", sample_id=sample_id)
    record(
        target=sample_id,
        project_id=project_id,
        body={"beacon": list(beacon), "secret": secret, "drawn": list(drawn)},
    )
    return sample_from(kept)


@operation(
    permits="titles.decide",
    action="titlecases.commitment.checked",
    clauses=(CLAUSE,),
    signs=2,
    level=Secrecy.INTERNAL,
)
def check_commitment(
    *,
    project_id: UUID,
    commitment_id: UUID,
    is_true: bool,
    finding: str,
    by: Actor,
    second: Actor,
    at: datetime,
) -> CommitmentRow:
    """Enter what a check of a commitment found, drawn or on a tip-off; two people sign.

    A false one is kept against everybody who signed it: their next commitment is refused. A title
    that rests on it is undone, and a case that is open is approved no more. Refuses with
    ``titlecases.unknown-commitment``, ``titlecases.checked-already`` and
    ``titlecases.reason-missing``.
    """
    found = (
        CommitmentRecord.objects.select_for_update(no_key=True)
        .filter(project_id=project_id, id=commitment_id)
        .first()
    )
    if found is None:
        raise Refusal("titlecases.unknown-commitment")
    if found.state in ("true", "false"):
        raise Refusal("titlecases.checked-already")
    if not finding.strip():
        raise Refusal("titlecases.reason-missing")
    found.state = "true" if is_true else "false"
    found.checked_at, found.checked_by, found.finding = at, by.id, finding.strip()
    found.save(force_update=True)
    kept = lock_title_case(project_id=project_id, case_id=found.case_id)
    is_undone = not is_true and kept.standing == "done"
    if not is_true:
        lay_false_promise(kept, commitment_id=commitment_id, at=at)
    receipt = record(
        target=commitment_id,
        project_id=project_id,
        household_id=found.household_id,
        body={
            "case": str(found.case_id),
            "is_true": is_true,
            "finding": found.finding,
            "undone": is_undone,
        },
    )
    if is_undone:
        _undo(kept, found, event_id=receipt.event_id, by=by, second=second, at=at)
    return commitment_from(found)


def _undo(
    kept: TitleCaseRecord,
    found: CommitmentRecord,
    *,
    event_id: UUID,
    by: Actor,
    second: Actor,
    at: datetime,
) -> None:
    """Take the title back, and its certificate out of force for ever."""
    act = NewAction(kind=ActionKind.REVOKE, clauses=(CLAUSE,), why=f"承诺不实：{found.finding}")
    with on_own_page():
        lay_action(
            project_id=kept.project_id, case_id=kept.id, act=act, by=by, second=second, at=at
        )
    if kept.home_id is None:
        return
    home = home_by_id(project_id=kept.project_id, home_id=kept.home_id)
    issued = certificate_of_unit(project_id=kept.project_id, unit_code=home.unit_code)
    if issued is not None and issued.case_id == kept.id:
        lay_entry(
            project_id=kept.project_id,
            certificate_id=issued.id,
            kind=Entry.REVOKE,
            clause=CLAUSE,
            reason=act.why,
            event_id=event_id,
            by=by,
            second=second,
            at=at,
        )
