"""The file itself: opened, changed with a reason, given a specialist, visited."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date, datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record, register_project_scope
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.clock import city_time
from anju.foundation.core.crypto import new_id
from anju.titles.communities.listing import find_fault, is_division, read_parcel
from anju.titles.communities.mapping import community_from
from anju.titles.communities.models import (
    CommunityRecord,
    HomeRecord,
    RevisionRecord,
    VisitRecord,
)
from anju.titles.communities.queries import VISITS, officers_for
from anju.titles.communities.types import CommunityRow, CommunityTerms, Origin
from anju_rules.identifiers import check_credit_code
from anju_rules.notices import refuse_personal_text
from anju_rules.values import Refusal

_FIXED = ("code", "division")
"""By these a file is found and seen: another place is another file."""
LONGEST_TEXT = 1_000
_TOLD_BACK = 24


@operation(
    permits="communities.keep",
    action="communities.community.opened",
    clauses=("registration-rules/8",),
    level=Secrecy.PUBLIC,
)
def open_community(*, terms: CommunityTerms, by: Actor, at: datetime) -> CommunityRow:
    """Open a community's file; its id becomes the scope of all that belongs to it.

    Refuses with ``communities.code-taken``, ``communities.division-not-here``, as
    :func:`~anju.titles.communities.listing.find_fault` finds, ``identifier.*`` for a wrong credit
    code or parcel and ``access.not-found`` for a division out of sight.
    """
    if not is_division(terms.division):
        facts = {"value": terms.division[:_TOLD_BACK], "division": by.division}
        raise Refusal("communities.division-not-here", **facts)
    community = lay_community(community_id=new_id(), terms=terms, origin="listed", at=at)
    register_project_scope(project_id=community.id, division_code=terms.division)
    record(target=community.id, body={"code": terms.code, "name": terms.name})
    return community


@operation(
    permits="communities.keep",
    action="communities.community.opened",
    clauses=("registration-rules/8",),
    level=Secrecy.PUBLIC,
)
def open_resettled_community(
    *, project_id: UUID, terms: CommunityTerms, by: Actor, at: datetime
) -> CommunityRow:
    """Open the file of a resettlement project's homes under the project's own id.

    Families keep their account, key and sight. Refuses as :func:`lay_community` does.
    """
    del by
    community = lay_community(community_id=project_id, terms=terms, origin="resettled", at=at)
    record(target=community.id, body={"code": terms.code, "name": terms.name})
    return community


@operation(
    permits="communities.keep",
    action="communities.terms.changed",
    clauses=("registration-rules/8",),
)
def change_terms(
    *, project_id: UUID, terms: CommunityTerms, reason: str, by: Actor, at: datetime
) -> CommunityRow:
    """Change what a file says, with a reason; what it said before stays in its history.

    Refuses with ``communities.terms-fixed`` for another code or division,
    ``communities.nothing-changed``, ``communities.no-reason``, ``communities.other-parcel`` where
    homes lie on another parcel than the one told, and as :func:`open_community` does.
    """
    kept = lock_community(project_id)
    _require_text(reason, where="reason", code="communities.no-reason")
    terms = _checked(terms, at=at)
    before, after = _as_text(community_from(kept).terms), _as_text(terms)
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if not changes:
        raise Refusal("communities.nothing-changed")
    if any(name in changes for name in _FIXED):
        raise Refusal("communities.terms-fixed")
    if "parcel" in changes and terms.parcel:
        _require_parcel(project_id, terms.parcel)
    for name in changes:
        setattr(kept, name, getattr(terms, name))
    kept.save(update_fields=list(changes))
    _keep_revision(project_id, changes, reason, by=by, at=at)
    record(target=project_id, project_id=project_id, body={"changes": changes, "reason": reason})
    return community_from(kept)


@operation(
    permits="communities.keep",
    action="communities.specialist.named",
    clauses=("plan/titles",),
)
def name_specialist(*, project_id: UUID, account_id: UUID, by: Actor, at: datetime) -> CommunityRow:
    """Name the officer who answers for a community (一对一专员); whoever did before does no more.

    Refuses with ``communities.not-an-officer-here`` an account that is no officer over the
    community's division who may record visits, and with ``communities.nothing-changed``.
    """
    kept = lock_community(project_id)
    if account_id not in {one.id for one in officers_for(community_from(kept), by=by)}:
        raise Refusal("communities.not-an-officer-here")
    if kept.specialist_id == account_id:
        raise Refusal("communities.nothing-changed")
    before = "" if kept.specialist_id is None else str(kept.specialist_id)
    kept.specialist_id = account_id
    kept.save(update_fields=["specialist_id"])
    changes = {"specialist_id": [before, str(account_id)]}
    _keep_revision(project_id, changes, "", by=by, at=at)
    record(target=project_id, project_id=project_id, body={"specialist": str(account_id)})
    return community_from(kept)


@operation(permits=VISITS, action="communities.visit.recorded", clauses=("plan/titles",))
def record_visit(
    *, project_id: UUID, visited_on: date, findings: str, by: Actor, at: datetime
) -> UUID:
    """Record a visit: what was found and promised; gives its id. It is never changed.

    Refuses with ``communities.not-the-specialist``, ``communities.no-findings``,
    ``communities.visit-ahead`` (a day that has not come) and ``notices.personal-text``.
    """
    kept = lock_community(project_id)
    if kept.specialist_id != by.id:
        raise Refusal("communities.not-the-specialist")
    _require_text(findings, where="findings", code="communities.no-findings")
    if visited_on > city_time(at).date():
        raise Refusal("communities.visit-ahead", on=visited_on)
    visit_id = new_id()
    VisitRecord(
        project_id=project_id,
        id=visit_id,
        visited_on=visited_on,
        by=by.id,
        findings=findings.strip(),
        at=at,
    ).save(force_insert=True)
    record(
        target=visit_id,
        project_id=project_id,
        body={"on": visited_on.isoformat(), "findings": findings.strip()},
    )
    return visit_id


def lay_community(
    *, community_id: UUID, terms: CommunityTerms, origin: Origin, at: datetime
) -> CommunityRow:
    """Open a file inside the caller's operation; a resettlement project's carries the project's id.

    Refuses with ``communities.code-taken``, ``identifier.*``, and as
    :func:`~anju.titles.communities.listing.find_fault` finds.
    """
    terms = _checked(terms, at=at)
    if CommunityRecord.objects.filter(code=terms.code).exists():
        raise Refusal("communities.code-taken", community=terms.code)
    kept = CommunityRecord(
        id=community_id,
        **{name: getattr(terms, name) for name in CommunityTerms.__slots__},
        origin=origin,
        opened_at=at,
    )
    kept.save(force_insert=True)
    return community_from(kept)


def lock_community(project_id: UUID) -> CommunityRecord:
    """Lock a community's file; refuses with ``communities.unknown-community``."""
    kept = CommunityRecord.objects.select_for_update().filter(id=project_id).first()
    if kept is None:
        raise Refusal("communities.unknown-community", community=project_id)
    return kept


