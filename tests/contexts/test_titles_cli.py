"""``anju settle``, ``anju fees`` and ``anju triage`` as a clerk types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from anju.cli import communities, settlements, title_fees


def run(*words: str) -> Result:
    app = typer.Typer()
    for group in (settlements, title_fees, communities):
        group.register(app)
    return CliRunner().invoke(app, list(words))


@pytest.mark.req("LEG-3")
@pytest.mark.parametrize(
    ("registered", "amount", "is_within"),
    [
        ("102", "16000.00", True),
        ("103", "24000.00", True),
        ("103.01", "24000.00", False),
        ("105", "24000.00", False),
        ("98", "-16000.00", True),
        ("97", "-24000.00", True),
        ("96.99", "-24160.00", False),
        ("95", "-56000.00", False),
    ],
)
def test_a_settlement_says_what_the_buyer_pays(
    registered: str, amount: str, is_within: bool
) -> None:
    asked = ["settle", "--contracted", "100", "--registered", registered, "--price", "8000"]
    told = json.loads(run(*asked, "--json").stdout)
    assert told["buyer_pays_yuan"] == amount
    assert told["buyer_may_withdraw"] is not is_within
    assert told["is_within"] is is_within
    assert all(line["text"] and line["clause"] for line in told["lines"])
    shown = run(*asked).stdout
    assert amount.removeprefix("-") in shown
    assert "[" not in shown  # no fact is missing from the words


def test_what_the_contract_states_comes_first() -> None:
    asked = ["settle", "--contracted", "100", "--registered", "95", "--price", "8000", "--json"]
    assert json.loads(run(*asked, "--contract", "actual").stdout)["buyer_pays_yuan"] == "-40000.00"
    assert json.loads(run(*asked, "--contract", "fixed").stdout)["buyer_pays_yuan"] == "0.00"


@pytest.mark.req("LEG-3")
def test_a_resettled_home_goes_by_its_plan_and_never_by_the_buyers_rule() -> None:
    asked = ["settle", "--contracted", "100", "--registered", "95", "--price", "8000", "--json"]
    silent = run(*asked, "--resettled")
    assert silent.exit_code == 1
    assert json.loads(silent.stdout)["refused"][0]["code"] == "area.plan-silent"
    told = json.loads(run(*asked, "--resettled", "--contract", "actual").stdout)
    assert (told["buyer_pays_yuan"], told["terms"]) == ("-40000.00", "plan")


def test_exactly_three_per_cent_is_inside_and_paid_in_full() -> None:
    told = run("settle", "--contracted", "88.5", "--registered", "91.155", "--price", "8000")
    assert "21240.00" in told.stdout


@pytest.mark.parametrize("wrong", [("1e2", "8000"), ("100", "８千"), ("0", "1"), ("100", "0.001")])
def test_what_is_no_area_or_price_is_refused(wrong: tuple[str, str]) -> None:
    area, price = wrong
    result = run("settle", "--contracted", area, "--registered", "95", "--price", price, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["refused"][0]["code"].startswith("area.not-a")


HOME = ("fees", "--on", "2026-06-01", "--fact", "area_sqm=89.5", "--fact", "price_fen=71200033")


@pytest.mark.req("TTL-9")
def test_the_fees_of_a_home_are_listed_with_what_is_to_be_confirmed() -> None:
    told = json.loads(run(*HOME, "--json").stdout)
    assert told["due_yuan"] == "7200.00"
    assert told["fees"]["deed-tax"]["due_yuan"] == "7120.00"
    more = ("--fact", "is_for_expropriated=yes", "--fact", "compensation_fen=50000000")
    shown = run(
        *HOME,
        *more,
        "--fact",
        "is_first_sale=yes",
        "--fact",
        "homes_owned=3",
        "--fact",
        "construction_cost_fen_per_sqm=250000",
    )
    assert "待确认" in shown.stdout
    assert "[" not in shown.stdout


@pytest.mark.parametrize("wrong", ["is_home=1", "colour=red", "price_fen=１２", "homes_owned"])
def test_a_fact_that_nobody_knows_is_refused(wrong: str) -> None:
    assert run(*HOME, "--fact", wrong).exit_code == 1


YARD = """
code = "old-yard"

[[buildings]]
code = "b1"
land_papers_complete = true
planning_check_passed = true
completion_accepted = true
land_price_and_tax_paid = false
owed_by = "developer"
free_of_encumbrances = true
registers_agree = true
developer_exists = true
within_one_parcel = true
areas_within_bound = true
archive_complete = true
land_is_granted = true
ownership_undisputed = true
homes = [{ number = "101" }, { number = "102" }]

[[buildings]]
code = "b2"
homes = [{ number = "201" }]
"""


@pytest.mark.req("LEG-2", "LEG-4")
def test_a_community_is_planned_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "yard.toml"
    file.write_text(YARD, encoding="utf-8")
    told = json.loads(run("triage", str(file), "--json").stdout)
    assert (told["now"], told["by_separation"]) == ([], ["101", "102"])
    assert told["blocked"] == {"201": ["b2/ownership-dispute"]}
    assert "b2/archive-lost" in told["supposed"]
    shown = run("triage", str(file), "--separated", "--staff-days", "5", "--money", "0").stdout
    assert "现在就能办证：2 套" in shown
    asked = run("triage", str(file), "--staff-days", "25").stdout
    assert "先易后难第 1 步：办 2 套" in asked
    assert "[" not in shown + asked


@pytest.mark.parametrize("text", ["code = ", 'code = "x"', YARD.replace("= true", '= "yes"')])
def test_a_file_that_says_no_community_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "yard.toml"
    file.write_text(text, encoding="utf-8")
    assert run("triage", str(file)).exit_code == 1
