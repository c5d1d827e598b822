"""The approval of a plan on the database: nothing begins before it, and nobody shortens it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import psycopg
import pytest
from django.conf import settings

from anju.foundation.casework.events import EventKind, forget, listen
from anju.foundation.casework.operations import open_case, take_action
from anju.foundation.casework.queries import case_file, queue_of
from anju.foundation.casework.types import HandedIn, NewAction, Scope, StepState
from anju.foundation.core.crypto import new_id
from anju.foundation.policies.operations import (
    freeze_rule_set,
    load_policy_edition,
    store_rule_set,
)
from anju.foundation.policies.queries import rule_set_in_force
from anju.resettlement.planning.approvals import follow_approval
from anju.resettlement.planning.operations import (
    count_consent,
    give_consent,
    prompt_owner,
    prompt_owners,
    put_in_force,
    take_over_plan,
)
from anju.resettlement.planning.queries import (
    consent_by_code,
    consent_lines,
    consent_of_household,
    is_in_force,
    own_rule_change,
    plan_of,
    read_plan_paper,
    require_plan_in_force,
    rule_change,
    rule_change_counts,
    touched_projects,
)
from anju.resettlement.planning.types import ConsentCount, NewPaper, PlanFile
from anju_rules.moves import Direction
from anju_rules.policy.types import BUILT_IN_FACTS
from anju_rules.procedures.states import ActionKind
from anju_rules.statutes.editions import Change
from tests.support.access import recorded
from tests.support.cases import refused
from tests.support.databases import Database
from tests.support.planning import DISTRICT, NEW_LAW, PAPER, STREET, Approval, later, take_over
from tests.support.selections import Selected, officer, register_plan, small_plan

HOUSEHOLDS = 8
NEEDED = 6
"""Two thirds of eight are 5⅓: six."""


@pytest.fixture
def project(database: Database, monkeypatch: pytest.MonkeyPatch) -> Selected:
    assert database.name
    monkeypatch.setattr(settings, "SCANNER", "off")
    return register_plan(*small_plan(homes=12, households=HOUSEHOLDS))


def plan(project: Selected, day: float = 90) -> PlanFile:
    found = plan_of(project.id, at=later(day))
    assert found is not None
    return found


@pytest.mark.req("PLN-2")
def test_a_plan_is_in_force_only_after_every_step(project: Selected, database: Database) -> None:
    approval = Approval(project=project)
    households = list(project.households)
    assert plan_of(project.id, at=later(0)) is None
    first = approval.draft(1)
    rules = rule_set_in_force(project_id=project.id)
    assert rules is not None
    assert (first.number, first.rules_digest) == (1, rules.digest)
    with refused("planning.plan-not-in-force"):
        require_plan_in_force(project.id)

    # Sent back, the case waits for a new text; a paper that is no draft of it does not do.
    approval.decide("district-officer", "hearing", "to-change", 2)
    with refused("planning.text-missing"):
        approval.decide("district-officer", "draft", "drafted", 2, brings="draft-plan")
    second = approval.draft(3, rules=replace(project.plan.rules, version="2"))
    assert (second.number, second.case_id, second.rules_version) == (2, first.case_id, "2")
    with refused("planning.rules-not-approved"):
        freeze_rule_set(project_id=project.id, by=officer(), at=later(3))
    with refused("planning.notice-too-early"):
        approval.publish(3)
    approval.review(4)

    # The days of the step are over, but nobody has published anything.
    with refused("planning.notice-not-over"):
        approval.decide("district-officer", "notice", "answered", 40, brings="comments-report")
    notice = approval.publish(41)
    assert [annex.title for annex in notice.annexes] == [
        "补偿安置方案",
        "听证笔录",
        "意愿调查报告",
        "内部合法性审查意见",
        "市司法局审查意见",
    ]
    with refused("planning.notice-stands"):
        approval.publish(41)
    with refused("planning.notice-not-over"):
        approval.decide("district-officer", "notice", "answered", 71, brings="comments-report")
    with refused("planning.consent-not-open"):
        approval.vote(households[0], 71)
    approval.stand(notice, 41)
    approval.decide("district-officer", "notice", "answered", 75, brings="comments-report")

    street, colleague = (people["street-officer"] for people in (approval.people, approval.second))
    vote = approval.vote(households[0], 76, is_for=False)
    for household in households[1:NEEDED]:
        approval.vote(household, 76)
    with refused("planning.consent-without-paper"):
        give_consent(
            project_id=project.id,
            household_id=project.households[households[-1]],
            is_for=False,
            by=street,
            at=later(76),
        )
    with refused("access.not-found"):
        give_consent(
            project_id=project.id,
            household_id=project.households[households[1]],
            is_for=False,
            by=project.household(project.households[households[2]]),
            at=later(76),
        )
    paper = approval.store(
        "同意书",
        kind="household",
        owner_id=project.households[households[-1]],
        household_id=project.households[households[-1]],
    )
    entered = give_consent(
        project_id=project.id,
        household_id=project.households[households[-1]],
        is_for=False,
        by=street,
        at=later(76),
        document_id=paper,
    )
    assert entered.is_from_paper

    # Five of eight are fewer than two thirds, whatever the desk says.
    counted = plan(project).consent
    assert counted is not None
    assert (counted.consenting, counted.refusing, counted.missing) == (5, 2, 1)
    assert (counted.needed, counted.is_reached) == (NEEDED, False)
    facts = {"households_consenting": NEEDED, "households": HOUSEHOLDS}
    with refused("planning.count-differs"):
        approval.decide("street-officer", "consent", "reached", 77, facts=facts)
    changed = approval.vote(households[0], 77)
    assert (changed.is_for, changed.code) == (True, vote.code)
    with refused("planning.consent-reached"):
        approval.decide("street-officer", "consent", "not-reached", 77, facts=facts)
    closed = count_consent(project_id=project.id, by=street, second=colleague, at=later(78))
    assert (closed.consenting, closed.is_closed, closed.is_reached) == (NEEDED, True, True)
    with refused("planning.consent-not-open"):
        approval.vote(households[0], 78, is_for=False)

    # Everybody may count the list, and a household finds its own line in it.
    lines = consent_lines(project.id)
    assert (len(lines), sum(line.is_for for line in lines)) == (NEEDED + 1, NEEDED)
    own = consent_of_household(
        project_id=project.id,
        household_id=changed.household_id,
        by=project.household(changed.household_id),
    )
    assert own == changed
    line = consent_by_code(project.id, code=f" {changed.code.lower()} ")
    assert (line.mark, line.is_for) == (changed.mark, True)  # type: ignore[union-attr]
    stranger = project.household(project.households[households[1]])
    assert (
        consent_of_household(project_id=project.id, household_id=changed.household_id, by=stranger)
        is None
    )

    city, other = (people["city-officer"] for people in (approval.people, approval.second))
    assert not is_in_force(project.id)
    put_in_force(project_id=project.id, by=city, second=other, at=later(80))
    require_plan_in_force(project.id)
    with refused("planning.in-force-already"):
        take_action(
            project_id=project.id,
            case_id=second.case_id or new_id(),
            act=NewAction(kind=ActionKind.REVOKE, why="撤销"),
            by=approval.people["district-officer"],
            second=approval.second["district-officer"],
            at=later(81),
        )
    rules = rule_set_in_force(project_id=project.id)
    assert rules is not None
    assert (rules.version, rules.digest) == ("2", second.rules_digest)
    file = plan(project)
    assert (file.in_force, file.in_force_since) == (file.newest, later(80))
    assert {step.state for step in file.steps} == {StepState.DECIDED}
    assert [annex.code for annex in file.annexes] == [
        "hearing-record",
        "questionnaire-report",
        "internal-opinion",
        "justice-opinion",
        "comments-report",
        "consent-count",
    ]
    opinion = file.annexes[2].document_id
    assert opinion is not None
    _, content = read_plan_paper(project_id=project.id, document_id=opinion, at=later(81))
    assert content.startswith(b"%PDF-")
    with refused("planning.paper-unknown"):
        read_plan_paper(project_id=project.id, document_id=paper, at=later(81))

    with psycopg.connect(database.superuser_url) as admin:
        for statement in (
            "UPDATE planning_version SET consenting = 8 WHERE number = 2",
            "UPDATE planning_version SET rules_digest = '' WHERE number = 1",
            "DELETE FROM planning_consent",
        ):
            with pytest.raises(psycopg.errors.CheckViolation, match=r"planning\.kept"):
                admin.execute(statement)
            admin.rollback()


def test_control_without_the_listener_a_plan_skips_its_notice(project: Selected) -> None:
    approval = Approval(project=project)
    approval.draft(1)
    approval.review(2)
    forget(EventKind.ACTED, follow_approval)
    try:
        case = approval.decide(
            "district-officer", "notice", "answered", 40, brings="comments-report"
        )
    finally:
        listen(EventKind.ACTED)(follow_approval)
    assert case.open_steps == ("consent",)


@pytest.mark.req("PLN-3")
def test_rules_change_only_with_a_plan_that_went_its_way_again(project: Selected) -> None:
    assert not is_in_force(project.id)
    version = take_over(project.id)
    assert (version.is_taken_over, version.approved_on) == (True, date(2026, 5, 8))
    assert plan(project).in_force == version
    with refused("planning.in-force-already"):
        take_over(project.id)
    with refused("planning.taken-over"):
        put_in_force(project_id=project.id, by=officer(), second=officer(), at=later(1))

    # Points for early signing are gone: who had them goes down, and the others up.
    rules = project.plan.rules
    approval = Approval(project=project)
    with refused("statute.forbidden"):  # a fact that is still collected, and used no more
        approval.draft(1, rules=replace(rules, version="2", scoring=rules.scoring[:1]))
    fewer = replace(rules, version="2", scoring=rules.scoring[:1], facts=BUILT_IN_FACTS)
    changed = approval.draft(1, rules=fewer)
    assert (changed.number, changed.rules_version) == (2, "2")
    with refused("planning.rules-not-approved"):
        freeze_rule_set(project_id=project.id, by=officer(), at=later(1))
    comparison = rule_change(project.id, by=officer())
    assert comparison is not None
    assert comparison.households == HOUSEHOLDS
    assert rule_change_counts(project.id) == comparison.counts
    counts = comparison.counts
    assert min(counts[Direction.UP], counts[Direction.DOWN]) > 0
    early, late = (project.households[number] for number in ("H0002", "H0003"))
    move = own_rule_change(project_id=project.id, household_id=early, by=project.household(early))
    assert move is not None
    assert move.direction is Direction.DOWN
    assert move.before.total - move.after.total == 10
    with refused("households.unknown-household"):
        own_rule_change(project_id=project.id, household_id=late, by=project.household(early))
    approval.review(2)
    notice = approval.publish(3)
    assert f"次序下降 {counts[Direction.DOWN]} 户" in "".join(notice.paragraphs)
    # What was approved binds until the change is in force.
    file = plan(project)
    assert (file.in_force, file.newest.number) == (version, 2)


STRICTER = """
[[clauses]]
number = "5"
title = { zh = "不得计分", en = "no points" }

