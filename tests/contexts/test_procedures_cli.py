"""``anju procedures`` and ``anju due --pause``, as a clerk types them; the page that is printed."""

from __future__ import annotations

import csv
import json
import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import typer
from typer.testing import CliRunner, Result

from anju.cli import dates, procedures
from anju.foundation.access.permissions import permissions_by_role
from anju.foundation.core import definitions
from anju_rules.procedures.printing import document_lines
from anju_rules.procedures.reading import read_procedure
from tests.support.real_data import real_data

ROOT = Path(__file__).parents[2]
NAMES = sorted(file.stem for file in (ROOT / "src/anju/procedures").glob("*.toml"))
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DRAWN = "{http://www.omg.org/spec/BPMN/20100524/DI}"


def run(*words: str) -> Result:
    app = typer.Typer()
    for group in (dates, procedures):
        group.register(app)
    return CliRunner().invoke(app, list(words))


def test_every_default_procedure_is_sound() -> None:
    result = run("procedures", "check", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"procedures": NAMES, "faults": [], "sound": True}
    assert "无误" in run("procedures", "check").stdout


def test_a_fault_leaves_with_one_and_says_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "src/anju/procedures/agreement.toml").read_text(encoding="utf-8")
    broken = read_procedure(tomllib.loads(text.replace('"city-officer"', '"mayor"')))
    monkeypatch.setattr(procedures, "read_default_procedures", lambda: {"agreement": broken})
    result = run("procedures", "check")
    assert result.exit_code == 1
    assert "平台没有岗位 mayor" in result.stdout


@pytest.mark.req("TTL-1")
def test_two_procedures_are_compared_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    told = json.loads(run("procedures", "compare", "title-12-to-8", "--json").stdout)
    assert told["sound"]
    assert told["saved"] == {"steps": [12, 8], "materials": [15, 7], "days": [25, 5]}
    shown = run("procedures", "compare", "title-8-to-6")
    assert shown.exit_code == 0
    assert "逐项核对无误" in shown.stdout
    assert run("procedures", "compare", "title-8-to-6", "--diagram").stdout.startswith("flowchart")
    assert run("procedures", "compare", "nothing").exit_code == 1
    change = definitions.read_default_changes()["title-8-to-6"]
    broken = {"title-8-to-6": replace(change, steps=change.steps[1:])}
    monkeypatch.setattr(procedures, "read_default_changes", lambda: broken)
    wrong = run("procedures", "compare", "title-8-to-6")
    assert wrong.exit_code == 1
    assert "原来的 intake 没有说明去向" in wrong.stdout


def test_a_procedure_is_shown_as_table_diagram_and_json() -> None:
    table = run("procedures", "show", "plan-approval")
    assert "逐户征求同意" in table.stdout
    diagram = run("procedures", "show", "plan-approval", "--diagram").stdout
    assert diagram.startswith("flowchart TD\n")
    assert "notice" in diagram
    told = json.loads(run("procedures", "show", "plan-approval", "--json").stdout)
    assert [step["code"] for step in told["steps"]][-1] == "enact"
    unknown = run("procedures", "show", "nothing")
    assert unknown.exit_code == 1
    assert "plan-approval" in unknown.stderr


@pytest.mark.parametrize("name", NAMES)
def test_the_exported_bpmn_holds_together(name: str) -> None:
    root = ET.fromstring(run("procedures", "show", name, "--bpmn").stdout)  # noqa: S314 - ours
    process = root.find(f"{BPMN}process")
    assert process is not None
    flows = {flow.get("id"): flow for flow in process.findall(f"{BPMN}sequenceFlow")}
    nodes = {one.get("id"): one for one in process if one.tag != f"{BPMN}sequenceFlow"}
    assert max(Counter(one.get("id") for one in root.iter() if one.get("id")).values()) == 1
    for identity, flow in flows.items():
        source, target = nodes[flow.get("sourceRef")], nodes[flow.get("targetRef")]
        assert identity in {one.text for one in source.findall(f"{BPMN}outgoing")}
        assert identity in {one.text for one in target.findall(f"{BPMN}incoming")}
    for identity, node in nodes.items():
        kind = node.tag.removeprefix(BPMN)
        assert (kind == "startEvent") is not bool(node.findall(f"{BPMN}incoming")), identity
        assert (kind == "endEvent") is not bool(node.findall(f"{BPMN}outgoing")), identity
    drawn = {one.get("bpmnElement") for one in root.iter() if one.tag.startswith(DRAWN)}
    assert drawn - {None} == {process.get("id"), *nodes, *flows}


def test_the_page_of_the_documentation_equals_the_definitions() -> None:
    """Printed again by: anju procedures document > docs/domain/procedures.md."""
    printed = "\n".join(document_lines(definitions.read_default_procedures().values())) + "\n"
    assert (ROOT / "docs/domain/procedures.md").read_text(encoding="utf-8") == printed


def test_departments_are_the_only_role_without_an_account() -> None:
    named = {
        step.role
        for one in definitions.read_default_procedures().values()
        for step in one.steps.values()
    }
    assert named - permissions_by_role().keys() == definitions.OUTSIDE_ROLES


@pytest.mark.req("TTL-4")
@pytest.mark.pitfall("P18")
def test_every_published_paused_clock_is_reckoned_on_the_command_line() -> None:
    with real_data("holidays/paused_clocks.csv").open(encoding="utf-8", newline="") as file:
        cases = list(csv.DictReader(file))
    assert cases
    for case in cases:
        pauses = [word for span in case["pauses"].split(";") if span for word in ("--pause", span)]
        result = run("due", case["accepted_on"], case["working_days"], *pauses)
        assert result.stdout == f"{case['due_on']}\n"


@pytest.mark.parametrize(
    ("pauses", "code"),
    [
        (["2026-09-21"], "clock.not-a-pause"),
        (["2026-09-21..soon"], "calendar.not-a-date"),
        (["2026-09-28..2026-09-21"], "clock.pause-turned-round"),
        (["2026-09-01..2026-09-21"], "clock.pause-before-start"),
        (["2026-09-21..2026-09-28", "2026-09-25..2026-09-30"], "clock.pauses-overlap"),
    ],
)
def test_a_pause_that_cannot_be_is_refused(pauses: list[str], code: str) -> None:
    words = [word for pause in pauses for word in ("--pause", pause)]
    result = run("due", "2026-09-17", "5", *words, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["refused"][0]["code"] == code


def test_a_clock_that_stands_still_says_what_is_left() -> None:
    asked = ("due", "2026-09-17", "5", "--pause", "2026-09-21..")
    assert "还剩 2 天" in run(*asked).stdout
    told = json.loads(run(*asked, "--json").stdout)
    assert told["due_on"] is None
    assert told["pauses"] == [{"from": "2026-09-21", "to": None}]
