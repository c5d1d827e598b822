"""A home's file on the database: what changed, pictures, papers, schools and clinics."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
import pytest
from django.test.utils import override_settings
from PIL import Image, ImageFile

from anju.foundation.documents.kinds import DocumentKind
from anju.foundation.documents.panoramas import MOST_WIDTH, make_panorama
from anju.foundation.documents.types import Harmless
from anju.resettlement.inventory.operations import (
    grade_units,
    keep_attachment,
    keep_panorama,
    record_facility,
    remove_material,
    set_stock_terms,
)
from anju.resettlement.inventory.queries import (
    facilities_of,
    find_stock_terms,
    homes_of,
    materials_of,
    read_material,
    unit_by_number,
    unit_changes,
    unit_history,
)
from anju_rules.inventory import StockTerms
from anju_rules.provision import Facility, Provision, judge_provision
from anju_rules.values import Refusal
from tests.support.hostile_files import plain_pdf
from tests.support.registers import AT, PLAN, UNITS, Office, open_office
from tests.support.selections import drawn_project
from tests.support.stock import GRADES, Stock, refused

if TYPE_CHECKING:
    from tests.support.databases import Database

pytestmark = pytest.mark.usefixtures("database")


def picture(width: int, height: int, *, format: str = "JPEG") -> bytes:  # noqa: A002
    """Give a small picture, with a place and a second file hidden in it."""
    out = BytesIO()
    exif = Image.Exif()
    exif[0x8298] = "planted-mark"
    Image.new("RGB", (width, height), "#cde").save(out, format, exif=exif)
    return out.getvalue() + b"<script>planted-mark</script>"


@pytest.fixture
def office() -> Iterator[Office]:
    with override_settings(SCANNER="off"):
        made = open_office(PLAN)
        assert made.bring("units", UNITS).state == "done"
        yield made


@pytest.fixture
def common(office: Office) -> dict[str, Any]:
    return {"project_id": office.project.id, "by": office.officer, "at": AT}


def unit_of(office: Office, number: str = "1-101") -> UUID:
    return unit_by_number(project_id=office.project.id, number=number).id


@pytest.mark.req("INV-1", "INV-3")
def test_a_homes_file_tells_each_change_before_and_after_and_the_entry_that_made_it() -> None:
    office = open_office(PLAN)
    office.bring("units", UNITS)
    stock = Stock(office)
    first = office.bring("units", UNITS.replace("88.50,毛坯", "88.60,毛坯"))
    grade_units(
        project_id=stock.id,
        unit_ids=list(stock.units.values()),
        grades=GRADES,
        reason="复核",
        by=office.officer,
        at=AT,
    )
    changes = {
        change.cause_id: change.columns
        for change in unit_changes(project_id=stock.id, unit_id=stock.unit())
    }
    graded = [
        entry
        for entry in unit_history(project_id=stock.id, unit_id=stock.unit())
        if entry.action == "inventory.units.graded"
    ]
    # Three homes were graded in one act: its entry is the project's, and stands in each file.
    assert [entry.target for entry in graded] == [str(stock.id)]
    assert changes == {
        first.id: {"area_sqm": ("88.50", "88.60")},
        graded[0].event_id: {axis: ("", grade) for axis, grade in sorted(GRADES.items())},
    }


@pytest.mark.req("INV-1")
def test_what_a_file_has_told_is_never_rewritten_by_the_database_itself(
    database: Database,
) -> None:
    office = open_office(PLAN)
    office.bring("units", UNITS)
    office.bring("units", UNITS.replace("88.50,毛坯", "88.60,毛坯"))
    with psycopg.connect(database.superuser_url) as connection:
        for change in (
            "UPDATE inventory_change SET columns = '{}'",
            "DELETE FROM inventory_change",
        ):
            with pytest.raises(psycopg.errors.CheckViolation, match=r"inventory\.file-kept"):
                connection.execute(change)
            connection.rollback()
        # The control: with the guard off nothing stops it.
        connection.execute("ALTER TABLE inventory_change DISABLE TRIGGER inventory_keep_change")
        assert connection.execute("DELETE FROM inventory_change").rowcount == 1
        connection.rollback()


@pytest.mark.req("INV-3")
def test_after_the_list_is_frozen_only_the_amenities_are_graded_anew() -> None:
    drawn = drawn_project()
    number = next(iter(drawn.units))

    def grade(**more: str) -> None:
        grade_units(
            project_id=drawn.id,
            unit_ids=[drawn.units[number]],
            grades={**GRADES, **more},
            reason="复核",
            by=drawn.officer,
            at=AT,
        )

    before = unit_by_number(project_id=drawn.id, number=number)
    if not before.quality_grade:
        grade()  # a first grade may come at any time
        before = unit_by_number(project_id=drawn.id, number=number)
    held = {axis: getattr(before, axis) for axis in GRADES}
    other = "good" if held["quality_grade"] != "good" else "qualified"
    assert refused(lambda: grade(**{**held, "quality_grade": other})) == "inventory.grades-frozen"
    grade(**{**held, "amenity_tier": "complete"})
    assert unit_by_number(project_id=drawn.id, number=number).amenity_tier == "complete"


@pytest.mark.req("INV-7")
def test_a_panorama_is_drawn_anew_shown_to_everybody_and_replaced_with_its_history(
    office: Office, common: dict[str, Any]
) -> None:
    told: dict[str, Any] = {"community": "", "layout": "A", "name": "客厅.jpg"}
    first = keep_panorama(content=picture(2048, 1024), **told, **common)
    row, content = read_material(project_id=office.project.id, document_id=first.document_id)
    assert row.kind.value == "jpg"
    assert b"planted-mark" not in content
    second = keep_panorama(content=picture(5000, 2500, format="PNG"), **told, **common)
    _, content = read_material(project_id=office.project.id, document_id=second.document_id)
    assert Image.open(BytesIO(content)).size == (MOST_WIDTH, MOST_WIDTH // 2)

    def gone() -> object:
        return read_material(project_id=office.project.id, document_id=first.document_id)

    assert refused(gone) == "inventory.unknown-material"
    remove_material(material_id=second.id, reason="拍错了户型", **common)
    assert (
        refused(lambda: remove_material(material_id=second.id, reason="再撤", **common))
        == "inventory.unknown-material"
    )
    kept = materials_of(project_id=office.project.id, layout="A")
    assert {one.id: (one.removed_at is None, one.reason) for one in kept} == {
        first.id: (False, ""),
        second.id: (False, "拍错了户型"),
    }


@pytest.mark.threat("T-30")
def test_control_a_picture_that_is_not_drawn_anew_carries_what_was_hidden_in_it(
    office: Office, common: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def keep(content: bytes) -> Harmless:
        return Harmless(kind=DocumentKind.JPEG, content=content, pages=1)

    monkeypatch.setattr("anju.resettlement.inventory.operations.materials.make_panorama", keep)
    made = keep_panorama(
        community="", layout="A", name="x.jpg", content=picture(2048, 1024), **common
    )
    _, content = read_material(project_id=office.project.id, document_id=made.document_id)
    assert b"planted-mark" in content


@pytest.mark.req("INV-7")
@pytest.mark.threat("T-30")
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "documents.empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "documents.kind-not-taken"),
        (b"GIF89a" + b"\0" * 40, "documents.kind-not-taken"),
        (b"\xff\xd8\xff" + b"\0" * 400, "documents.image-broken"),
        (picture(2048, 1024)[:900], "documents.image-broken"),
        (picture(1000, 1000), "documents.not-a-panorama"),
        (picture(512, 256), "documents.not-a-panorama"),
        (plain_pdf(), "documents.not-a-panorama"),
    ],
    ids=["empty", "svg", "gif", "head only", "cut off", "square", "tiny", "pdf"],
)
def test_what_is_no_panorama_is_refused(
    content: bytes, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As the PDF printer leaves it for the whole process when it is imported.
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(Refusal) as caught:
        make_panorama(content)
    assert caught.value.code == code


@pytest.mark.req("INV-7")
def test_a_layout_that_nobody_has_takes_no_panorama(common: dict[str, Any]) -> None:
    told: dict[str, Any] = {"community": "", "name": "x.jpg", "content": picture(2048, 1024)}
    for layout in ("", "十室"):
        code = refused(lambda layout=layout: keep_panorama(layout=layout, **told, **common))  # type: ignore[misc]
        assert code == "inventory.unknown-layout"


@pytest.mark.req("INV-1")
def test_a_paper_lies_in_one_homes_file_until_it_is_taken_out_for_a_reason(
    office: Office, common: dict[str, Any]
) -> None:
    unit_id = unit_of(office)
    told: dict[str, Any] = {"unit_id": unit_id, "name": "plan.pdf", "content": plain_pdf()}
    assert refused(lambda: keep_attachment(title=" ", **told, **common)) == "inventory.text-wrong"
    made = keep_attachment(title="户型图", **told, **common)
    assert read_material(project_id=office.project.id, document_id=made.document_id)[1]
    assert (
        refused(lambda: remove_material(material_id=made.id, reason="", **common))
        == "inventory.text-wrong"
    )
    remove_material(material_id=made.id, reason="换成新的测绘图", **common)
    actions = [
        entry.action for entry in unit_history(project_id=office.project.id, unit_id=unit_id)
    ]
    assert actions[-2:] == ["inventory.attachment.kept", "inventory.material.removed"]
    (kept,) = materials_of(project_id=office.project.id, unit_id=unit_id)
    assert (kept.title, kept.reason) == ("户型图", "换成新的测绘图")


@pytest.mark.req("INV-9")
def test_a_new_district_counts_the_homes_without_a_school_or_a_clinic(
    office: Office, common: dict[str, Any]
) -> None:
    homes = [unit.home for unit in homes_of(project_id=office.project.id)]
    assert judge_provision(homes=homes, facilities=(), terms=StockTerms()).findings == ()
    set_stock_terms(terms=StockTerms(is_new_district=True, clause="plan/stock#1"), **common)
    terms = find_stock_terms(project_id=office.project.id)
    assert terms is not None

    def left_out() -> list[tuple[str, object]]:
        facilities = facilities_of(project_id=office.project.id)
        verdict = judge_provision(homes=homes, facilities=facilities, terms=terms)
        return [(one.code, one.facts["homes"]) for one in verdict.unmet]

    assert left_out() == [("inventory.no-school", 3), ("inventory.no-medical", 3)]
    school = Facility(kind=Provision.SCHOOL, name="柳岸小学", places=900, distance_m=400)
    clinic = Facility(
        kind=Provision.MEDICAL, name="社区医院", buildings=("9",), ready_on=date(2027, 9, 1)
    )
    record_facility(facility=school, **common)
    record_facility(facility=clinic, **common)
    assert left_out() == [("inventory.no-medical", 3)]
    clinic = Facility(kind=Provision.MEDICAL, name="社区医院", ready_on=date(2027, 9, 1))
    record_facility(facility=clinic, **common)
    assert left_out() == []
    assert facilities_of(project_id=office.project.id) == (school, clinic)
    for wrong in (
        Facility(kind=Provision.SCHOOL, name=" "),
        Facility(kind=Provision.SCHOOL, name="一小", places=-1),
    ):
        code = refused(lambda wrong=wrong: record_facility(facility=wrong, **common))  # type: ignore[misc]
        assert code == "inventory.facility-wrong"
