"""Correcting what one household was scored on: one proposes, with evidence; another signs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id
from anju.foundation.documents.queries import documents_of
from anju.foundation.documents.types import OwnerKind
from anju.foundation.draws.queries import ceremonies_of
from anju.foundation.policies.types import RuleSetRow
from anju.resettlement.households.facts import facts_from, told_facts
from anju.resettlement.households.operations import correct_facts
from anju.resettlement.households.queries import household_by_id
from anju.resettlement.households.tables import read_fact
from anju.resettlement.households.types import HouseholdRow
from anju.resettlement.projects.operations import lock_register
from anju.resettlement.projects.queries import project_by_id
from anju.resettlement.scoring.mapping import correction_from, seal_reason, told_lines
from anju.resettlement.scoring.models import CorrectionRecord, SheetRecord
from anju.resettlement.scoring.operations.runs import keep_run
from anju.resettlement.scoring.previews import Recomputed, recompute, scored_by
from anju.resettlement.scoring.queries import objections_upheld
from anju.resettlement.scoring.types import CorrectionRow, CorrectionState
from anju_rules.ceremony import Step, Use, has_reached
from anju_rules.values import Fact, Refusal

_LONGEST_SHOWN = 64


@operation(
    permits="scoring.correct",
    action="scoring.correction.proposed",
    clauses=("plan/scoring",),
    level=Secrecy.INTERNAL,
)
def propose_correction(
    *,
    project_id: UUID,
    household_id: UUID,
    facts: Mapping[str, str],
    reason: str,
    by: Actor,
    at: datetime,
    document_ids: Collection[UUID] = (),
    case_id: UUID | None = None,
) -> CorrectionRow:
    """Propose what a household's facts should have been; nothing changes until another signs.

    ``facts`` as people write them, read as the register's table would be; ``document_ids`` show
    them, among the household's documents or those of the objection ``case_id``. Refuses with
    ``scoring.reason-missing``, ``scoring.evidence-missing``, ``scoring.unknown-fact``,
    ``scoring.nothing-corrected``, ``scoring.correction-open`` (one at a time for a household),
    ``scoring.objection-needed`` (once a draw rests on the scores),
    ``scoring.objection-not-upheld``, ``scoring.objection-used``, ``scoring.draw-known``, and as
    :func:`~.previews.recompute` does.
    """
    lock_register(project_id=project_id)
    _require_correctable(project_id=project_id, household_id=household_id, case_id=case_id)
    if not reason.strip():
        raise Refusal("scoring.reason-missing")
    _require_evidence(
        project_id=project_id,
        owners=[("household", household_id), ("case", case_id)],
        document_ids=document_ids,
    )
    household = household_by_id(project_id=project_id, household_id=household_id)
    corrected = _read_facts(household, facts, rule_set=scored_by(project_id=project_id))
    mine = CorrectionRecord.objects.filter(project_id=project_id, household_id=household_id)
    if mine.filter(state=CorrectionState.PROPOSED).exists():
        raise Refusal("scoring.correction-open", household=household.number)
    found = recompute(household=household, facts=corrected)
    kept = CorrectionRecord(
        project_id=project_id,
        id=new_id(),
        household_id=household_id,
        state=CorrectionState.PROPOSED.value,
        facts_before=_facts_now(household, corrected),
        facts_after=told_facts(corrected),
        total_before=found.before.total,
        total_after=found.after.total,
        document_ids=[str(one) for one in document_ids],
        case_id=case_id,
        proposed_by=by.id,
        proposed_role=by.role,
        proposed_at=at,
    )
    kept.reason_sealed = seal_reason(kept, column="reason_sealed", text=reason.strip())
    kept.save(force_insert=True)
    record(
        target=kept.id,
        project_id=project_id,
        household_id=household_id,
        body={**_told(kept), "reason": reason.strip(), "documents": kept.document_ids},
    )
    return correction_from(kept, household=household)


@operation(
    permits="scoring.countersign",
    action="scoring.household.corrected",
    clauses=("plan/scoring",),
    level=Secrecy.INTERNAL,
    steps_up=True,
)
def sign_correction(
    *, project_id: UUID, correction_id: UUID, seen: str, by: Actor, at: datetime
) -> CorrectionRow:
    """Sign a correction, as the second person: facts, sheet and total change with it.

    ``seen`` is :attr:`~.types.CorrectionPreview.seen` of what was looked at before signing.
    Refuses with ``access.same-person`` whoever proposed it, with ``scoring.comparison-changed``
    where it would now do anything else than what was looked at, with
    ``scoring.correction-outdated`` where the facts it corrects are others by now, with
    ``scoring.correction-closed`` and ``scoring.unknown-correction``, and as
    :func:`propose_correction` does.
    """
    lock_register(project_id=project_id)
    kept = _open_correction(project_id=project_id, correction_id=correction_id)
    _require_second(kept, by)
    _require_correctable(
        project_id=project_id, household_id=kept.household_id, case_id=kept.case_id
    )
    household = household_by_id(project_id=project_id, household_id=kept.household_id)
    corrected = facts_from(kept.facts_after)
    if _facts_now(household, corrected) != kept.facts_before:
        raise Refusal("scoring.correction-outdated", household=household.number)
    found = recompute(household=household, facts=corrected)
    if seen != found.seen:
        raise Refusal("scoring.comparison-changed")
    correct_facts(project_id=project_id, household_id=kept.household_id, facts=corrected)
    run = keep_run(project_id=project_id, rule_set=found.rule_set, totals=found.totals, at=at)
    SheetRecord.objects.filter(project_id=project_id, household_id=kept.household_id).update(
        run_id=run.id, total_tenths=found.after.total, lines=told_lines(found.after)
    )
    _put_effect(kept, found)
    kept.run_id = run.id
    receipt = record(
        target=kept.id,
        project_id=project_id,
        household_id=kept.household_id,
        body={
            **_told(kept),
            "proposed_by": str(kept.proposed_by),
            "seen": seen,
            "rules": run.rules_digest,
            "totals": run.totals_digest,
            "moved": kept.moved,
        },
    )
    kept.event_id = receipt.event_id
    return _close(kept, state=CorrectionState.SIGNED, household=household, by=by, at=at)


@operation(
    permits="scoring.countersign",
    action="scoring.correction.declined",
    level=Secrecy.INTERNAL,
)
def decline_correction(
    *, project_id: UUID, correction_id: UUID, reason: str, by: Actor, at: datetime
) -> CorrectionRow:
    """Decline to sign a correction, with the reason; what it proposed stays undone.

    Refuses with ``scoring.reason-missing`` and as :func:`sign_correction` does.
    """
    if not reason.strip():
        raise Refusal("scoring.reason-missing")
    kept = _open_correction(project_id=project_id, correction_id=correction_id)
    _require_second(kept, by)
    household = household_by_id(project_id=project_id, household_id=kept.household_id)
    kept.closing_sealed = seal_reason(kept, column="closing_sealed", text=reason.strip())
    record(
        target=kept.id,
        project_id=project_id,
        household_id=kept.household_id,
        body={**_told(kept), "reason": reason.strip()},
    )
    return _close(kept, state=CorrectionState.DECLINED, household=household, by=by, at=at)


@operation(
    permits="scoring.correct",
    action="scoring.correction.withdrawn",
    level=Secrecy.INTERNAL,
)
def withdraw_correction(
    *, project_id: UUID, correction_id: UUID, by: Actor, at: datetime
) -> CorrectionRow:
    """Take a proposed correction back, so that another may be proposed.

    Refuses with ``scoring.correction-closed`` and ``scoring.unknown-correction``.
    """
    kept = _open_correction(project_id=project_id, correction_id=correction_id)
    household = household_by_id(project_id=project_id, household_id=kept.household_id)
    record(
        target=kept.id,
        project_id=project_id,
        household_id=kept.household_id,
        body=_told(kept),
    )
    return _close(kept, state=CorrectionState.WITHDRAWN, household=household, by=by, at=at)


def _require_correctable(*, project_id: UUID, household_id: UUID, case_id: UUID | None) -> None:
    """Refuse what no longer may change: everything, once anybody can compute whom it would help."""
    if case_id is not None:
        _require_upheld(project_id=project_id, household_id=household_id, case_id=case_id)
    if project_by_id(project_id=project_id).register_frozen_at is None:
        return
    held = ceremonies_of(project_id=project_id)
    if any(one.use is Use.ORDER and has_reached(one.step, Step.BEACON) for one in held):
        raise Refusal("scoring.draw-known")
    if case_id is None:
        raise Refusal("scoring.objection-needed")


def _require_upheld(*, project_id: UUID, household_id: UUID, case_id: UUID) -> None:
    upheld = objections_upheld(project_id=project_id, household_id=household_id)
    if case_id not in {case.id for case in upheld}:
        raise Refusal("scoring.objection-not-upheld")
    used = CorrectionRecord.objects.filter(project_id=project_id, case_id=case_id)
    if used.filter(state=CorrectionState.SIGNED).exists():
        raise Refusal("scoring.objection-used")


def _require_evidence(
    *,
    project_id: UUID,
    owners: Collection[tuple[OwnerKind, UUID | None]],
    document_ids: Collection[UUID],
) -> None:
    known = {
        document.id
        for kind, owner_id in owners
        if owner_id is not None
        for document in documents_of(project_id=project_id, owner_kind=kind, owner_id=owner_id)
        if document.withdrawn_at is None
    }
    if not document_ids or not known.issuperset(document_ids):
        raise Refusal("scoring.evidence-missing")


def _read_facts(
    household: HouseholdRow, told: Mapping[str, str], *, rule_set: RuleSetRow
) -> dict[str, Fact]:
    """Read the facts that differ from the register's."""
    types = rule_set.rules.facts
    read: dict[str, Fact] = {}
    for fact, text in told.items():
        if fact not in types:
            raise Refusal("scoring.unknown-fact", fact=fact[:_LONGEST_SHOWN])
        read[fact] = read_fact(text, fact=fact, fact_type=types[fact])
    changed = {fact: value for fact, value in read.items() if household.facts.get(fact) != value}
    if not changed:
        raise Refusal("scoring.nothing-corrected")
    return changed


