"""A plan folder is read whole, or refused with every fault of every file."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anju.foundation.core.words import read_words
from anju.foundation.exchange.faults import Fault, describe_fault
from anju.resettlement.offline.plan import Plan, PlanFaults, read_plan
from tests.support.real_data import real_data

pytestmark = pytest.mark.req("INV-8")

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "liuan-village"
PLAN = """
[project]
code = "YS-2026"
name = "示例"
mode = "score"
strata = ["优先户", "普通户"]
[tables.units]
file = "units.csv"
columns = { number = "房号", area_sqm = "面积", reserved_for = "预留" }
words = { reserved_for = { "无障碍" = "barrier-free" } }
[tables.households]
file = "households.csv"
columns = { number = "户号", stratum = "类别", persons = "人口", is_low_income = "低保" }
[tables.wishes]
file = "wishes.csv"
columns = { household = "户号", rank = "志愿", homes = "房号" }
[facts]
is_low_income = "flag"
[rules]
version = "1"
effective_on = 2026-06-01
[rules.entitlement]
kind = "budget"
per_person_sqm = "50"
per = "persons"
excess_at_most_sqm = "30"
clause = "plan/selection#3"
[[rules.needs]]
need = "barrier-free"
home = { is_barrier_free = true }
clause = "plan/needs#1"
[draw]
scheme = "anju-draw-1"
freeze_at = "2026-11-23T17:00:00+08:00"
beacon_at = "2026-11-26T15:30:00+08:00"
beacon_rule = "balls:6x00-99;sse:close,turnover;szse:close,turnover"
redraw_rule = "void-causes-1"
[[draw.committers]]
who = "notary"
commitments = ["COMMIT", "COMMIT"]
[draw.rehearsal]
beacon_at = "2026-06-30T15:30:00+08:00"
beacon = ["07 41 58 03 96 22", "3912.47", "482315000000", "12764.03", "611902000000"]
""".replace("COMMIT", "ab" * 32)
TABLES = {
    "units.csv": "房号,面积,预留\n1-101,88.5,\n1-102,90,无障碍\n",
    "households.csv": "户号,类别,人口,低保\nH1,优先户,3,是\nH2,普通户,2,\n",
    "wishes.csv": "户号,志愿,房号\nH1,1,1-101\n",
}


def write_plan(folder: Path, text: str = PLAN, **tables: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "plan.toml").write_text(text, encoding="utf-8")
    for name, told in {**TABLES, **{f"{key}.csv": told for key, told in tables.items()}}.items():
        (folder / name).write_text(told, encoding="utf-8")
    return folder


def faults_of(folder: Path, overrides: Mapping[str, Path] | None = None) -> tuple[Fault, ...]:
    with pytest.raises(PlanFaults) as caught:
        read_plan(folder, overrides=overrides)
    return caught.value.faults


def test_a_plan_folder_is_read_whole(tmp_path: Path) -> None:
    plan = read_plan(write_plan(tmp_path))
    assert plan.project.strata == ("优先户", "普通户")
    assert plan.project.batch_size == 30
    assert list(plan.homes) == ["1-101", "1-102"]
    assert plan.homes[list(plan.homes)[1]].reserved_for == "barrier-free"
    assert plan.households[next(iter(plan.households))].household.facts == {
        "persons": 3,
        "is_low_income": True,
    }
    assert plan.wishes == {"H1": (("1-101",),)}
    assert plan.rules.version == "1"
    assert plan.draw is not None
    assert plan.draw.committers == (("notary", ("ab" * 32, "ab" * 32)),)
    assert plan.draw.rehearsal_beacon[1] == "3912.47"
    assert set(plan.rules_table) == {"facts", "rules"}


def test_a_plan_needs_neither_draw_nor_wishes(tmp_path: Path) -> None:
    text = re.sub(
        r"\[tables\.wishes\].*?(?=\[facts\])", "", PLAN.split("[draw]")[0], flags=re.DOTALL
    )
    plan = read_plan(write_plan(tmp_path, text))
    assert plan.draw is None
    assert not plan.wishes


@pytest.mark.parametrize(
    ("old", "new", "rule", "column"),
    [
        ('code = "YS-2026"', "", "plan.key-missing", "project.code"),
        ('code = "YS-2026"', 'code = "ys 2026"', "plan.unlawful-value", "project.code"),
        ('code = "YS-2026"', "code = 2026", "plan.not-a-text", "project.code"),
        ('name = "示例"', 'nane = "x"\nname = "示例"', "plan.unknown-key", "project.nane"),
        ('mode = "score"', 'mode = "chess"', "plan.unlawful-value", "project.mode"),
        (
            'mode = "score"',
            'mode = "score"\nbatch_size = 31',
            "plan.number-out-of-range",
            "project.batch_size",
        ),
        ("[facts]\n", "[fact]\n[facts]\n", "plan.unknown-key", "fact"),
        ('"flag"', '"word"', "plan.unknown-fact-type", "facts.is_low_income"),
        ("[facts]\n", '[facts]\npersons = "flag"\n', "plan.built-in-fact", "facts.persons"),
        ("[facts]\n", '[facts]\nname = "flag"\n', "plan.fact-is-a-column", "facts.name"),
        (
            "[facts]\n",
            '[facts]\nis_new = "flag"\n',
            "plan.fact-without-column",
            "tables.households.columns.is_new",
        ),
        ('file = "units.csv"', 'file = "none.csv"', "import.file-missing", ""),
        ('file = "units.csv"', "", "plan.key-missing", "tables.units.file"),
        ('area_sqm = "面积"', 'area = "面积"', "plan.key-missing", "tables.units.columns.area_sqm"),
        (
            'area_sqm = "面积"',
            'area_sqm = "面积", has_lfit = "梯"',
            "plan.unknown-key",
            "tables.units.columns.has_lfit",
        ),
        (
            'number = "房号", area',
            "area",
            "plan.unit-number-missing",
            "tables.units.columns.number",
        ),
        (
            'file = "units.csv"',
            'file = "units.csv"\nnumber_from = ["floor"]',
            "plan.number-from-unmapped",
            "tables.units.columns.floor",
        ),
        (
            'persons = "人口"',
            'persons = "人口", hobby = "爱好"',
            "plan.unknown-key",
            "tables.households.columns.hobby",
        ),
        (
            'stratum = "类别", ',
            "",
            "plan.stratum-column-missing",
            "tables.households.columns.stratum",
        ),
        ("{ reserved_for", "{ room", "plan.words-without-column", "tables.units.words.room"),
        ('"优先户", "普通户"]', '"优先户", "优先户"]', "plan.strata-unclear", "project.strata"),
        (
            'beacon_at = "2026-11-26',
            'beacon_at = "2026-11-22',
            "plan.beacon-before-freeze",
            "draw.beacon_at",
        ),
        (
            'beacon_at = "2026-06-30',
            'beacon_at = "2026-12-30',
            "plan.rehearsal-beacon-not-past",
            "draw.rehearsal.beacon_at",
        ),
        (
            'freeze_at = "2026-11-23T17:00:00+08:00"',
            "freeze_at = 2026-11-23T17:00:00+08:00",
            "plan.not-a-text",
            "draw.freeze_at",
        ),
        (
            '"2026-11-26T15:30:00+08:00"',
            '"2026-11-31T15:30:00+08:00"',
            "plan.unlawful-value",
            "draw.beacon_at",
        ),
        (
            'commitments = ["',
            'commitments = ["A',
            "plan.commitment-unreadable",
            "draw.committers[1].commitments",
        ),
        (
            "[draw.rehearsal]",
            '[[draw.committers]]\nwho = "notary"\ncommitments = ["'
            + "ab" * 32
            + '", "'
            + "cd" * 32
            + '"]\n[draw.rehearsal]',
            "plan.committer-twice",
            "draw.committers[2].who",
        ),
        ('"anju-draw-1"', '"anju-draw-2"', "plan.unlawful-value", "draw.scheme"),
        (
            'per_person_sqm = "50"',
            "per_person_sqm = 50.5",
            "policy.binary-float",
            "rules.entitlement.per_person_sqm",
        ),
    ],
)
def test_each_fault_of_the_plan_names_its_key(
    tmp_path: Path, old: str, new: str, rule: str, column: str
) -> None:
    assert old in PLAN
    faults = faults_of(write_plan(tmp_path, PLAN.replace(old, new, 1)))
    assert (rule, column) in [(fault.rule, fault.column) for fault in faults]
    for fault in faults:
        assert re.search(r"\[[a-z_]+\]", describe_fault(fault)) is None  # a fact its words miss
        assert fault.rule in read_words() or fault.rule.startswith("policy.")


def test_a_syntax_error_names_its_line(tmp_path: Path) -> None:
    (fault,) = faults_of(write_plan(tmp_path, PLAN.replace('name = "示例"', "name = 示例")))
    assert (fault.rule, fault.row) == ("plan.syntax", 4)
    (fault,) = faults_of(write_plan(tmp_path, PLAN + "\n[tables"))
    assert fault.rule == "plan.syntax"
    (tmp_path / "plan.toml").write_bytes('name = "示例"'.encode("gb18030"))
    assert faults_of(tmp_path)[0].rule == "plan.not-utf-8"
    (tmp_path / "plan.toml").unlink()
    assert faults_of(tmp_path)[0].rule == "plan.file-missing"
    write_plan(tmp_path, "\ufeff" + PLAN)
    assert read_plan(tmp_path).project.code == "YS-2026"


def test_all_faults_of_all_files_come_together(tmp_path: Path) -> None:
    folder = write_plan(
        tmp_path,
        PLAN.replace('mode = "score"', 'mode = "x"'),
        units="房号,面积,预留\n1-101,abc,\n1-101,90,\n1-102,0,\n",
        households="户号,类别,人口,低保\nH1,优先户,三,是\n",
        wishes="户号,志愿,房号\nH1,first,1-101\n",
    )
    assert [(fault.file, fault.row) for fault in faults_of(folder)] == [
        ("plan.toml", None),
        ("units.csv", 2),
        ("units.csv", 4),
        ("households.csv", 2),
        ("wishes.csv", 2),
    ]


def test_the_error_itself_carries_nothing_of_the_register(tmp_path: Path) -> None:
    folder = write_plan(tmp_path, households="户号,类别,人口,低保\nH1,王秀兰,3,是\n")
    with pytest.raises(PlanFaults) as caught:
        read_plan(folder)
    assert "王秀兰" not in str(caught.value)
    assert "王秀兰" in describe_fault(caught.value.faults[0])


def test_a_wish_for_an_unknown_home_is_a_fault_only_where_the_homes_are_known(
    tmp_path: Path,
) -> None:
    odd = "户号,志愿,房号\nH1,1,9-999\n"
    assert [f.rule for f in faults_of(write_plan(tmp_path, wishes=odd))] == ["import.unknown-home"]
    folder = write_plan(tmp_path, wishes=odd, units="房号,面积,预留\n1-101,abc,\n")
    assert [fault.file for fault in faults_of(folder)] == ["units.csv"]


def test_another_file_may_stand_in_for_a_table(tmp_path: Path) -> None:
    folder = write_plan(tmp_path / "plan")
    other = tmp_path / "other.csv"
    other.write_text("房号,面积,预留\n1-101,60,\n", encoding="utf-8")
    plan = read_plan(folder, overrides={"units": other})
    assert len(plan.homes) == 1
    assert faults_of(folder, {"choices": other})[0].rule == "plan.override-without-table"


def test_the_real_selection_is_read_in_place_and_through_other_files(tmp_path: Path) -> None:
    units = real_data("selection-event/units.csv")
    plan = read_plan(ROOT / "tests/vectors/selection-event")
    assert (len(plan.homes), len(plan.households), len(plan.choices)) == (7724, 1234, 3472)
    assert len(plan.lottery_numbers) == 1234
    assert len(set(plan.lottery_numbers.values())) == 1233
    assert sum(home.floor is None for home in plan.homes.values()) == 120
    copy = tmp_path / "moved" / "here" / "units.csv"
    copy.parent.mkdir(parents=True)
    shutil.copy(units, copy)
    again = read_plan(ROOT / "tests/vectors/selection-event", overrides={"units": copy})
    assert again.homes == plan.homes


def test_the_real_floor_differences_refuse_their_plan_with_their_two_defects() -> None:
    real_data("selection-event/floor_differences.json")
    faults = faults_of(ROOT / "tests/vectors/selection-event-floors")
    assert [(fault.rule, fault.column) for fault in faults] == [
        ("units.floor-differences-not-zero", "table.26"),
        ("units.floor-differences-not-zero", "table.27"),
    ]
    assert "26" in describe_fault(faults[0])
    same, other = (
        (ROOT / f"tests/vectors/{name}/plan.toml").read_text(encoding="utf-8").split("[project]")[1]
        for name in ("selection-event", "selection-event-floors")
    )
    assert re.sub(r"\[tables\.floor_differences\]\n.*\n\n", "", other) == same


@given(
    data=st.binary(max_size=300),
    name=st.sampled_from(["plan.toml", "units.csv", "households.csv", "wishes.csv"]),
)
def test_any_bytes_in_any_file_give_faults_and_never_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str
) -> None:
    folder = write_plan(tmp_path_factory.getbasetemp() / "garbage")
    (folder / name).write_bytes(data)
    assert faults_of(folder)


@settings(max_examples=300)
@given(
    line=st.integers(0, PLAN.count("\n") - 1),
    value=st.sampled_from(
        [
            "",
            "1",
            "1.5",
            '"x"',
            "[]",
            "[1]",
            "{}",
            "[[]]",
            "true",
            "2026-01-01",
            "nan",
            "[{}]",
            '["a", "b"]',
            "[[1, 2]]",
            "{ a = {} }",
            "-1",
            '"' + "9" * 300 + '"',
            "inf",
        ]
    ),
)
def test_a_plan_with_any_one_value_changed_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, line: int, value: str
) -> None:
    lines = PLAN.split("\n")
    key = lines[line].split("=")[0]
    lines[line] = f"{key}= {value}" if "=" in lines[line] and value else ""
    folder = write_plan(tmp_path_factory.getbasetemp() / "changed", "\n".join(lines))
    faults: tuple[Fault, ...] = ()
    plan = None
    try:
        plan = read_plan(folder)
    except PlanFaults as refused:
        faults = refused.faults
    assert bool(faults) != isinstance(plan, Plan)
    assert all(describe_fault(fault) for fault in faults)


def test_the_committed_example_is_read() -> None:
    plan = read_plan(EXAMPLE)
    assert (len(plan.homes), len(plan.households)) == (60, 50)
    assert len(plan.rules.scoring) == 8


def test_reserved_homes_open_only_after_a_stratum_of_the_plan(tmp_path: Path) -> None:
    """A misspelt stratum has no household, so the homes kept for a need would open at once."""
    opens = 'need = "barrier-free"\nreserved_opens_after_stratum = "{}"'
    text = PLAN.replace('need = "barrier-free"', opens.format("优先"))
    faults = faults_of(write_plan(tmp_path, text))
    assert [(fault.rule, fault.value) for fault in faults] == [("plan.unknown-stratum", "优先")]
    sound = write_plan(tmp_path, PLAN.replace('need = "barrier-free"', opens.format("优先户")))
    assert read_plan(sound).rules.needs[0].reserved_opens_after_stratum == "优先户"