def _checked(terms: CommunityTerms, *, at: datetime) -> CommunityTerms:
    """Give the terms in their normal spelling."""
    fault = find_fault(terms, on=city_time(at).date())
    if fault is not None:
        raise fault
    return replace(
        terms,
        code=terms.code.strip(),
        name=terms.name.strip(),
        parcel=read_parcel(terms.parcel) if terms.parcel else "",
        developer_credit=terms.developer_credit and check_credit_code(terms.developer_credit),
        manager_credit=terms.manager_credit and check_credit_code(terms.manager_credit),
    )


def _as_text(terms: CommunityTerms) -> dict[str, str]:
    return {name: "" if told is None else str(told) for name, told in asdict(terms).items()}


def _require_text(text: str, *, where: str, code: str) -> None:
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise Refusal(code, most=LONGEST_TEXT)
    refuse_personal_text(text, where=where)


def _require_parcel(project_id: UUID, parcel: str) -> None:
    elsewhere = (
        HomeRecord.objects.filter(project_id=project_id)
        .exclude(unit_code="")
        .exclude(unit_code__startswith=parcel)
        .order_by("number")
        .first()
    )
    if elsewhere is not None:
        raise Refusal("communities.other-parcel", value=elsewhere.number, parcel=parcel)


def _keep_revision(
    project_id: UUID, changes: dict[str, list[str]], reason: str, *, by: Actor, at: datetime
) -> None:
    RevisionRecord(
        project_id=project_id,
        id=new_id(),
        changes=changes,
        reason=reason.strip(),
        by=by.id,
        at=at,
    ).save(force_insert=True)
