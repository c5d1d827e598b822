"""Which projects the changed clauses of an edition concern."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.casework.citations import citations_of
from anju.foundation.casework.queries import cases_of_subject
from anju.foundation.policies.queries import edition_by_id, rule_sets_of
from anju.foundation.policies.types import EditionRow
from anju.resettlement.planning.types import TouchedProject
from anju.resettlement.projects.queries import list_projects
from anju_rules.statutes.citations import cited_clauses
from anju_rules.statutes.editions import ClauseChange, touched_by

EDITION = "policy-edition"
"""What a case of a changed clause is about."""


def changes_touching(project_id: UUID, edition: EditionRow) -> tuple[ClauseChange, ...]:
    """Give the changes of an edition that a project's rules, procedures and cases rest on.

    Of its rule sets those that bind or may still bind: the one frozen last, and the drafts since.
    Call it while reading or writing.
    """
    citations = citations_of(project_id=project_id)
    rule_sets = rule_sets_of(project_id=project_id)
    frozen = [place for place, one in enumerate(rule_sets) if one.is_frozen]
    standing = rule_sets[frozen[-1] :] if frozen else rule_sets
    tables = [one.canonical for one in standing]
    return touched_by(
        edition.changes,
        cited=citations.clauses.union(*(cited_clauses(table) for table in tables)),
        parts=citations.procedures.union(*(_parts_of(table) for table in tables)),
    )


def _parts_of(table: Mapping[str, object]) -> set[str]:
    """Give the parts that a rule set has."""
    rules = table["rules"]
    assert isinstance(rules, Mapping)  # noqa: S101 - canonical rule sets are read before stored
    entitlement = rules["entitlement"]
    assert isinstance(entitlement, Mapping)  # noqa: S101
    return {*rules, *({"communities"} & entitlement.keys())}


def touched_projects(*, edition_id: UUID, by: Actor) -> tuple[TouchedProject, ...]:
    """Give the projects in sight that an edition touches, by code, each with what touches it.

    Refuses with ``policies.unknown-edition``..
    """
    edition = edition_by_id(edition_id=edition_id)
    found = []
    for project in list_projects():
        if project.state == "closed" or not by.sees_project(project.id):
            continue
        with reading(by=by):
            changes = changes_touching(project.id, edition)
            cases = cases_of_subject(
                project_id=project.id, subject_kind=EDITION, subject_id=edition_id
            )
        if changes:
            found.append(
                TouchedProject(project=project, changes=changes, case=cases[0] if cases else None)
            )
    return tuple(found)
