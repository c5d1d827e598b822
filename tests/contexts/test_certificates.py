"""The register of certificates: numbers without gap or double, and what follows upon what."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import IntegrityError

from anju.foundation.access.context import reading
from anju.foundation.access.operations import erase_household
from anju.titles.certificates import laying, operations, queries
from anju.titles.certificates.models import SeriesRecord
from anju.titles.certificates.types import CertificateRow, EndGround, Ground, Registry
from anju_rules.certificates.content import RightHolder
from anju_rules.certificates.register import Status
from anju_rules.values import Refusal
from tests.support.access import SYSTEM
from tests.support.certificates import CLAUSE, Office, deed, open_office, seal_log
from tests.support.communities import AT, DISTRICT
from tests.support.databases import Database


@pytest.fixture
def office(database: Database) -> Office:
    assert database.name
    return open_office()


def issue_at_once(database: Database, office: Office, count: int) -> list[object]:
    """Issue for many homes at once, each in a thread of its own."""
    clerk = office.clerk

    def issue(home: int) -> CertificateRow:
        return operations.issue_certificate(
            project_id=office.project_id,
            household_id=None,
            deed=deed(home),
            clause=CLAUSE,
            by=clerk,
            at=AT,
        )

    return list(database.in_threads([partial(issue, home) for home in range(1, count + 1)]))


def numbers_of(told: list[object]) -> list[str]:
    return sorted(one.number for one in told if isinstance(one, CertificateRow))


@pytest.mark.req("CRT-1")
def test_many_issued_at_once_have_numbers_without_gap_or_double(
    database: Database, office: Office
) -> None:
    told = issue_at_once(database, office, 12)
    assert numbers_of(told) == [f"鲁(2026)济南市不动产权第{n:07d}号" for n in range(1, 13)]


@pytest.mark.req("CRT-1")
def test_control_without_the_held_row_two_issues_take_one_number(
    database: Database, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(registry: Registry, year: int) -> SeriesRecord:
        return SeriesRecord.objects.get(province=registry.province, place=registry.place, year=year)

    monkeypatch.setattr(laying, "_held_series", read_only)
    told = issue_at_once(database, office, 12)
    assert len(numbers_of(told)) < 12
    assert any(isinstance(one, IntegrityError) for one in told), told


@pytest.mark.req("CRT-1")
def test_what_is_undone_leaves_no_gap(office: Office) -> None:
    office.issue(1)
    with pytest.raises(Refusal) as refusal:
        operations.issue_certificate(
            project_id=office.project_id,
            household_id=None,
            deed=deed(2),
            clause=" ",
            by=office.clerk,
            at=AT,
        )
    assert refusal.value.code == "certificates.unlawful-entry"
    assert office.issue(2).number == "鲁(2026)济南市不动产权第0000002号"


@pytest.mark.req("CRT-1")
def test_a_home_has_one_certificate_in_force(office: Office) -> None:
    office.issue(1)
    with pytest.raises(Refusal) as refusal:
        office.issue(1)
    assert refusal.value.code == "certificates.unit-certified"


@pytest.mark.req("CRT-1")
def test_a_lost_certificate_is_replaced_and_the_old_one_is_out_of_force(office: Office) -> None:
    old = office.issue(1)
    new = operations.replace_certificate(
        project_id=office.project_id,
        certificate_id=old.id,
        ground=Ground.LOST,
        clause=CLAUSE,
        reason="报失",
        by=office.clerk,
        second=office.chief,
        at=AT,
    )
    with reading(by=office.clerk):
        assert queries.state_of(certificate_id=old.id, at=AT).status is Status.REPLACED
        assert queries.state_of(certificate_id=old.id, at=AT).replaced_by == new.number
        content = queries.sheet_of(certificate_id=new.id).content
        told = [row.kind.value for row in queries.history_of(certificate_id=old.id)]
        of_unit = queries.certificate_of_unit(project_id=office.project_id, unit_code=old.unit_code)
    assert content is not None
    assert content.replaces == old.number
    assert content.holders[0].name == "张三丰"
    assert content.notes == "补发"
    assert told == ["issue", "replace"]
    assert of_unit == new


@pytest.mark.req("CRT-1")
def test_a_corrected_certificate_is_issued_in_the_place_of_the_wrong_one(office: Office) -> None:
    old = office.issue(1)
    again: dict[str, Any] = {
        "project_id": office.project_id,
        "certificate_id": old.id,
        "clause": CLAUSE,
        "reason": "姓名写错",
        "by": office.clerk,
        "second": office.chief,
        "at": AT,
    }
    with pytest.raises(Refusal) as refusal:
        operations.reissue_certificate(deed=deed(1), **again)
    assert refusal.value.code == "certificates.nothing-corrected"
    mended = replace(deed(1), holders=(RightHolder(name="张三峰"),))
    new = operations.reissue_certificate(deed=mended, **again)
    assert new.status is Status.IN_FORCE
    with pytest.raises(Refusal) as refusal:
        operations.reissue_certificate(deed=replace(mended, use="商业"), **again)
    assert refusal.value.code == "certificates.unit-certified"


@pytest.mark.req("CRT-1")
def test_one_person_alone_revokes_nothing_and_nothing_follows_a_revocation(
    office: Office,
) -> None:
    row = office.issue(1)
    told: dict[str, Any] = {
        "project_id": office.project_id,
        "certificate_id": row.id,
        "clause": CLAUSE,
        "reason": "错登",
        "by": office.clerk,
        "at": AT,
    }
    for second, reason, code in (
        (office.clerk, "错登", "access.same-person"),
        (office.chief, " ", "certificates.reason-missing"),
    ):
        with pytest.raises(Refusal) as refusal:
            operations.revoke_certificate(
                ground=EndGround.GIVEN_UP, **{**told, "second": second, "reason": reason}
            )
        assert refusal.value.code == code
    operations.suspend_certificate(**told)
    operations.resume_certificate(**told)
    with pytest.raises(
        Refusal, match=r"certificates\.reason-missing"
    ):  # it has no clause of its own
        operations.revoke_certificate(
            ground=EndGround.UNTRUE, **{**told, "clause": ""}, second=office.chief
        )
    operations.revoke_certificate(
        ground=EndGround.GIVEN_UP, **{**told, "clause": ""}, second=office.chief
    )
    with reading(by=office.clerk):
        end = queries.history_of(certificate_id=row.id)[-1]
    assert (end.clause, end.reason) == ("不动产登记暂行条例实施细则 第 28 条", "given-up: 错登")
    for act in (operations.suspend_certificate, operations.resume_certificate):
        with pytest.raises(Refusal) as refusal:
            act(**told)
        assert refusal.value.code == "certificates.unlawful-entry"


@pytest.mark.req("CRT-1")
def test_whoever_holds_the_database_cannot_change_what_was_certified(
    database: Database, office: Office
) -> None:
    row = office.issue(1)
    operations.revoke_certificate(
        project_id=office.project_id,
        certificate_id=row.id,
        ground=EndGround.UNTRUE,
        clause=CLAUSE,
        reason="错登",
        by=office.clerk,
        second=office.chief,
        at=AT,
    )
    for statement in (
        "UPDATE certificates_certificate SET status = 'in-force'",
        "UPDATE certificates_certificate SET digest = 'x'",
        "DELETE FROM certificates_certificate",
        "UPDATE certificates_entry SET clause = 'x'",
        "DELETE FROM certificates_entry",
        "UPDATE certificates_series SET last = 0",
    ):
        with database.connect("anju_owner") as connection:
            connection.execute("SELECT set_config('anju.projects', '*', true)")
            with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
                connection.execute(statement)
            connection.rollback()


@pytest.mark.threat("T-24")
def test_an_owner_sees_the_own_certificates_and_nobody_elses(office: Office) -> None:
    own, other = office.issue(1), office.issue(2)
    owner = office.town.owner(office.town.homes[0]).actor
    with reading(by=owner):
        rows = queries.certificates_of(project_id=office.project_id, household_id=owner_of(own))
        assert [row.id for row in rows] == [own.id]
        assert queries.register_page().found == 1
        with pytest.raises(Refusal):
            queries.sheet_of(certificate_id=other.id)
    assert queries.register_page().found == 0


def owner_of(row: CertificateRow) -> UUID:
    assert row.household_id is not None
    return row.household_id


@pytest.mark.req("CRT-1")
def test_the_register_is_searched_by_number_and_by_unit_code(office: Office) -> None:
    first, second = office.issue(1), office.issue(2, is_developers=True)
    with reading(by=office.clerk):
        for search, found in (
            ("鲁（2026）济南市不动产权第0000002号", [second.id]),
            ("鲁(2026)", [second.id, first.id]),
            (first.unit_code, [first.id]),
            ("370105 012002", [second.id, first.id]),
            ("苏", []),
        ):
            page = queries.register_page(search=search)
            assert [row.id for row in page.rows] == found
    code = first.digest[: queries.CODE_DIGITS]
    spelled = first.number.replace("(", "（").replace(")", "）")
    shown = f"{code[:4].upper()} {code[4:]}"
    assert queries.find_on_paper(number=spelled, code=shown).id == first.id
    for number, typed in (
        (first.number, ""),
        (first.number, code[:-1]),
        (second.number, code),
        ("第1号", code),
    ):
        with pytest.raises(Refusal, match=r"certificates\.not-on-paper"):
            queries.find_on_paper(number=number, code=typed)


def test_a_household_in_the_register_is_not_erased(office: Office) -> None:
    row = office.issue(1)
    with pytest.raises(Refusal) as refusal:
        erase_household(
            household_id=owner_of(row),
            project_id=office.project_id,
            ground="要求删除",
            by=office.clerk,
            second=office.chief,
            at=AT,
        )
    assert refusal.value.code == "certificates.kept-for-ever"


@pytest.mark.req("CRT-2")
def test_the_word_of_the_register_waits_for_the_log(office: Office) -> None:
    row = office.issue(1)
    with pytest.raises(Refusal) as refusal:
        queries.verify_state(certificate_id=row.id, at=AT)
    assert refusal.value.code == "certificates.not-yet-sealed"
    seal_log()
    signed = queries.verify_state(certificate_id=row.id, at=AT)
    assert signed.told["status"] == "in-force"
    assert "张" not in str(signed)


@pytest.mark.req("CRT-1")
def test_a_registry_entered_twice_in_a_day_speaks_by_its_latest_entry(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids tell no order: the latest entry of a day may have the smallest."""
    row = office.issue(1)
    seal_log()
    monkeypatch.setattr(operations, "new_id", lambda: UUID(int=1))
    operations.enter_registry(
        county=DISTRICT,
        province="鲁",
        place="济南市",
        authority="11370105MB2850002D",
        authority_name="天桥区不动产登记中心",
        by=office.clerk,
        second=office.chief,
        at=AT - timedelta(days=30),
    )
    signed = queries.verify_state(certificate_id=row.id, at=AT)
    assert signed.told["authority"] == "11370105MB2850002D"


@pytest.mark.req("CRT-1")
def test_the_register_leaves_under_the_names_of_ladm(office: Office) -> None:
    office.issue(1)
    with reading(by=SYSTEM):
        (told,) = queries.export_ladm(project_id=office.project_id)
    assert {"LA_Party", "LA_Right", "LA_BAUnit", "LA_LegalSpaceBuildingUnit"} <= told.keys()
    assert told["status"] == "in-force"