[[clauses.items]]
kind = "forbids"
zh = "职级不得计分"
en = "no points for rank"
check = "rules:no-privilege"
"""


@pytest.mark.req("PLN-5")
def test_a_new_clause_prompts_the_owners_whom_it_touches(project: Selected) -> None:
    city = officer()
    edition = load_policy_edition(text=NEW_LAW, by=city, at=later(1))
    assert [(one.clause.code, one.change) for one in edition.changes] == [
        ("shared-ownership/4", Change.NEW)
    ]
    (found,) = touched_projects(edition_id=edition.id, by=city)
    assert (found.project.id, found.case) == (project.id, None)
    (case,) = prompt_owners(edition_id=edition.id, by=city, at=later(1))
    assert (case.procedure, case.open_steps) == ("policy-change", ("look",))
    assert prompt_owners(edition_id=edition.id, by=city, at=later(2)) == ()
    with refused("planning.prompted-already"):
        prompt_owner(project_id=project.id, edition_id=edition.id, by=city, at=later(2))
    # It waits where its owner works, with what it is about.
    district = replace(officer("district-officer"), division=DISTRICT)
    page = queue_of(by=district, scope=Scope.OFFICE, at=later(2))
    assert [line.case_id for line in page.rows] == [case.id]
    file = case_file(project_id=project.id, case_id=case.id, by=district, at=later(2))
    assert "shared-ownership/4 共有份额" in file.actions[0].why

    # Another clause that this project does not rest on; and the same edition, or an older one.
    newer = NEW_LAW.replace("2026-07-01", "2027-07-01") + STRICTER
    second = load_policy_edition(text=newer, by=city, at=later(3))
    assert [one.clause.code for one in second.changes] == ["shared-ownership/5"]
    assert touched_projects(edition_id=second.id, by=city) == ()
    with refused("planning.not-touched"):
        prompt_owner(project_id=project.id, edition_id=second.id, by=city, at=later(3))
    for text, code in (
        (newer, "policies.edition-known"),
        (NEW_LAW, "policies.edition-older"),
        ("code = ", "policies.not-text"),
        (newer.replace("2027", "2028").replace("no-privilege", "nothing"), "statute.unknown-check"),
        (newer.replace("2027", "2028").replace("entitlement", "all"), "statute.unknown-part"),
    ):
        with refused(code):
            load_policy_edition(text=text, by=city, at=later(4))


@pytest.mark.req("PLN-4")
def test_a_rule_set_that_the_law_forbids_is_not_stored(project: Selected) -> None:
    approval = Approval(project=project)
    rules = project.plan.rules
    forbidden = replace(rules.scoring[1], code="petition", label="无信访记录")
    with refused("statute.forbidden"):
        approval.draft(1, rules=replace(rules, version="2", scoring=(forbidden,)))
    assert plan_of(project.id, at=later(2)) is None


@pytest.mark.req("PLN-3")
def test_the_rules_of_a_plan_are_frozen_with_the_first_review(project: Selected) -> None:
    with recorded():
        store_rule_set(
            project_id=project.id, rules=replace(project.plan.rules, version="2"), at=later(0)
        )
    take_over(project.id)
    before = rule_set_in_force(project_id=project.id)
    open_case(
        project_id=project.id,
        procedure="eligibility-review",
        subject_kind="household",
        subject_id=project.households["H0001"],
        division=STREET,
        materials=[HandedIn(code="agreement"), HandedIn(code="residence-declaration")],
        by=Approval(project=project).people["street-officer"],
        at=later(1),
    )
    after = rule_set_in_force(project_id=project.id)
    assert [rules and rules.version for rules in (before, after)] == ["1", "2"]


def test_a_plan_on_paper_is_taken_over_by_two_with_its_papers(project: Selected) -> None:
    told = {
        "project_id": project.id,
        "approved_on": date(2026, 5, 8),
        "papers": [PAPER],
        "reason": "已批准",
        "at": later(0),
    }
    one, other = officer(), officer()
    for changes, code in (
        ({"second": one}, "access.same-person"),
        ({"papers": []}, "planning.papers-missing"),
        ({"reason": " "}, "planning.reason-missing"),
        ({"approved_on": date(2026, 6, 2)}, "planning.approved-later"),
        ({"papers": [NewPaper(title="方案")]}, "planning.paper-without-digest"),
        ({"papers": [NewPaper(title="方案", document_id=new_id())]}, "planning.paper-unknown"),
    ):
        with refused(code):
            take_over_plan(**{"by": one, "second": other, **told, **changes})  # type: ignore[arg-type]
    Approval(project=project).draft(1)
    with refused("planning.approval-runs"):
        take_over(project.id, at=later(2))


@pytest.mark.parametrize(
    ("households", "consenting", "is_reached"),
    [(0, 0, False), (1, 1, True), (3, 2, True), (4, 2, False), (20, 13, False), (20, 14, True)],
)
def test_two_thirds_are_exact(households: int, consenting: int, is_reached: bool) -> None:
    count = ConsentCount(
        households=households, consenting=consenting, refusing=0, share=(2, 3), is_closed=False
    )
    assert count.is_reached is is_reached
