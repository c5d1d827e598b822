"""Filing: one window, one filing; the other side joins; papers come in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.casework.laying import lay_action, tell_action
from anju.foundation.casework.types import CaseRow, HandedIn, NewAction
from anju.titles.cases.laying import applicant_standing, lay_title_case, lock_title_case
from anju.titles.cases.mapping import title_case_from
from anju.titles.cases.types import Kind, TitleCaseRow
from anju_rules.procedures.states import ActionKind
from anju_rules.values import Fact, Refusal

_FIRST_BY = frozenset({"developer", "district-officer", "system"})


@operation(
    permits="titles.file",
    action="titlecases.case.filed",
    clauses=("registration-rules/16",),
    level=Secrecy.INTERNAL,
)
def open_title_case(
    *,
    project_id: UUID,
    kind: Kind,
    by: Actor,
    at: datetime,
    home_id: UUID | None = None,
    household_id: UUID | None = None,
    version: str = "",
    materials: Sequence[HandedIn] = (),
    facts: Mapping[str, Fact] | None = None,
    case_id: UUID | None = None,
    alone_why: str = "",
    is_joint: bool = False,
) -> CaseRow:
    """File for a title at one window: one filing for everything.

    ``is_joint`` counts from the window alone: a side that files itself signs for itself. Refuses
    with ``titlecases.developer-alone`` a first registration that neither the developer nor the
    window files, and as :func:`~anju.titles.cases.laying.lay_title_case` does.
    """
    if kind == "first" and by.role not in _FIRST_BY:
        raise Refusal("titlecases.developer-alone", role=by.role)
    at_window = by.kind != "household" and by.role not in {"developer", "manager"}
    row = lay_title_case(
        project_id=project_id,
        home_id=home_id,
        household_id=household_id or by.household_id,
        kind=kind,
        version=version,
        materials=materials,
        facts=facts,
        case_id=case_id,
        alone_why=alone_why if at_window else "",
        is_joint=is_joint and at_window,
        by=by,
        at=at,
    )
    record(
        target=row.id,
        project_id=project_id,
        household_id=row.household_id,
        body={
            "kind": kind,
            **tell_action(row, NewAction(kind=ActionKind.OPEN, materials=tuple(materials))),
        },
    )
    return row


@operation(
    permits="titles.file",
    action="titlecases.case.joined",
    clauses=("registration-rules/14",),
    level=Secrecy.INTERNAL,
)
def join_title_case(
    *, project_id: UUID, case_id: UUID, by: Actor, at: datetime, alone_why: str = ""
) -> TitleCaseRow:
    """Join a transfer that the other side filed: the developer for the seller, or the owners.

    The window may note instead, with ``alone_why``, why there is no seller to join. Refuses with
    ``titlecases.unknown-case``, ``titlecases.over``, ``titlecases.signed-already`` and
    ``titlecases.reason-missing``.
    """
    kept = lock_title_case(project_id=project_id, case_id=case_id, is_open=True)
    if kept.kind != "transfer":
        raise Refusal("titlecases.signed-already")
    if by.kind == "household":
        if kept.owner_signed_at is not None:
            raise Refusal("titlecases.signed-already")
        kept.owner_signed_at = at
    elif by.role == "developer":
        if kept.seller_signed_at is not None:
            raise Refusal("titlecases.signed-already")
        kept.seller_signed_at = at
    elif alone_why.strip():
        kept.alone_why = alone_why.strip()
    else:
        raise Refusal("titlecases.reason-missing")
    kept.save(force_update=True)
    record(
        target=case_id,
        project_id=project_id,
        household_id=kept.household_id,
        body={"role": by.role, "alone": kept.alone_why},
    )
    return title_case_from(kept, case=None)


@operation(
    permits="titles.file",
    action="titlecases.papers.handed-in",
    clauses=("licensing-law/32",),
    level=Secrecy.INTERNAL,
)
def hand_in_papers(
    *,
    project_id: UUID,
    case_id: UUID,
    materials: Sequence[HandedIn],
    by: Actor,
    at: datetime,
    is_correction: bool = False,
    action_id: UUID | None = None,
) -> CaseRow:
    """Hand papers in for whoever applies; a signed commitment is one of them.

    ``is_correction`` says that all that was asked for is there now. Refuses with
    ``titlecases.unknown-case``, ``commitments.*`` and as casework does.
    """
    kept = lock_title_case(project_id=project_id, case_id=case_id, is_open=True)
    kind = ActionKind.RECEIVE_CORRECTION if is_correction else ActionKind.SUPPLY
    act = NewAction(kind=kind, materials=tuple(materials), id=action_id)
    row = lay_action(
        project_id=project_id,
        case_id=case_id,
        act=act,
        by=by,
        at=at,
        acting_as=applicant_standing(kept.procedure, by),
    )
    record(
        target=case_id,
        project_id=project_id,
        household_id=row.household_id,
        body=tell_action(row, act),
    )
    return row
