"""The sixty-month plan's figures are kept once a month, for everybody, and never changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import ProgrammingError
from django.test import Client
from django.test.utils import override_settings

from anju.foundation.access.context import reading
from anju.jobs.programme import keep_programme_counts
from anju.titles.partners.models import ProgrammeCountRecord
from anju.titles.partners.operations.programme import note_programme_counts
from anju.titles.partners.queries import programme_history
from anju.web import title_counts
from anju_rules.shares import Share
from tests.contexts.test_title_cases import code_of
from tests.support.access import SYSTEM, recorded
from tests.support.communities import open_town

pytestmark = pytest.mark.usefixtures("database")
MARCH, APRIL = datetime(2026, 3, 1, 1, tzinfo=UTC), datetime(2026, 4, 9, 1, tzinfo=UTC)


@pytest.mark.req("MIL-3", "MIL-4")
def test_figures_are_kept_in_the_first_run_of_a_month_and_nobody_changes_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_town(homes=2)
    kept = keep_programme_counts(at=MARCH)
    assert "titled" in kept
    assert "satisfied" not in kept, "nobody has rated yet: no data is kept, and no nought"
    assert keep_programme_counts(at=MARCH.replace(day=2)) == ()
    monkeypatch.setitem(title_counts.COUNTS, "titled", lambda on: Share(on.month, 8))
    assert "titled" in keep_programme_counts(at=APRIL), "a day late, and not left out"
    with reading(by=SYSTEM):
        rows = programme_history()["titled"]
    assert [(one.month, one.counted_on.day, one.share) for one in rows] == [
        (3, 1, Share(0, 2)),
        (4, 9, Share(4, 8)),
    ]
    again: dict[str, Any] = {"by": SYSTEM, "at": APRIL, "counts": {"titled": Share(8, 8)}}
    assert code_of(note_programme_counts, **again) == "programme.counted-already"
    strange = {**again, "counts": {"rain": Share(1, 2)}, "at": APRIL.replace(month=5)}
    assert code_of(note_programme_counts, **strange) == "programme.unknown-indicator"
    early = {**again, "at": APRIL.replace(year=2025)}
    assert code_of(note_programme_counts, **early) == "programme.not-begun"
    with pytest.raises(ProgrammingError, match="permission denied"), recorded():
        ProgrammeCountRecord.objects.filter(month=3).update(numerator=2)


@pytest.mark.req("MIL-3")
@override_settings(ALLOWED_HOSTS=["testserver"])
def test_everybody_reads_how_each_figure_went() -> None:
    open_town(homes=2)
    before = Client().get("/titles/programme/").content.decode()
    assert "逐月走势" not in before, "nothing is drawn before anything was kept"
    keep_programme_counts(at=MARCH)
    page = Client().get("/titles/programme/").content.decode()
    assert "逐月走势" in page
    assert "0 ÷ 2" in page
    assert "<polyline" in page
