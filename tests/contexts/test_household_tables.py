"""The register, the wishes and the recorded choices are read whole, or not at all."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju.foundation.exchange.tables import TableLayout
from anju.resettlement.households.choosing_tables import (
    ChoiceTable,
    WishTable,
    read_choices,
    read_wishes,
)
from anju.resettlement.households.tables import HouseholdTable, read_households
from anju.resettlement.offline.example_people import check_character
from anju_rules.values import HouseholdNumber, UnitNumber

pytestmark = pytest.mark.req("INV-8")

FACTS = {"persons": "integer", "home_area_sqm": "area", "is_low_income": "flag"}
LAYOUT = TableLayout(
    columns={
        "number": "户号",
        "name": "户主",
        "identity_number": "身份证号",
        "stratum": "类别",
        "needs": "需要",
        "lottery_number": "签号",
        "persons": "人口",
        "home_area_sqm": "住房",
        "is_low_income": "低保",
    }
)
HEADER = "户号,户主,身份证号,类别,需要,签号,人口,住房,低保"
STRATA = ("优先户", "普通户")


def identity_number(born: str) -> str:
    body = f"370105{born}000"
    return body + check_character(body)


FIRST, SECOND = identity_number("19700101"), identity_number("19720101")


def read(tmp_path: Path, *rows: str) -> HouseholdTable:
    path = tmp_path / "households.csv"
    path.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    return read_households(
        path,
        layout=LAYOUT,
        fact_types=FACTS,
        strata=STRATA,
        needs=frozenset({"elderly", "barrier-free"}),
    )


def test_a_register_becomes_households_with_typed_facts(tmp_path: Path) -> None:
    table = read(tmp_path, f"H1,王秀兰,{FIRST.lower()},优先户,elderly、barrier-free,7,4,45.5,是")
    (registered,) = table.households.values()
    household = registered.household
    assert (registered.name, registered.identity_number) == ("王秀兰", FIRST)
    assert household.facts == {
        "persons": 4,
        "home_area_sqm": Decimal("45.5"),
        "is_low_income": True,
    }
    assert (household.stratum, household.needs) == (
        "优先户",
        frozenset({"elderly", "barrier-free"}),
    )
    assert table.lottery_numbers == {"H1": 7}


@pytest.mark.parametrize(
    ("row", "rule", "column"),
    [
        ("H1,甲,,普通户,,2,3,0,", "import.repeated", "户号"),
        (",甲,,普通户,,2,3,0,", "import.value-missing", "户号"),
        (f"H2,甲,{SECOND[:-1]}A,普通户,,2,3,0,", "identifier.id-characters", "身份证号"),
        ("H2,甲,123,普通户,,2,3,0,", "identifier.id-length", "身份证号"),
        (f"H2,甲,{FIRST},普通户,,2,3,0,", "households.identity-number-repeated", "身份证号"),
        ("H2,甲,,特困户,,2,3,0,", "households.unknown-stratum", "类别"),
        ("H2,甲,,,,2,3,0,", "households.unknown-stratum", "类别"),
        ("H2,甲,,普通户,游泳池,2,3,0,", "households.unknown-need", "需要"),
        ("H2,甲,,普通户,,2,,0,", "import.value-missing", "人口"),
        ("H2,甲,,普通户,,2,3,,", "import.value-missing", "住房"),
        ("H2,甲,,普通户,,2,-1,0,", "import.too-small", "人口"),
        ("H2,甲,,普通户,,2,3,0,不详", "import.not-yes-or-no", "低保"),
        ("x" * 65 + ",甲,,普通户,,2,3,0,", "households.number-too-long", "户号"),
    ],
)
def test_one_fault_and_no_household_is_accepted(
    tmp_path: Path, row: str, rule: str, column: str
) -> None:
    table = read(tmp_path, f"H1,乙,{FIRST},普通户,,1,3,0,否", row)
    assert [(fault.rule, fault.row, fault.column) for fault in table.faults] == [(rule, 3, column)]
    assert not table.households
    assert not table.lottery_numbers


@pytest.mark.pitfall("P5")
def test_siblings_with_one_name_are_no_duplicates(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        f"H1,王秀兰,{FIRST},普通户,,1,3,0,否",
        f"H2,王秀兰,{SECOND},普通户,,2,3,0,否",
        "H3,王秀兰,,普通户,,2,3,0,否",
        "H4,王秀兰,,普通户,,2,3,0,否",
    )
    assert not table.faults
    assert len(table.households) == 4
    assert list(table.lottery_numbers.values()) == [1, 2, 2, 2]


@pytest.mark.pitfall("P5")
@pytest.mark.parametrize(
    "spelling",
    [
        FIRST,
        f" {FIRST} ",
        FIRST.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}),
    ],
)
def test_one_identity_number_twice_is_always_a_fault(tmp_path: Path, spelling: str) -> None:
    table = read(
        tmp_path, f"H1,王秀兰,{FIRST},普通户,,1,3,0,否", f"H2,李建国,{spelling},普通户,,2,3,0,否"
    )
    assert [(fault.rule, fault.row, fault.facts["first_row"]) for fault in table.faults] == [
        ("households.identity-number-repeated", 3, 2)
    ]


WISHES = TableLayout(columns={"household": "户号", "rank": "志愿", "homes": "房号"})
CHOICES = TableLayout(columns={"seq": "序", "household": "户号", "unit": "房号", "seconds": "秒"})
HOMES = {UnitNumber(name) for name in ("a", "b", "c")}
HOUSEHOLDS = {HouseholdNumber(name) for name in ("H1", "H2")}


def wishes(tmp_path: Path, *rows: str) -> WishTable:
    path = tmp_path / "wishes.csv"
    path.write_text("\n".join(["户号,志愿,房号", *rows]), encoding="utf-8")
    return read_wishes(path, layout=WISHES, homes=HOMES, households=HOUSEHOLDS)


def choices(tmp_path: Path, *rows: str) -> ChoiceTable:
    path = tmp_path / "choices.csv"
    path.write_text("\n".join(["序,户号,房号,秒", *rows]), encoding="utf-8")
    return read_choices(path, layout=CHOICES)


def test_wishes_are_kept_in_their_rank_and_may_join_homes(tmp_path: Path) -> None:
    table = wishes(tmp_path, "H1,3,c", "H1,1,a ＋ b", "H2,1,a")
    assert not table.faults
    assert table.wishes == {"H1": (("a", "b"), ("c",)), "H2": (("a",),)}
    assert wishes(tmp_path).wishes == {}


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("H9,1,a", "import.unknown-household"),
        ("H1,2,z", "import.unknown-home"),
        ("H1,2,a+z", "import.unknown-home"),
        ("H1,1,b", "import.repeated"),
        ("H1,0,b", "import.too-small"),
        ("H1,2,a+a", "wishes.homes-unreadable"),
        ("H1,2,a+", "wishes.homes-unreadable"),
        ("H1,2,", "import.value-missing"),
    ],
)
def test_one_unlawful_wish_and_none_is_accepted(tmp_path: Path, row: str, rule: str) -> None:
    table = wishes(tmp_path, "H1,1,a", row)
    assert [(fault.rule, fault.row) for fault in table.faults] == [(rule, 3)]
    assert not table.wishes


def test_recorded_choices_are_read_as_they_stand(tmp_path: Path) -> None:
    """A row moved within the record stays where it was put, for the judgement to find it there."""
    table = choices(tmp_path, "2,H1,b,", "1,H9,z,0", "1,H1,a,0")
    assert [(choice.seq, choice.unit, choice.seconds) for choice in table.choices] == [
        (2, "b", None),
        (1, "z", 0),
        (1, "a", 0),
    ]


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("2,H1,b,-3", "import.too-small"),
        (",H1,b,3", "import.value-missing"),
        ("2,H1,,3", "import.value-missing"),
    ],
)
def test_one_faulty_record_and_no_choice_is_accepted(tmp_path: Path, row: str, rule: str) -> None:
    table = choices(tmp_path, "1,H1,a,0", row)
    assert [(fault.rule, fault.row) for fault in table.faults] == [(rule, 3)]
    assert not table.choices


CELLS = st.lists(
    st.text(st.characters(exclude_characters='"\r\n,\t;', codec="utf-8")), min_size=9, max_size=9
)


@given(cells=CELLS)
def test_any_cells_give_a_register_or_faults_and_never_both(
    tmp_path_factory: pytest.TempPathFactory, cells: list[str]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    table = read(folder, f"H1,乙,{FIRST},普通户,,1,3,0,否", ",".join(cells))
    assert bool(table.households) != bool(table.faults)
    assert not (
        wishes(folder, ",".join(cells[:3])).wishes and wishes(folder, ",".join(cells[:3])).faults
    )
    assert not (
        choices(folder, ",".join(cells[:4])).choices and choices(folder, ",".join(cells[:4])).faults
    )
