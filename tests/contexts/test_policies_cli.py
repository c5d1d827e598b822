"""``anju policies``, as a clerk types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from anju.cli import policies
from anju.foundation.core.statutes import judge_library
from anju_rules.statutes.reading import read_statute
from tests.rules.test_statutes import LAW

PLAN = Path(__file__).parents[2] / "examples/liuan-village/plan.toml"


def run(*words: str) -> Result:
    app = typer.Typer()
    policies.register(app)
    return CliRunner().invoke(app, list(words))


@pytest.mark.req("PLN-4")
def test_library_procedures_and_example_keep_to_the_law(tmp_path: Path) -> None:
    result = run("policies", "check", str(PLAN), "--json")
    assert result.exit_code == 0, result.stdout
    told = json.loads(result.stdout)
    assert (told["laws"], told["items"], told["faults"]) == (13, 61, [])
    assert told["machine"] + told["human"] == 61

    forbidden = tmp_path / "plan.toml"
    text = PLAN.read_text(encoding="utf-8")
    forbidden.write_text(text.replace("户籍人口，每人", "无信访记录"), encoding="utf-8")
    result = run("policies", "check", str(forbidden))
    assert result.exit_code == 1
    assert "rules.scoring[1] 违反 petition-rules/no-disadvantage#1" in result.stdout
    forbidden.write_bytes(b"\xff")
    assert run("policies", "check", str(forbidden)).exit_code != 0


def test_the_library_is_listed() -> None:
    listed = run("policies", "list").stdout
    assert "order-590/10#1" in listed
    told = json.loads(run("policies", "list", "--json").stdout)["laws"]
    assert sum(map(len, told.values())) == 61


def test_a_guard_that_nobody_is_is_found() -> None:
    clause = LAW["clauses"][1]
    for check, touches in (
        ("rules:nothing", ["turns"]),
        ("procedure:nothing", ["turns"]),
        ("refusal:no.such-code", ["turns"]),
        ("built-in:anju_rules.nothing", ["turns"]),
        ("human", ["nothing"]),
    ):
        item = {**clause["items"][0], "check": check}
        law = read_statute({**LAW, "clauses": [{**clause, "items": [item], "touches": touches}]})
        assert not judge_library([law], refusals=["case.closed"], procedures=["objection"]).met
    assert judge_library([read_statute(LAW)], refusals=[], procedures=[]).met
