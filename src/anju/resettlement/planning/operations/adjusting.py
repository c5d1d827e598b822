"""A changed clause finds the projects that it touches, and prompts their owners."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.casework.laying import lay_case, tell_action
from anju.foundation.casework.queries import cases_of_subject
from anju.foundation.casework.types import ActingAs, CaseRow, NewAction
from anju.foundation.policies.queries import edition_by_id
from anju.resettlement.planning.touching import EDITION, changes_touching, touched_projects
from anju.resettlement.projects.queries import project_by_id
from anju_rules.procedures.states import ActionKind
from anju_rules.values import Refusal

PROCEDURE = "policy-change"
_FROM_ABOVE = ActingAs(role="city-officer", tier="city")
"""Whoever loads a law prompts in the city's stead."""


@operation(
    permits="policies.load",
    action="planning.owner.prompted",
    clauses=("plan/rules",),
    level=Secrecy.INTERNAL,
)
def prompt_owner(*, project_id: UUID, edition_id: UUID, by: Actor, at: datetime) -> CaseRow:
    """Open the case in which a project's owner looks at the clauses that changed under it.

    Refuses with ``policies.unknown-edition``, ``planning.not-touched`` and
    ``planning.prompted-already``.
    """
    edition = edition_by_id(edition_id=edition_id)
    changes = changes_touching(project_id, edition)
    if not changes:
        raise Refusal("planning.not-touched")
    if cases_of_subject(project_id=project_id, subject_kind=EDITION, subject_id=edition_id):
        raise Refusal("planning.prompted-already")
    project = project_by_id(project_id=project_id)
    law = edition.statute.title.zh
    titles = "、".join(f"{one.clause.code} {one.clause.title.zh}" for one in changes)
    case = lay_case(
        project_id=project_id,
        procedure=PROCEDURE,
        subject_kind=EDITION,
        subject_id=edition_id,
        division=project.division_code or by.division,
        series=f"{project.code}-POL",
        why=f"《{law}》自 {edition.statute.edition.isoformat()} 起有变动，涉及本项目：{titles}",
        acting_as=_FROM_ABOVE,
        by=by,
        at=at,
    )
    clauses = tuple(one.clause.code for one in changes)
    record(
        target=case.id,
        project_id=project_id,
        body={
            **tell_action(case, NewAction(kind=ActionKind.OPEN, clauses=clauses)),
            "edition": str(edition_id),
        },
    )
    return case


def prompt_owners(*, edition_id: UUID, by: Actor, at: datetime) -> tuple[CaseRow, ...]:
    """Prompt the owners of every project in sight that an edition touches, each once.

    Each is a transaction and an entry of its own; what is refused for one stops no other.
    """
    cases = []
    for one in touched_projects(edition_id=edition_id, by=by):
        if one.case is None:
            with suppress(Refusal):  # the refusal is an entry of the ledger
                cases.append(
                    prompt_owner(project_id=one.project.id, edition_id=edition_id, by=by, at=at)
                )
    return tuple(cases)
