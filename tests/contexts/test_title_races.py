"""Two windows file for the same title in one moment: one case, and words for the other."""

from __future__ import annotations

from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest

from anju.foundation.casework.types import CaseRow
from anju.titles.cases import laying
from anju_rules.values import Refusal
from tests.support.communities import Town, open_town
from tests.support.databases import Database
from tests.support.title_cases import file_first, file_transfer


@pytest.fixture
def town(database: Database) -> Town:
    assert database.name
    return open_town()


def meet_after(monkeypatch: pytest.MonkeyPatch, check: str) -> None:
    """Let both windows pass a check before either writes."""
    barrier, passed = Barrier(2), getattr(laying, check)

    def wait(*told: Any) -> Any:
        found = passed(*told)
        try:
            barrier.wait(timeout=60)
        except BrokenBarrierError:
            pytest.fail("the second window never came to the check")
        return found

    monkeypatch.setattr(laying, check, wait)


def judge(outcomes: list[CaseRow | BaseException]) -> None:
    """See that one case was opened, and that the other window was told why not."""
    (filed,) = [one for one in outcomes if isinstance(one, CaseRow)]
    (refused,) = [one for one in outcomes if one is not filed]
    assert isinstance(refused, Refusal), repr(refused)
    assert refused.code == "titlecases.open-already"


@pytest.mark.req("TTL-5")
def test_the_same_first_registration_from_two_windows_in_one_moment(
    town: Town, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    meet_after(monkeypatch, "_require_first")
    judge(database.in_threads([lambda: file_first(town)] * 2))


@pytest.mark.req("TTL-5")
def test_the_same_transfer_from_two_windows_in_one_moment(
    town: Town, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_first(town)
    home = town.homes[0]
    meet_after(monkeypatch, "_require_transferable")
    judge(database.in_threads([lambda: file_transfer(town, home)] * 2))