def _facts_now(household: HouseholdRow, corrected: Mapping[str, Fact]) -> dict[str, int | str]:
    """Give the facts to be corrected as the register has them; those it has not stay away."""
    return told_facts(
        {fact: household.facts[fact] for fact in corrected if fact in household.facts}
    )


def _open_correction(*, project_id: UUID, correction_id: UUID) -> CorrectionRecord:
    found = CorrectionRecord.objects.select_for_update(no_key=True)
    kept = found.filter(project_id=project_id, id=correction_id).first()
    if kept is None:
        raise Refusal("scoring.unknown-correction")
    if kept.state != CorrectionState.PROPOSED:
        raise Refusal("scoring.correction-closed", state=kept.state)
    return kept


def _require_second(kept: CorrectionRecord, by: Actor) -> None:
    if by.id == kept.proposed_by:
        raise Refusal("access.same-person")


def _put_effect(kept: CorrectionRecord, found: Recomputed) -> None:
    """Note what the signature does: others may have moved since it was proposed."""
    comparison = found.comparison
    own = comparison.move_of(found.after.household)
    kept.total_before, kept.total_after = found.before.total, found.after.total
    kept.own_move = None if own is None else own.show()
    kept.moved = {direction.value: count for direction, count in comparison.counts.items()}


def _told(kept: CorrectionRecord) -> dict[str, object]:
    return {
        "correction": str(kept.id),
        "household": str(kept.household_id),
        "facts": [kept.facts_before, kept.facts_after],
        "total": [kept.total_before, kept.total_after],
        "case": None if kept.case_id is None else str(kept.case_id),
    }


def _close(
    kept: CorrectionRecord,
    *,
    state: CorrectionState,
    household: HouseholdRow,
    by: Actor,
    at: datetime,
) -> CorrectionRow:
    kept.state = state.value
    kept.closed_by, kept.closed_role, kept.closed_at = by.id, by.role, at
    kept.save(force_update=True)
    return correction_from(kept, household=household)
