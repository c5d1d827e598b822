"""``anju due``, ``anju check`` and ``anju recompute rfc3797``, as a clerk types them."""

from __future__ import annotations

import json
import string
import tomllib
from importlib import resources
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from anju.cli import codes, dates, recompute
from anju_rules.calendar import LAST_NOTICE_YEAR

UNIT = "370105012002GB00001F00010751"
REFERENCE_KEY = "9319./2.5.8.10.12./9.18.26.34.41.45./"


def run(*words: str) -> Result:
    app = typer.Typer()
    for group in (dates, codes, recompute):
        group.register(app)
    return CliRunner().invoke(app, list(words))


def told(result: Result) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


@pytest.mark.pitfall("P17")
def test_the_due_date_comes_first_on_the_line() -> None:
    result = run("due", "2026-09-24", "5")
    assert result.exit_code == 0
    assert result.stdout == "2026-10-09\n"


def test_a_due_date_without_a_notice_is_called_provisional_in_the_same_line() -> None:
    result = run("due", f"{LAST_NOTICE_YEAR}-12-31", "5")
    assert result.exit_code == 0
    (line,) = result.stdout.splitlines()
    assert line.startswith(f"{LAST_NOTICE_YEAR + 1}-01-")
    assert "provisional" in line
    assert "暂定" in line


def test_a_due_date_in_calendar_days_says_how_it_was_counted() -> None:
    result = run("due", "2026-09-24", "10", "--calendar-days", "--json")
    assert result.exit_code == 0
    assert told(result) == {
        "due_on": "2026-10-08",
        "provisional": False,
        "counted": "calendar-days",
        "start": "2026-09-24",
        "days": 10,
        "last_notice_year": LAST_NOTICE_YEAR,
    }
    assert told(run("due", "2026-09-24", "5", "--json"))["counted"] == "working-days"


@pytest.mark.parametrize(
    ("start", "days", "code", "words"),
    [
        ("2026-13-01", "5", "calendar.not-a-date", "不是日期"),
        ("2026-9-24", "5", "calendar.not-a-date", "不是日期"),
        ("20260924", "5", "calendar.not-a-date", "不是日期"),
        ("明天", "5", "calendar.not-a-date", "不是日期"),
        ("2026-09-24", "五", "calendar.not-a-number-of-days", "不是天数"),
        ("2026-09-24", "1.5", "calendar.not-a-number-of-days", "不是天数"),
        ("2026-09-24", "9" * 400, "calendar.not-a-number-of-days", "不是天数"),
        ("2026-09-24", "0", "calendar.term-too-short", "至少为 1 天"),
        ("2026-09-24", "9999999", "calendar.beyond-calendar", "期限过长"),
        ("2003-12-31", "5", "calendar.before-2004", "2004"),
    ],
)
def test_a_date_or_number_that_cannot_be_is_refused_in_chinese(
    start: str, days: str, code: str, words: str
) -> None:
    plain = run("due", start, days)
    assert plain.exit_code == 1
    assert words in plain.stderr
    assert plain.stdout == ""
    machine = run("due", start, days, "--json")
    assert machine.exit_code == 1
    assert told(machine)["refused"][0]["code"] == code


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("id", "11010519491231002x"),
        ("id", "440524188001010014"),
        ("credit", "91350100M000100Y43"),
        ("unit", UNIT),
        ("certificate", "鲁（2019）济南市不动产权第0000001号"),
    ],
)
def test_a_well_formed_code_leaves_with_nought(kind: str, code: str) -> None:
    plain = run("check", kind, code)
    assert plain.exit_code == 0
    assert "格式正确" in plain.stdout
    machine = told(run("check", kind, code, "--json"))
    assert machine["valid"] is True
    assert machine["reason"] is None


@pytest.mark.parametrize(
    ("kind", "code", "reason", "words"),
    [
        ("id", "110105194912310021", "identifier.id-check-digit", "校验码"),
        ("id", "110105491231002", "identifier.id-fifteen-digits", "15 位"),
        ("credit", "91110000600037342L", "identifier.credit-check-digit", "校验码"),
        ("unit", UNIT[:-1], "identifier.unit-length", "27 位"),
        ("unit", UNIT.replace("GB", "GO"), "identifier.unit-parcel-kind", "宗地特征码"),
        ("certificate", "鲁(2019)第1号", "identifier.certificate-form", "格式"),
    ],
)
def test_a_malformed_code_leaves_with_one_and_says_why(
    kind: str, code: str, reason: str, words: str
) -> None:
    plain = run("check", kind, code)
    assert plain.exit_code == 1
    assert words in plain.stdout
    machine = run("check", kind, code, "--json")
    assert machine.exit_code == 1
    answer = told(machine)
    assert answer["valid"] is False
    assert answer["reason"] == reason
    assert words in answer["message"]


def test_a_unit_code_is_told_part_by_part() -> None:
    answer = told(run("check", "unit", UNIT, "--json"))
    assert answer["shown"] == "370105 012002 GB00001 F00010751"
    assert answer["parts"]["parcel_kind"] == "GB"
    assert answer["parts"]["home"] == "0751"


@pytest.mark.req("DRW-3")
def test_a_draw_under_the_rfc_is_made_again_one_pick_a_line() -> None:
    asked = ("recompute", "rfc3797", "--key", REFERENCE_KEY, "--pool", "25", "--picks", "4")
    assert run(*asked).stdout == "17\n7\n2\n16\n"
    assert told(run(*asked, "--json"))["picks"] == [17, 7, 2, 16]


def test_more_picks_than_the_pool_holds_are_refused() -> None:
    asked = ("recompute", "rfc3797", "--key", REFERENCE_KEY, "--pool", "3", "--picks", "4")
    result = run(*asked)
    assert result.exit_code == 1
    assert "抽取人数" in result.stderr
    assert told(run(*asked, "--json"))["refused"][0]["code"] == "rfc3797.picks"


def test_every_code_has_words_in_both_languages_with_the_same_facts() -> None:
    file = resources.files("anju.foundation.core.words") / "rules.toml"
    words = tomllib.loads(file.read_text(encoding="utf-8"))
    for code, templates in words.items():
        facts = [
            {name for _, name, _, _ in string.Formatter().parse(templates[language]) if name}
            for language in ("zh", "en")
        ]
        assert facts[0] == facts[1], code
