"""Identity numbers, credit codes, unit codes and certificate numbers."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules.identifiers import (
    CertificateNumber,
    check_certificate_number,
    check_credit_code,
    check_identity_number,
    check_unit_code,
)
from anju_rules.values import Refusal
from tests.support.real_data import real_data

ADULT = "11010519491231002X"
UNIT = "370105012002GB00001F00010751"
CREDIT = "91350100M000100Y43"
CERTIFICATE = "鲁(2019)济南市不动产权第0000001号"
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def code_of(check: Callable[[str], object], text: str) -> str:
    """Give the code with which ``check`` refuses ``text``; empty if it does not."""
    try:
        check(text)
    except Refusal as refusal:
        return refusal.code
    return ""


def with_check_digit(first_seventeen: str) -> str:
    """ISO 7064 MOD 11-2, as written in GB 11643: weights 2^(17-i)."""
    weighted = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(first_seventeen))
    return first_seventeen + "0123456789X"[(1 - weighted) % 11]


@pytest.mark.parametrize(
    ("check", "kind"), [(check_identity_number, "resident_id"), (check_credit_code, "uscc")]
)
def test_the_published_numbers_are_judged_as_published(
    check: Callable[[str], str], kind: str
) -> None:
    cases = json.loads(real_data("vectors/id_numbers.json").read_text(encoding="utf-8"))[kind]
    assert cases
    for case in cases:
        assert (code_of(check, case["value"]) == "") == case["valid"], case["note"]


def test_the_published_unit_codes_are_judged_as_published() -> None:
    cases = json.loads(real_data("vectors/unit_codes.json").read_text(encoding="utf-8"))["cases"]
    assert cases
    for case in cases:
        assert (code_of(check_unit_code, case["value"]) == "") == case["valid"], case["note"]


@pytest.mark.parametrize(
    "number",
    [
        "440524188001010014",  # the standard's own example; its county was abolished
        with_check_digit("83000019900101001"),  # residence permit, Taiwan
    ],
)
def test_a_number_of_a_county_that_no_list_names_is_kept(number: str) -> None:
    assert check_identity_number(number) == number


@pytest.mark.parametrize(
    "typed",
    ["11010519491231002x", " 110105 19491231 002X\n", ADULT.translate(FULL_WIDTH), "　" + ADULT],
)
def test_an_identity_number_is_spelled_in_one_way(typed: str) -> None:
    assert check_identity_number(typed) == ADULT


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("110105491231002", "identifier.id-fifteen-digits"),
        ("1101051949123100", "identifier.id-length"),
        ("", "identifier.id-length"),
        ("1101051949123100O1", "identifier.id-characters"),
        ("11010519491231002Y", "identifier.id-characters"),
        ("1101051949123100²X", "identifier.id-characters"),
        (with_check_digit("99010519491231002"), "identifier.id-province"),
        (with_check_digit("11010519491331002"), "identifier.id-birth-date"),
        (with_check_digit("11010519490229002"), "identifier.id-birth-date"),
        ("110105194912310021", "identifier.id-check-digit"),
    ],
)
def test_each_fault_of_an_identity_number_has_its_own_code(number: str, code: str) -> None:
    assert code_of(check_identity_number, number) == code


def test_a_refusal_never_carries_the_identity_number() -> None:
    with pytest.raises(Refusal) as caught:
        check_identity_number("110105194912310021")
    assert "19491231" not in repr(caught.value)
    assert "19491231" not in str(caught.value)


@given(place=st.integers(0, 16), digit=st.sampled_from("0123456789"))
def test_one_digit_mistyped_is_always_found(place: int, digit: str) -> None:
    mistyped = ADULT[:place] + digit + ADULT[place + 1 :]
    assert (code_of(check_identity_number, mistyped) == "") == (mistyped == ADULT)


@given(place=st.integers(0, 16))
def test_two_neighbours_swapped_are_always_found(place: int) -> None:
    swapped = ADULT[:place] + ADULT[place + 1] + ADULT[place] + ADULT[place + 2 :]
    assert (code_of(check_identity_number, swapped) == "") == (swapped == ADULT)


@pytest.mark.pitfall("P5")
def test_siblings_have_different_numbers_and_one_person_has_one() -> None:
    elder, younger = with_check_digit("37010520010304001"), with_check_digit("37010520050304001")
    assert check_identity_number(elder) != check_identity_number(younger)
    assert check_identity_number(elder) == check_identity_number(f" {elder.lower()} ")


@pytest.mark.parametrize(
    ("code", "refused"),
    [
        ("9135 0100 M000 100y 43", ""),
        (CREDIT.translate(FULL_WIDTH), ""),
        (CREDIT[:-1], "identifier.credit-length"),
        (CREDIT[:-2] + "I3", "identifier.credit-characters"),
        (CREDIT[:-2] + "张3", "identifier.credit-characters"),
        ("B" + CREDIT[1:], "identifier.credit-authority"),
        (CREDIT[:3] + "A" + CREDIT[4:], "identifier.credit-division"),
        (CREDIT[:-1] + "4", "identifier.credit-check-digit"),
    ],
)
def test_each_fault_of_a_credit_code_has_its_own_code(code: str, refused: str) -> None:
    assert code_of(check_credit_code, code) == refused


def test_a_village_collective_has_a_credit_code_that_begins_with_a_letter() -> None:
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = "N2370105MF0123456"
    total = sum(letters.index(letter) * 3**place for place, letter in enumerate(body))
    code = body + letters[-total % 31]
    assert check_credit_code(code) == code


@given(place=st.integers(0, 17), letter=st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_one_character_mistyped_in_a_credit_code_is_always_found(place: int, letter: str) -> None:
    mistyped = CREDIT[:place] + letter + CREDIT[place + 1 :]
    assert (code_of(check_credit_code, mistyped) == "") == (mistyped == CREDIT)


def test_a_unit_code_is_read_part_by_part_and_shown_in_its_groups() -> None:
    unit = check_unit_code(UNIT)
    assert (unit.county, unit.cadastral_area, unit.sub_area) == ("370105", "012", "002")
    assert (unit.parcel_kind, unit.parcel_number, unit.fixture) == ("GB", "00001", "F")
    assert (unit.building, unit.home, unit.dwelling) == ("0001", "0751", "00010751")
    assert unit.shown == "370105 012002 GB00001 F00010751"
    assert [len(group) for group in unit.shown.split()] == [6, 6, 7, 9]


@pytest.mark.parametrize(
    "typed",
    [
        UNIT.lower(),
        UNIT.translate(FULL_WIDTH),
        "370105 012002 GB00001 F00010751",
        "370105-012002-GB00001-F00010751",
    ],
)
def test_a_unit_code_is_spelled_in_one_way(typed: str) -> None:
    assert check_unit_code(typed).text == UNIT


@pytest.mark.parametrize(
    ("code", "refused"),
    [
        (UNIT[:-1], "identifier.unit-length"),
        ("37O105" + UNIT[6:], "identifier.unit-county"),
        ("990105" + UNIT[6:], "identifier.unit-county"),
        (UNIT[:6] + "A12" + UNIT[9:], "identifier.unit-cadastral-area"),
        (UNIT[:9] + "0A2" + UNIT[12:], "identifier.unit-sub-area"),
        (UNIT[:12] + "GO" + UNIT[14:], "identifier.unit-parcel-kind"),
        (UNIT[:12] + "GI" + UNIT[14:], "identifier.unit-parcel-kind"),
        (UNIT[:12] + "XB" + UNIT[14:], "identifier.unit-parcel-kind"),
        (UNIT[:14] + "0000A" + UNIT[19:], "identifier.unit-parcel-number"),
        (UNIT[:19] + "H" + UNIT[20:], "identifier.unit-fixture"),
        (UNIT[:20] + "0001075A", "identifier.unit-number"),
        (UNIT[:20] + "0001075٣", "identifier.unit-number"),
        (UNIT[:19] + "W00010751", "identifier.unit-not-zero"),
        (UNIT[:19] + "W00000000", ""),
        (UNIT[:12] + "JC" + UNIT[14:], ""),
        (UNIT[:12] + "ZW" + UNIT[14:], ""),
        (UNIT[:19] + "L00010001", ""),
        (UNIT[:19] + "Q00010001", ""),
    ],
)
def test_each_fault_of_a_unit_code_has_its_own_code(code: str, refused: str) -> None:
    assert code_of(check_unit_code, code) == refused


@pytest.mark.parametrize(
    "typed",
    [
        CERTIFICATE,
        "鲁（2019）济南市不动产权第0000001号",
        "鲁 (２０１９) 济南市 不动产权第 ００００００１ 号",
    ],
)
def test_a_certificate_number_is_spelled_in_one_way(typed: str) -> None:
    number = check_certificate_number(typed)
    assert number == CertificateNumber(province="鲁", year=2019, place="济南市", serial=1)
    assert number.text == CERTIFICATE


@pytest.mark.parametrize(
    ("number", "refused"),
    [
        ("", "identifier.certificate-form"),
        ("济房权证字第0000001号", "identifier.certificate-form"),
        ("鲁(19)济南市不动产权第0000001号", "identifier.certificate-form"),
        ("齐(2019)济南市不动产权第0000001号", "identifier.certificate-province"),
        ("鲁(2014)济南市不动产权第0000001号", "identifier.certificate-year"),
        ("鲁(2019)不动产权第0000001号", "identifier.certificate-place"),
        ("鲁(2019)Jinan不动产权第0000001号", "identifier.certificate-place"),
        ("鲁(2019)济南市不动产证明第0000001号", "identifier.certificate-kind"),
        ("鲁(2019)济南市不动产权第000001号", "identifier.certificate-serial"),
        ("鲁(2019)济南市不动产权第00000001号", "identifier.certificate-serial"),
        ("鲁(2019)济南市不动产权第0000000号", "identifier.certificate-serial"),
    ],
)
def test_each_fault_of_a_certificate_number_has_its_own_code(number: str, refused: str) -> None:
    assert code_of(check_certificate_number, number) == refused


@given(text=st.text(max_size=40))
def test_any_text_is_judged_without_another_error(text: str) -> None:
    for check in (
        check_identity_number,
        check_credit_code,
        check_unit_code,
        check_certificate_number,
    ):
        refused = code_of(check, text)
        assert refused == "" or refused.startswith("identifier.")
