"""``anju replay``, as a clerk types it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from anju.cli import replay
from anju.foundation.core.words import read_words
from tests.support.real_data import real_data

PLAN = """
[project]
code = "T"
name = "试点"
mode = "lottery"

[tables.units]
file = "units.csv"
columns = { number = "房号", community = "小区", area_sqm = "面积" }

[tables.households]
file = "households.csv"
columns = { number = "户号", lottery_number = "签号", confirmed_area_sqm = "确认面积" }

[tables.choices]
file = "choices.csv"
[tables.choices.columns]
seq = "序号"
household = "户号"
lottery_number = "签号"
unit = "房号"
seconds = "秒"

[facts]
confirmed_area_sqm = "area"

[rules]
version = "1"
effective_on = 2026-06-01

[rules.entitlement]
kind = "budget"
budget = "confirmed_area_sqm"
excess_below_sqm = "60"
clause = "plan/selection#3"

[rules.entitlement.communities]
one_home = ["D"]
clause = "plan/selection#4"

[rules.turns]
late = "allowed"
clause = "plan/selection#6"
"""
CHOICES = [
    (1, "甲", 1, "1", 10),
    (2, "乙", 2, "1", 20),
    (3, "乙", 2, "2", 20),
    (4, "乙", 2, "3", 20),
    (5, "丙", 3, "4", 30),
]


def run(*words: str) -> Result:
    app = typer.Typer()
    replay.register(app)
    app.command("other")(lambda: None)  # so that `replay` stays a word of its own
    return CliRunner().invoke(app, ["replay", *words])


def told(result: Result) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def write_table(path: Path, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    (tmp_path / "plan.toml").write_text(PLAN, encoding="utf-8")
    units = [(str(number), "D" if number in {2, 3} else "A", "50") for number in range(1, 5)]
    write_table(tmp_path / "units.csv", ("房号", "小区", "面积"), [*units, ("5", "A", "300")])
    households = [("甲", 1, "100"), ("乙", 2, "100"), ("丙", 3, "100")]
    write_table(tmp_path / "households.csv", ("户号", "签号", "确认面积"), [*households])
    write_choices(tmp_path / "choices.csv", CHOICES)
    return tmp_path


def write_choices(path: Path, rows: list[tuple[Any, ...]]) -> None:
    write_table(path, ("序号", "户号", "签号", "房号", "秒"), rows)


@pytest.mark.req("SEL-2")
def test_the_real_selection_is_replayed_from_its_plan_folder() -> None:
    real_data("selection-event/choices.csv")
    result = run("tests/vectors/selection-event", "--json")
    assert result.exit_code == 0
    answer = told(result)
    assert answer.pop("refusals") == []
    assert answer == {"choices": 3472, "accepted": 3472, "refused": {}}


def test_refused_choices_are_counted_by_code_and_listed_with_words(plan: Path) -> None:
    result = run(str(plan), "--json")
    assert result.exit_code == 0
    answer = told(result)
    assert (answer["choices"], answer["accepted"]) == (5, 3)
    assert answer["refused"] == {
        "selection.community-limit": 1,
        "selection.unit-already-held": 1,
    }
    first = answer["refusals"][0]
    assert (first["seq"], first["household"], first["unit"]) == (2, "乙", "1")
    assert first["message"] == "房屋 1 已被户号 甲 选定"
    assert answer["refusals"][1]["clause"] == "plan/selection#4"


def test_a_person_reads_counts_and_reasons(plan: Path) -> None:
    result = run(str(plan))
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "选房记录 5 条：符合规则 3 条。",
        "  不符合 1 条：selection.community-limit",
        "  不符合 1 条：selection.unit-already-held",
        "  第 2 条，户 乙：房屋 1 已被户号 甲 选定",
        "  第 4 条，户 乙：D 每户最多选 1 套",
    ]


def test_another_record_may_take_the_place_of_the_plan_s(plan: Path) -> None:
    other = plan / "other.csv"
    write_choices(other, [CHOICES[0], (2, "丙", 3, "5", 30)])
    answer = told(run(str(plan), "--choices", str(other), "--json"))
    assert answer["refused"] == {"selection.over-area-budget": 1}


def test_the_list_is_cut_at_fifty_and_the_counts_hold_all(plan: Path) -> None:
    rows = [(1, "甲", 1, "1", 10), *((place, "甲", 1, "1", 10) for place in range(2, 70))]
    write_choices(plan / "choices.csv", rows)
    answer = told(run(str(plan), "--json"))
    assert answer["refused"] == {"selection.unit-already-held": 68}
    assert len(answer["refusals"]) == replay.MOST_SHOWN
    assert "另有 18 条" in run(str(plan)).stdout


def test_a_faulty_input_is_not_judged(plan: Path) -> None:
    write_choices(plan / "choices.csv", [(1, "甲", "一", "1", 10)])
    result = run(str(plan), "--json")
    assert result.exit_code == 1
    assert "accepted" not in result.stdout


@pytest.mark.parametrize(
    ("rows", "code"), [([], "replay.no-choices"), (CHOICES, "replay.no-lottery-numbers")]
)
def test_nothing_to_judge_by_is_said(plan: Path, rows: list[tuple[Any, ...]], code: str) -> None:
    write_choices(plan / "choices.csv", rows)
    if rows:
        text = PLAN.replace('lottery_number = "签号", confirmed', "confirmed")
        (plan / "plan.toml").write_text(text, encoding="utf-8")
    result = run(str(plan), "--json")
    assert result.exit_code == 1
    assert code in result.stdout or code in str(told(result))


def test_every_code_of_rules_and_replay_is_worded_in_both_languages() -> None:
    words = read_words()
    for code in words:
        if code.startswith(("selection.", "policy.", "scoring.", "entitlement.", "replay.")):
            assert set(words[code]) == {"zh", "en"}, code
