"""The desk's pages of grades and of what is shown, and what everybody then sees of a home."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.utils import override_settings

from anju.resettlement.inventory.operations import keep_panorama
from anju.resettlement.inventory.queries import homes_of, materials_of, unit_by_number
from anju.resettlement.inventory.types import UnitRow
from anju.web.public.home_table import write_table
from tests.contexts.test_stock_files import picture
from tests.support.hostile_files import plain_pdf
from tests.support.registers import AT
from tests.support.site import Seeds, client_of, seed_project

GRADES = {"quality_grade": "qualified", "location_tier": "suburb", "amenity_tier": "pending"}


@pytest.fixture
def seeds(database: object, tmp_path: Path) -> Iterator[Seeds]:
    del database
    with override_settings(ALLOWED_HOSTS=["testserver"], SCANNER="off"):
        made = seed_project(tmp_path / "plan")
        made.register("units")
        yield made


@pytest.fixture
def desk(seeds: Seeds) -> Client:
    return client_of(seeds.city.id)


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def units_of(seeds: Seeds) -> list[UnitRow]:
    return homes_of(project_id=seeds.project_id)


@pytest.mark.req("INV-3")
def test_an_officer_grades_what_a_filter_finds_or_what_is_ticked(
    seeds: Seeds, desk: Client
) -> None:
    address = f"/desk/{seeds.code}/stock/grades/"
    low = [unit for unit in units_of(seeds) if unit.home.floor in {2, 3}]
    page = shown(desk, f"{address}?low=2&high=3")
    assert f"找到 {len(low)} 套" in page

    def graded() -> set[str]:
        return {unit.number for unit in units_of(seeds) if unit.location_tier == "suburb"}

    form = {"low": "2", "high": "3", "reason": "评估报告第 3 页", **GRADES}
    assert desk.post(f"{address}set/", {**form, "which": "ticked"}).status_code == 409
    ticked = {**form, "which": "ticked", "unit": [low[0].number, units_of(seeds)[0].number]}
    sent = desk.post(f"{address}set/", ticked)
    assert (sent.status_code, sent["Location"]) == (303, f"{address}?low=2&high=3")
    # What is ticked beyond the filter is not seen by whoever signs, and not graded.
    assert graded() == {low[0].number}
    assert desk.post(f"{address}set/", {**form, "which": "all"}).status_code == 303
    assert graded() == {unit.number for unit in low}
    history = shown(Client(), f"/p/{seeds.code}/homes/{low[0].number}/")
    assert "定了等级" in history


@pytest.mark.req("INV-7")
@pytest.mark.threat("T-30")
def test_a_panorama_takes_the_place_of_the_sketch_and_a_hostile_file_does_not(
    seeds: Seeds, desk: Client
) -> None:
    home = units_of(seeds)[0].home
    address = f"/desk/{seeds.code}/stock"
    file = f"/p/{seeds.code}/homes/{home.number}/"
    form = {"community": home.community, "layout": home.layout}
    for hostile in (b"<svg onload='alert(1)'/>", picture(900, 900)):
        upload = SimpleUploadedFile("room.jpg", hostile)
        status = desk.post(f"{address}/panoramas/", {**form, "picture": upload}).status_code
        assert status in {409, 422}
    assert "示意图" in shown(Client(), file)
    upload = SimpleUploadedFile("room.jpg", picture(2048, 1024))
    assert desk.post(f"{address}/panoramas/", {**form, "picture": upload}).status_code == 303
    (kept,) = materials_of(project_id=seeds.project_id)
    at = f"/p/{seeds.code}/materials/{kept.document_id}"
    assert f'src="{at}"' in shown(Client(), file)
    given = Client().get(at)
    assert (given["Content-Type"], given["Content-Security-Policy"]) == ("image/jpeg", "sandbox")
    assert b"planted-mark" not in given.content
    removal = {"material": str(kept.id), "reason": "拍到了邻居"}
    assert desk.post(f"{address}/removals/", removal).status_code == 303
    assert Client().get(at).status_code == 404
    assert "示意图" in shown(Client(), file)
    assert "撤下：拍到了邻居" in shown(desk, f"{address}/shown/")


@pytest.mark.req("INV-1", "INV-9")
def test_papers_schools_and_clinics_stand_in_the_file_of_the_homes_they_are_for(
    seeds: Seeds, desk: Client
) -> None:
    unit = units_of(seeds)[0]
    other = next(one for one in units_of(seeds) if one.home.building != unit.home.building)
    address = f"/desk/{seeds.code}/stock"
    paper = SimpleUploadedFile("plan.pdf", plain_pdf())
    form = {"unit": str(unit.number), "title": "测绘报告", "paper": paper}
    assert desk.post(f"{address}/attachments/", form).status_code == 303
    paper = SimpleUploadedFile("plan.pdf", plain_pdf())
    unknown = {"unit": "9-9", "title": "测绘报告", "paper": paper}
    assert desk.post(f"{address}/attachments/", unknown).status_code == 422
    terms = {"clause": "plan/stock#1", "is_new_district": "1"}
    assert desk.post(f"{address}/terms/", terms).status_code == 303
    assert "没有登记对应的学校" in shown(desk, f"{address}/")
    facility = {
        "kind": "school",
        "name": "新城实验小学",
        "building": unit.home.building,
        "places": "600",
        "distance_m": "350",
    }
    assert desk.post(f"{address}/facilities/", facility).status_code == 303
    for wrong in ({"kind": "cinema"}, {"places": "-3"}, {"ready_on": "soon"}):
        assert desk.post(f"{address}/facilities/", {**facility, **wrong}).status_code in {409, 422}
    file = shown(Client(), f"/p/{seeds.code}/homes/{unit.number}/")
    for words in ("测绘报告", "新城实验小学", "600 个学位，350 米"):
        assert words in file
    assert "新城实验小学" not in shown(Client(), f"/p/{seeds.code}/homes/{other.number}/")
    assert "新城实验小学" in shown(desk, f"{address}/shown/?unit={unit.number}")
    assert "没有“9-9”" in shown(desk, f"{address}/shown/?unit=9-9")


@pytest.mark.req("INV-1")
def test_the_whole_table_is_given_away_with_every_attribute_and_no_formula(seeds: Seeds) -> None:
    given = Client().get(f"/p/{seeds.code}/homes.csv")
    lines = given.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + len(units_of(seeds))
    header = lines[0].split(",")
    assert len(header) >= 20
    unit = unit_by_number(project_id=seeds.project_id, number=lines[1].split(",")[0])
    row = dict(zip(header, lines[1].split(","), strict=True))
    assert (row["户型"], row["建筑面积"]) == (unit.home.layout, str(unit.home.area_sqm))
    assert row["交房日期"] == str(unit.handover_on)
    written = write_table(["a"], [["=1+1"], ["@sum"], ["-5"], ["-=x"]]).decode("utf-8-sig")
    assert written.split() == ["a", "'=1+1", "'@sum", "-5", "'-=x"]


@pytest.mark.req("INV-7")
def test_another_layouts_picture_is_never_shown(seeds: Seeds) -> None:
    units = units_of(seeds)
    home = units[0].home
    other = next(one for one in units if one.home.layout != home.layout)
    keep_panorama(
        project_id=seeds.project_id,
        community=home.community,
        layout=home.layout,
        name="room.jpg",
        content=picture(1024, 512),
        by=seeds.officer,
        at=AT,
    )
    assert "示意图" in shown(Client(), f"/p/{seeds.code}/homes/{other.number}/")
