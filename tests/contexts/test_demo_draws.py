"""The demo: draws in the order's history and in mid-course, and a community in mid-titling."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from anju.cli.demo_accounts import read_accounts
from anju.cli.demo_city import PROJECT, STREET, DemoCity
from anju.cli.demo_draws import PARTIES
from anju.cli.demo_titles import COMMUNITY, OWNER, DemoTitles
from anju.foundation.access.context import reading
from anju.foundation.core.clock import read_clock
from anju.foundation.draws.queries import ceremonies_of, what_is_next
from anju.foundation.ledger.queries import count_waiting
from anju.resettlement.eligibility.queries import count_reviews
from anju.resettlement.projects.queries import project_by_code
from anju.resettlement.selection.rebuild import compare_project
from anju.titles.cases.batches.checking import check_batch
from anju.titles.cases.batches.packs import open_pack
from anju.titles.cases.batches.queries import batches_of
from anju.titles.cases.queries import title_cases_of
from anju.titles.cases.settlements.queries import settlements_of
from anju.titles.certificates.queries import register_page
from anju.titles.communities.queries import community_by_code, count_titles
from anju.titles.legacy.queries import newest_plan
from anju.titles.partners.board import satisfaction
from anju.titles.partners.queries import list_parties
from anju_rules.applications import Standing
from anju_rules.ceremony import Act, Step, Use
from anju_rules.shares import Share


@pytest.mark.usefixtures("database")
def test_the_demo_has_a_finished_draw_and_two_that_wait_for_commitments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "SCANNER", "off")
    told: list[str] = []
    city = DemoCity(
        home=tmp_path, say=told.append, homes=80, households=60, done_batches=1, done_turns=2
    )
    city.prepare()
    project = project_by_code(code=PROJECT)
    by_use = {row.use: row for row in ceremonies_of(project_id=project.id)}
    assert by_use[Use.ORDER].step is Step.LOCKED
    assert by_use[Use.EVALUATORS].is_rehearsal
    # The years whose holidays are published end some day: then the demo goes without it.
    waiting = [by_use[Use.EVALUATORS], *filter(None, [by_use.get(Use.VISIT_SUPERVISORS)])]
    assert len(waiting) == 2 or any("工作日历" in words for words in told)
    for row in waiting:
        assert row.step is Step.COUNTED
        for _, login in PARTIES.values():
            asked = what_is_next(row, by=city.officer(login))
            assert (asked.kind, asked.may_act) == (Act.COMMIT, True)
    logins = {account.login for account in read_accounts(tmp_path)}
    assert {login for _, login in PARTIES.values()} <= logins
    assert compare_project(project_id=project.id, by=city.officer("city")) == []
    reviews = count_reviews(project_id=project.id, by=city.officer("city"))
    assert reviews.by_step == {"intake": 1, "street-review": 1, "first-notice": 2}
    assert reviews.by_standing[Standing.CONFIRMED] == 60 - sum(reviews.by_step.values())
    community = community_by_code(code=COMMUNITY)
    counts = count_titles(community_ids=[community.id])[community.id]
    assert (counts.homes, counts.titled, counts.first) == (48, 14, 18)
    with reading(by=city.officer("district")):
        cases = title_cases_of(project_id=community.id)
        assert len(settlements_of(project_id=community.id)) == 4
        (batch,) = batches_of(project_id=community.id)
    assert Counter(case.standing for case in cases) == {"done": 2, "open": 3 + batch.done}
    assert (batch.done, batch.refused) == (7, 1)
    offline = check_batch(pack=open_pack(tmp_path / "batch"), on=read_clock().date())
    assert (len(offline.ready), len(offline.faulty)) == (7, 1)
    in_hand = [case.case.open_steps for case in cases if case.case and case.case.open_steps]
    assert ("survey",) in in_hand
    with reading(by=city.officer("district")):
        assert len(register_page().rows) == 2
    assert newest_plan(project_id=community.id) is not None
    on = read_clock().date()
    (developer,) = list_parties(kind="developer", on=on)
    assert (developer.in_time, developer.overdue) == (Share(1, 3), 1)
    (manager,) = list_parties(kind="manager", on=on)
    assert manager.star is not None
    assert manager.star.stars == 4
    assert satisfaction() == Share(1, 2)
    entries = count_waiting()
    DemoTitles(
        home=tmp_path,
        division=STREET,
        district_office=community.id,
        officer=city.officer,
        say=told.append,
    ).prepare()
    assert count_waiting() == entries
    assert {"developer", "manager"} <= logins
    assert OWNER in {account.title for account in read_accounts(tmp_path)}
