"""Rows of partners into frozen rows, and into what the rules judge."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import cast

from anju.titles.partners.models import (
    BasisRecord,
    DemandRecord,
    DutyRecord,
    GuaranteeRecord,
    PartyRecord,
    RatingRecord,
    RestrictionRecord,
    StarRecord,
)
from anju.titles.partners.types import (
    BasisRow,
    DemandRow,
    DutyRow,
    PartyKind,
    PartyRow,
    RatingRow,
    RatingWords,
    RestrictionRow,
    StarRow,
)
from anju_rules.partners.bases import Act, LegalBasis, Rank, judge_basis
from anju_rules.partners.duties import Duty, DutyLine, judge_duty
from anju_rules.partners.securities import Demand, Form, Security, judge_security
from anju_rules.partners.stars import FactKind
from anju_rules.policy.types import Certainty
from anju_rules.ratings import Level
from anju_rules.shares import Share
from anju_rules.values import Fen

COMMENTS = "partners_comment"
WORDS = "words_sealed"


def party_from(record: PartyRecord) -> PartyRow:
    """Give a company's row."""
    return PartyRow(
        id=record.id,
        kind=cast("PartyKind", record.kind),
        name=record.name,
        credit_code=record.credit_code,
        registered_at=record.registered_at,
    )


def basis_from(record: BasisRecord) -> BasisRow:
    """Give a basis's row."""
    return BasisRow(
        id=record.id,
        basis=LegalBasis(
            act=Act(record.act),
            rank=Rank(record.rank),
            clause=record.clause,
            source=record.source,
            certainty=cast("Certainty", record.certainty),
            from_on=record.from_on,
            until_on=record.until_on,
            withdrawn_on=record.withdrawn_on,
        ),
        why_withdrawn=record.why_withdrawn,
        recorded_at=record.recorded_at,
    )


def duty_from(record: DutyRecord, *, lines: Sequence[DutyLine], on: date) -> DutyRow:
    """Give a duty's row as it stands on a day."""
    duty = Duty(
        accepted_on=record.accepted_on,
        handed_over_on=record.handed_over_on,
        registered_on=record.registered_on,
    )
    return DutyRow(
        id=record.id,
        project_id=record.project_id,
        party_id=record.party_id,
        building=record.building,
        duty=duty,
        standing=judge_duty(duty=duty, lines=lines, on=on),
    )


def demand_of(record: DemandRecord) -> Demand:
    """Give a demand as the rules see it: every form is taken."""
    return Demand(
        amount_fen=Fen(record.amount_fen),
        forms=frozenset(Form),
        covers_until=record.covers_until,
    )


def security_from(record: GuaranteeRecord) -> Security:
    """Give what was given."""
    return Security(
        form=Form(record.form),
        amount_fen=Fen(record.amount_fen),
        given_on=record.given_on,
        valid_until=record.valid_until,
        issuer=record.issuer,
        number=record.number,
    )


def demand_from(
    record: DemandRecord, *, basis: BasisRow, given: Iterable[GuaranteeRecord], on: date
) -> DemandRow:
    """Give a demand's row, judged on a day."""
    demand = demand_of(record)
    securities = tuple(security_from(one) for one in given)
    return DemandRow(
        id=record.id,
        project_id=record.project_id,
        party_id=record.party_id,
        basis=basis,
        demand=demand,
        given=securities,
        verdict=judge_security(demand=demand, given=securities),
        basis_verdict=judge_basis(act=Act.SECURITY, basis=basis.basis, on=on),
        demanded_at=record.demanded_at,
        released_at=record.released_at,
    )


def restriction_from(record: RestrictionRecord, *, basis: BasisRow, on: date) -> RestrictionRow:
    """Give a restriction's row; one whose basis no longer holds is in force no longer."""
    holds = judge_basis(act=Act.RESTRICTION, basis=basis.basis, on=on).met
    return RestrictionRow(
        id=record.id,
        party_id=record.party_id,
        basis=basis,
        reason=record.reason,
        from_on=record.from_on,
        until_on=record.until_on,
        lifted_on=record.lifted_on,
        why_lifted=record.why_lifted,
        event_id=record.event_id,
        is_in_force=holds
        and record.from_on <= on <= record.until_on
        and (record.lifted_on is None or on < record.lifted_on),
    )


def star_from(record: StarRecord) -> StarRow:
    """Give the row of a manager's stars."""
    return StarRow(
        party_id=record.party_id,
        quarter=record.quarter,
        stars=record.stars,
        tenths=record.tenths,
        counts={FactKind(kind): Share(*told) for kind, told in record.counts.items()},
        formula=record.formula,
        event_id=record.event_id,
    )


def rating_from(record: RatingRecord, *, is_left_out: bool, is_case_open: bool) -> RatingRow:
    """Give a rating's row; what became of its case is casework's to say."""
    return RatingRow(
        id=record.id,
        project_id=record.project_id,
        service_id=record.service_id,
        level=Level(record.level),
        matter=record.matter,
        office=record.office,
        officer_id=record.officer_id,
        channel=record.channel,
        wants_visit=record.wants_visit,
        case_id=record.case_id,
        is_left_out=is_left_out,
        is_case_open=is_case_open,
        given_at=record.given_at,
    )


def told_words(words: RatingWords) -> str:
    """Write down what is sealed."""
    return json.dumps({"comment": words.comment, "contact": words.contact}, ensure_ascii=False)


def words_from(text: str) -> RatingWords:
    """Read what was sealed; nothing, once erased."""
    told = json.loads(text) if text else {}
    return RatingWords(comment=told.get("comment", ""), contact=told.get("contact", ""))
