"""A community's tables on the database: whole or nothing, only what differs, nothing silently."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import pytest

from anju.foundation.access.context import reading
from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor
from anju.foundation.casework.operations import open_case
from anju.foundation.casework.types import HandedIn
from anju.titles.communities import comparing
from anju.titles.communities.operations import (
    enter_homes,
    import_homes,
    note_titles,
)
from anju.titles.communities.queries import (
    home_by_number,
    homes_of,
    people_of,
    surveys_of,
)
from anju.titles.communities.types import NewHome, Person, TitleState
from anju_rules.values import Refusal
from tests.support.communities import AT, PARCEL, Town, open_town, unit_code
from tests.support.community_tables import (
    FIRST,
    SECOND,
    bring,
    row,
    rules,
    survey,
    table,
)

pytestmark = pytest.mark.usefixtures("database")


@operation(permits="communities.keep", action="communities.titles.noted")
def finish(*, town: Town, home_id: UUID, state: TitleState, by: Actor, at: datetime) -> None:
    """Note a title as the operation does that registers it."""
    del by, at
    note_titles(project_id=town.project_id, home_ids=[home_id], title_state=state)
    record(target=home_id, project_id=town.project_id, body={"state": state})


@pytest.mark.req("LEG-1", "INV-8")
def test_a_table_adds_homes_and_the_same_table_again_changes_nothing() -> None:
    town = open_town(homes=2)
    data = table(
        row("901", 不动产单元号="370105 012002 GB00001 F00010033", 份额="1/2"),
        row("901", 权利人="李乙", 证件号=SECOND, 份额="50%", 楼层="", 不动产单元号=""),
        row("902", home=34, 权利人="", 证件号="", 办证状态=""),
    )
    dry = bring(town, data, is_dry_run=True)
    assert (dry.faults, dry.counts.added, dry.has_written) == ((), 2, False)
    with reading(by=town.officer()):
        assert len(homes_of(project_id=town.project_id)) == 2
    done = bring(town, data)
    assert (done.counts.added, done.counts.staying, done.has_written) == (2, 2, True)
    with reading(by=town.officer()):
        home = home_by_number(project_id=town.project_id, number="1-901")
        assert (home.unit_code, home.price_fen_per_sqm) == (unit_code(1, 33), 800_000)
        owners = home.household_id
        assert owners is not None
        people = people_of(project_id=town.project_id, household_ids=[owners])[owners]
        assert [(one.name, one.share) for one in people] == [("王甲", "1/2"), ("李乙", "1/2")]
    again = bring(town, data)
    assert (again.counts.changes, again.counts.unchanged, again.has_written) == (0, 2, False)


@pytest.mark.req("LEG-1", "INV-8")
def test_every_fault_names_its_row_and_nothing_of_the_table_is_kept() -> None:
    town = open_town(homes=1)
    report = bring(
        town,
        table(
            row("901", 份额="1/2"),
            row("901", 权利人="李乙", 证件号=SECOND, 份额="1/3", 楼层="", 不动产单元号=""),
            row("902", home=33),
            row("903", home=35, 证件号="110105194912310029"),
            row("904", home=36, 不动产单元号="370105012002GB00002F00010036"),
            row("905", home=37),
            row("906", home=38, 用途="鱼塘", 份额="两份"),
            row("907", home=39, 合同面积="0"),
            row("908", home=40, 不动产单元号="3701"),
            row("909", home=41),
            row("909", home=41, 楼层=8, 权利人="李乙", 证件号=SECOND),
            row("910", home=1),
        ),
    )
    assert rules(report) == [
        (3, "份额", "communities.shares-not-whole"),
        (5, "不动产单元号", "communities.code-repeated"),
        (6, "证件号", "identifier.id-check-digit"),
        (7, "不动产单元号", "communities.other-parcel"),
        (9, "用途", "communities.unknown-word"),
        (9, "份额", "communities.share-unclear"),
        (10, "合同面积", "import.too-small"),
        (11, "不动产单元号", "identifier.unit-length"),
        (12, "份额", "communities.share-missing"),
        (13, "楼层", "communities.rows-differ"),
        (13, "份额", "communities.share-missing"),
    ]
    ownerless = row("905", home=37, 权利人="", 证件号="", 办证状态="已发证")
    assert rules(bring(town, table(row("910", home=1), ownerless))) == [
        (3, "不动产单元号", "communities.code-elsewhere"),
        (4, "权利人", "communities.titled-without-owner"),
    ]
    with reading(by=town.officer()):
        assert len(homes_of(project_id=town.project_id)) == 1


@pytest.mark.req("LEG-1", "INV-8")
def test_only_what_differs_is_changed_and_the_owners_keep_their_household() -> None:
    town = open_town(homes=1)
    bring(town, table(row("901"), row("B-7", home=90, 楼栋="车库", 用途="车位", 楼层=-1)))
    with reading(by=town.officer()):
        before = home_by_number(project_id=town.project_id, number="1-901")
        space = home_by_number(project_id=town.project_id, number="车库-B-7")
        assert space.household_id == before.household_id is not None
    told = table(
        row("901", 单价="8100", 电话="13800000001"),
        row("B-7", home=90, 楼栋="车库", 用途="车位", 楼层=-1, 电话="13800000001"),
    )
    report = bring(town, told)
    assert [(one.number, dict(one.terms)) for one in report.changes] == [
        ("1-901", {"price_fen_per_sqm": ("800000", "810000"), "owners": ("", "")}),
        ("车库-B-7", {"owners": ("", "")}),
    ]
    with reading(by=town.officer()):
        after = home_by_number(project_id=town.project_id, number="1-901")
        assert after.household_id == before.household_id
    sold = bring(town, table(row("901", 权利人="李乙", 证件号=SECOND)))
    assert sold.counts.changed == 1
    with reading(by=town.officer()):
        bought = home_by_number(project_id=town.project_id, number="1-901").household_id
        assert bought not in {None, before.household_id}


@pytest.mark.req("LEG-1")
def test_two_homes_may_swap_their_codes_in_one_table() -> None:
    town = open_town(homes=1)
    bring(town, table(row("901", home=33), row("902", home=34)))
    done = bring(town, table(row("901", home=34), row("902", home=33)))
    assert (done.faults, done.counts.changed) == ((), 2)
    with reading(by=town.officer()):
        assert home_by_number(project_id=town.project_id, number="1-901").unit_code == unit_code(
            1, 34
        )


@pytest.mark.req("LEG-1", "INV-8")
@pytest.mark.parametrize("is_defended", [True, False])
def test_a_home_with_a_title_or_a_case_under_way_never_changes_silently(
    is_defended: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = open_town(homes=4)
    titled, busy, first, free = town.homes
    officer = town.officer()
    finish(town=town, home_id=titled.id, state="titled", by=officer, at=AT)
    finish(town=town, home_id=first.id, state="first", by=officer, at=AT)
    open_case(
        project_id=town.project_id,
        procedure="eligibility-review",
        subject_kind="title",
        subject_id=busy.id,
        division=town.community.division,
        series="YS-ELG",
        materials=[HandedIn(code=code) for code in ("agreement", "residence-declaration")],
        by=town.officer("street-officer"),
        at=AT,
    )
    if not is_defended:
        monkeypatch.setattr("anju.titles.communities.comparing._forbidden", lambda *_, **__: [])
    header = ("楼栋", "房号", "用途", "单价")
    prices = [["1", home.number, "", "1.00"] for home in (titled, busy, free)]
    report = bring(town, table(*prices, ["1", first.number, "商铺", ""], header=header))
    with reading(by=officer):
        kept = {home.number: home for home in homes_of(project_id=town.project_id)}
    if is_defended:
        assert rules(report) == [
            (3, "单价", "communities.home-titled"),
            (4, "单价", "communities.title-under-way"),
            (6, "用途", "communities.home-registered"),
        ]
        assert kept[free.number].price_fen_per_sqm == 800_000
        same = [["1", home.number, "住宅", "8000"] for home in town.homes]
        assert bring(town, table(*same, header=header)).counts.unchanged == 4
    else:
        assert kept[titled.number].price_fen_per_sqm == 100


@pytest.mark.req("LEG-1")
def test_a_home_under_way_is_kept_from_tables_but_an_empty_area_is_filled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    town = open_town(homes=1)
    bring(town, table(row("901", home=33)))
    monkeypatch.setattr(
        comparing, "subjects_in_cases", lambda *, subject_ids, **_: set(subject_ids)
    )
    dearer = bring(town, table(row("901", home=33, 单价="9000")))
    assert rules(dearer) == [(3, "单价", "communities.title-under-way")]
    header = ("楼栋", "房号", "实测面积")
    assert survey(town, table(["1", "901", "90.5"], header=header)).counts.changed == 1
    other = survey(town, table(["1", "901", "91.5"], header=header))
    assert rules(other) == [(3, "实测面积", "communities.title-under-way")]


@pytest.mark.req("LEG-1")
def test_a_survey_gives_areas_by_code_or_by_number_and_is_noted_once() -> None:
    town = open_town(homes=3)
    header = ("不动产单元号", "楼栋", "房号", "实测面积", "楼层")
    data = table(
        [town.homes[0].unit_code, "", "", "90.1234", ""],
        ["", "1号楼", town.homes[1].number, "91.155", 1],
        header=header,
    )
    assert survey(town, data, is_dry_run=True).counts.changed == 1
    assert survey(town, data).counts.changed == 1
    assert survey(town, data).counts.changed == 0
    with reading(by=town.officer()):
        assert home_by_number(
            project_id=town.project_id, number=town.homes[0].number
        ).registered_sqm == Decimal("90.1234")
        assert [(one.surveyor, one.homes) for one in surveys_of(project_id=town.project_id)] == [
            ("泉城测绘院", 2)
        ]
    wrong = survey(
        town,
        table(
            [unit_code(1, 77), "", "", "90", ""],
            ["", "", "", "90", ""],
            [town.homes[0].unit_code, "1", town.homes[1].number, "90", ""],
            [unit_code(1, 78), "1", town.homes[2].number, "90", ""],
            header=header,
        ),
    )
    assert rules(wrong) == [(4, "", "communities.survey-names-no-home")]
    wrong = survey(
        town,
        table(
            [unit_code(1, 77), "", "", "90", ""],
            [town.homes[0].unit_code, "1", town.homes[1].number, "90", ""],
            [unit_code(1, 78), "1", town.homes[2].number, "90", ""],
            header=header,
        ),
    )
    assert [rule for _, _, rule in rules(wrong)] == [
        "communities.unknown-home",
        "communities.survey-names-two",
        "communities.survey-other-code",
    ]


@pytest.mark.req("LEG-1")
def test_the_same_owners_of_several_homes_are_one_household() -> None:
    town = open_town(homes=1)
    pair = (
        Person(name="王甲", identity_number=FIRST, share="1/2"),
        Person(name="李乙", identity_number=SECOND, share="1/2"),
    )
    told = {"project_id": town.project_id, "by": town.officer(), "at": AT}
    home, space = enter_homes(
        homes=[
            NewHome(building="2", number="2-101", people=pair),
            NewHome(building="2", number="2-P1", use="parking", people=pair[::-1]),
        ],
        **told,  # type: ignore[arg-type]
    )
    (later,) = enter_homes(
        homes=[NewHome(building="2", number="2-P2", use="parking", people=pair)],
        **told,  # type: ignore[arg-type]
    )
    assert home.household_id == space.household_id == later.household_id is not None
    (alone,) = enter_homes(
        homes=[NewHome(building="2", number="2-102", people=pair[:1])],
        **told,  # type: ignore[arg-type]
    )
    assert alone.household_id != home.household_id
    with pytest.raises(Refusal) as caught:
        enter_homes(
            homes=[
                NewHome(building="2", number=number, people=people, household_id=home.household_id)
                for number, people in (("2-103", pair), ("2-104", pair[:1]))
            ],
            **told,  # type: ignore[arg-type]
        )
    assert caught.value.code == "communities.owners-differ"


@pytest.mark.req("SEC-3")
def test_a_table_for_a_community_out_of_sight_is_not_read() -> None:
    town = open_town(homes=1)
    for role, code in (
        ("street-officer", "access.not-permitted"),
        ("developer", "access.not-permitted"),
    ):
        with pytest.raises(Refusal) as caught:
            import_homes(
                project_id=town.project_id,
                data=table(row()),
                file_name="homes.csv",
                is_dry_run=True,
                by=town.officer(role),
                at=AT,
            )
        assert caught.value.code == code
    assert town.community.terms.parcel == PARCEL
