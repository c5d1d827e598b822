"""The example: plausible, made up, the same for the same seed, and lawful to its last line."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from anju.cli.example import register
from anju.resettlement.offline.example import write_example
from anju.resettlement.offline.example_homes import make_homes
from anju.resettlement.offline.example_people import NEVER_ISSUED, make_households
from anju.resettlement.offline.plan import Plan, read_plan
from anju_rules.identifiers import check_identity_number
from anju_rules.values import Refusal

FILES = ["households.csv", "plan.toml", "units.xlsx", "wishes.csv"]


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    folder = tmp_path_factory.mktemp("example") / "plan"
    write_example(folder)
    return read_plan(folder)


def test_the_same_seed_writes_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_example(tmp_path / name, seed=seed, homes=80, households=70)
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == FILES
    for name in FILES:
        one, same, other = ((tmp_path / folder / name).read_bytes() for folder in "abc")
        assert one == same
        assert (one != other) == (name != "plan.toml")


def test_the_example_has_the_size_of_a_real_community(plan: Plan) -> None:
    assert (len(plan.homes), len(plan.households)) == (1296, 1200)
    areas = [home.area_sqm for home in plan.homes.values()]
    clusters = ((65, 77), (86, 96), (107, 108), (123, 127))
    assert all(any(low <= area <= high for low, high in clusters) for area in areas)
    assert len({home.building for home in plan.homes.values()}) == 9
    assert {home.reserved_for for home in plan.homes.values()} == {"", "barrier-free", "elderly"}
    assert {home.has_lift for home in plan.homes.values()} == {True, False}


def test_most_households_wish_for_three_to_five_homes_and_some_for_none(plan: Plan) -> None:
    counts = [len(plan.wishes.get(number, ())) for number in plan.households]
    assert sum(3 <= count <= 5 for count in counts) > 0.8 * len(counts)
    assert 0 < counts.count(0) < 0.1 * len(counts)
    wished = [wish for wishes in plan.wishes.values() for wish in wishes]
    assert max(map(wished.count, set(wished[:200]))) > 3


def test_the_wishes_fit_the_area_bands(plan: Plan) -> None:
    bands = {1: (60, 80), 2: (60, 80), 3: (80, 110), 4: (80, 110)}
    for number, wishes in plan.wishes.items():
        persons = int(plan.households[number].household.facts["persons"])
        low, high = bands.get(persons, (100, 130))
        assert all(low <= plan.homes[home].area_sqm <= high for wish in wishes for home in wish)


def test_nobody_in_the_example_can_exist(plan: Plan) -> None:
    for registered in plan.households.values():
        assert check_identity_number(registered.identity_number) == registered.identity_number
        assert registered.identity_number[14:17] == NEVER_ISSUED
        assert registered.phone.startswith("100")
        assert len(registered.phone) == 11


def test_areas_pass_through_the_spreadsheet_exactly(plan: Plan) -> None:
    made = make_homes(seed=1, count=1296, households=1200)
    assert [home.area_sqm for home in plan.homes.values()] == [
        Decimal(home.area) / 100 for home in made
    ]
    assert len(make_households(seed=1, count=30)) == 30


@pytest.mark.parametrize(("homes", "households"), [(1, 1), (7, 3), (13, 40), (500, 100)])
def test_an_example_of_any_size_is_a_lawful_plan(
    tmp_path: Path, homes: int, households: int
) -> None:
    write_example(tmp_path, seed=9, homes=homes, households=households)
    plan = read_plan(tmp_path)
    assert (len(plan.homes), len(plan.households)) == (homes, households)


def test_the_committed_example_is_what_the_command_writes(tmp_path: Path) -> None:
    committed = Path(__file__).resolve().parents[2] / "examples" / "liuan-village"
    write_example(tmp_path, homes=60, households=50)
    for name in FILES:
        if name != "units.xlsx":  # its packing may differ by zlib; its homes may not
            assert (tmp_path / name).read_bytes() == (committed / name).read_bytes()
    assert read_plan(tmp_path).homes == read_plan(committed).homes


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        write_example(tmp_path, homes=5, households=3)
    assert refused.value.code == "example.folder-not-empty"
    with pytest.raises(Refusal) as refused:
        write_example(tmp_path / "mine.txt", homes=5, households=3)
    assert refused.value.code == "example.folder-unusable"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_command_writes_and_refuses_in_words(tmp_path: Path) -> None:
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    arguments = ["example", str(tmp_path / "new"), "--homes", "20", "--households", "10", "--json"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0
    assert json.loads(done.stdout)["homes"] == 20
    again = CliRunner().invoke(app, arguments)
    assert again.exit_code == 1
    assert json.loads(again.stdout)["refused"][0]["code"] == "example.folder-not-empty"
    spoken = CliRunner().invoke(app, ["example", str(tmp_path / "b"), "--homes", "9"])
    assert "1200 户" in spoken.stdout
