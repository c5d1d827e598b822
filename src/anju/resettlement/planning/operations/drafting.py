"""The text of a plan, and the notice it stands in."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.casework.laying import lay_action, lay_case
from anju.foundation.casework.queries import case_file
from anju.foundation.casework.types import CaseFile, CaseRow, HandedIn, NewAction
from anju.foundation.documents.kinds import DocumentKind
from anju.foundation.notices.operations import lay_notice, tell_publication, tie_entry
from anju.foundation.notices.queries import notices_of_subject
from anju.foundation.notices.types import NewAnnex, NewNotice, NoticeRow
from anju.foundation.policies.operations import store_rule_set
from anju.resettlement.planning.annexes import annexes_from, read_public_paper
from anju.resettlement.planning.comparing import compare_rules
from anju.resettlement.planning.mapping import versions_from
from anju.resettlement.planning.models import PaperRecord, VersionRecord
from anju.resettlement.planning.types import NewPaper, VersionRow
from anju.resettlement.planning.versions import (
    NOTICE_SUBJECT,
    PROCEDURE,
    SUBJECT,
    begin_version,
    newest_rules,
    newest_version,
    running_approval,
    tell_version,
    waits_at,
)
from anju.resettlement.projects.queries import project_by_id
from anju_rules.moves import Comparison, Direction
from anju_rules.notices import LEAST_TERMS, NoticeKind, Term
from anju_rules.policy import RuleSet
from anju_rules.procedures.states import ActionKind
from anju_rules.values import Refusal

_PARAGRAPHS = (
    "下列方案及其审查意见现予公布，征求意见。方案正文和各项审查意见见附件。",
    "意见的采纳情况和修改说明将一并公布。",
    "期满后逐户征求同意，同意户数达到全部户数的三分之二，方案方可生效。",
)

_DIRECTIONS = {
    Direction.UP: "次序上升",
    Direction.DOWN: "次序下降",
    Direction.EITHER: "同分范围变化",
}


@operation(
    permits="planning.draft",
    action="planning.plan.drafted",
    clauses=("order-590/10",),
    level=Secrecy.PUBLIC,
)
def draft_plan(
    *,
    project_id: UUID,
    text: NewPaper,
    by: Actor,
    at: datetime,
    rules: RuleSet | None = None,
    why: str = "",
) -> VersionRow:
    """Draft the next version of a project's plan: its text, and the rule set it puts into words.

    The first draft opens the approval; one that was sent back goes on with its case; after a plan
    is in force a change opens a new one. Without ``rules`` the rule set that was stored last.
    Refuses with ``planning.text-missing`` (the text is a stored document) and
    ``planning.rules-missing``, as :func:`~.versions.begin_version` and
    :func:`~anju.foundation.policies.operations.store_rule_set` do, and as the case does.
    """
    if text.document_id is None:
        raise Refusal("planning.text-missing", clause="order-590/10")
    stored = store_rule_set(project_id=project_id, rules=rules, at=at) if rules else None
    stored = stored or newest_rules(project_id)
    if stored is None:
        raise Refusal("planning.rules-missing", clause="plan/rules")
    case = running_approval(project_id) or _open_approval(project_id, by=by, at=at)
    version = begin_version(
        project_id=project_id, rules=stored, papers=[text], case_id=case.id, by=by, at=at
    )
    lay_action(
        project_id=project_id,
        case_id=case.id,
        act=NewAction(
            kind=ActionKind.DECIDE,
            step="draft",
            outcome="drafted",
            materials=(HandedIn(code="draft-plan", document_id=text.document_id),),
            why=why,
        ),
        by=by,
        at=at,
    )
    record(
        target=version.id,
        project_id=project_id,
        body={"case": str(case.id), "why": why, **tell_version(version)},
    )
    return versions_from([version])[0]


def _open_approval(project_id: UUID, *, by: Actor, at: datetime) -> CaseRow:
    project = project_by_id(project_id=project_id)
    return lay_case(
        project_id=project_id,
        procedure=PROCEDURE,
        subject_kind=SUBJECT,
        subject_id=project_id,
        division=project.division_code or by.division,
        series=f"{project.code}-PLN",
        by=by,
        at=at,
    )


@operation(
    permits="planning.publish",
    action="planning.notice.published",
    clauses=("order-590/10", "order-590/11"),
    level=Secrecy.PUBLIC,
)
def publish_plan_notice(
    *,
    project_id: UUID,
    issuer: str,
    channel: str,
    by: Actor,
    at: datetime,
    days: int = LEAST_TERMS[NoticeKind.PLAN].length,
) -> NoticeRow:
    """Publish the newest version for comments, with its text and every opinion as annexes.

    Its time begins when it is really seen; until it is over the case does not go on. Refuses with
    ``planning.notice-too-early`` before the legal reviews are done, ``planning.notice-stands``,
    ``planning.paper-not-publishable`` (only PDF and PNG are), and as
    :func:`~anju.foundation.notices.operations.lay_notice` does.
    """
    version = newest_version(project_id)
    file = version.case_id and case_file(
        project_id=project_id, case_id=version.case_id, by=by, at=at
    )
    if not file or not waits_at(file.case, "notice"):
        raise Refusal("planning.notice-too-early", clause="order-590/10")
    earlier = notices_of_subject(
        project_id=project_id, subject_kind=NOTICE_SUBJECT, subject_id=version.id, at=at
    )
    standing = [one.notice for one in earlier if one.notice.withdrawn_at is None]
    if standing:
        raise Refusal("planning.notice-stands", number=standing[0].number)
    project = project_by_id(project_id=project_id)
    row = lay_notice(
        project_id=project_id,
        notice=NewNotice(
            kind=NoticeKind.PLAN,
            title=f"{project.name}补偿安置方案（第 {version.number} 稿）征求意见",
            issuer=issuer,
            place=project.name,
            paragraphs=(*_PARAGRAPHS, *_tell_moves(compare_rules(version))),
            term=Term(length=days, clause="order-590/10"),
            channel=channel,
            clauses=("order-590/10", "order-590/11", "plan/approval#6"),
            annexes=_annexes_of(version, file),
            predecessor_id=earlier[0].notice.id if earlier else None,
            subject_kind=NOTICE_SUBJECT,
            subject_id=version.id,
        ),
        by=by,
        at=at,
    )
    receipt = record(target=row.id, project_id=project_id, body=tell_publication(row))
    return tie_entry(
        project_id=project_id, notice_id=row.id, event_id=receipt.event_id, opens_entry=True
    )


def _tell_moves(comparison: Comparison | None) -> tuple[str, ...]:
    """Say how many households changed rules move (PLN-3); each sees its own when signed in."""
    if comparison is None:
        return ()
    counts = comparison.counts
    moved = "，".join(f"{words} {counts[direction]} 户" for direction, words in _DIRECTIONS.items())
    return (
        f"本稿修改了规则。按新规则重新计算全部 {comparison.households} 户：{moved}。",
        "各户登录后可以看到自己的变化。",
    )


def _annexes_of(version: VersionRecord, file: CaseFile) -> tuple[NewAnnex, ...]:
    """Give the version's text and what its reviews brought forth, as they are published."""
    text = PaperRecord.objects.get(project_id=version.project_id, version_id=version.id, place=1)
    named = {text.document_id: text.title}
    for annex in annexes_from(file):
        named.setdefault(annex.document_id, annex.title.zh)
    return tuple(
        _annex(version, document_id, title)
        for document_id, title in named.items()
        if document_id is not None
    )


def _annex(version: VersionRecord, document_id: UUID, title: str) -> NewAnnex:
    row, content = read_public_paper(version, document_id)
    if row.kind is DocumentKind.PDF:
        return NewAnnex(title=title, kind="pdf", content=content)
    if row.kind is DocumentKind.PNG:
        return NewAnnex(title=title, kind="png", content=content)
    raise Refusal("planning.paper-not-publishable", paper=title)
