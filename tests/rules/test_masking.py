"""What of a person may be shown, and that masking twice is masking once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules.masking import mask_address, mask_identity_number, mask_name, mask_phone

CHINESE = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
DIGITS = st.text("0123456789", min_size=7, max_size=20)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王兰", "王*"),
        ("王 兰", "王*"),
        ("王秀兰", "王*兰"),
        ("欧阳修", "欧阳*"),
        ("欧阳娜娜", "欧阳**"),
        ("王李秀兰", "王李**"),
        ("阿依古丽·买买提", "阿***·***"),
        ("阿依古丽•买买提", "阿***•***"),
        ("John Smith", "J*** S****"),
        ("Aigul·Mamat", "A****·M****"),
        ("王", "*"),
        ("", ""),
    ],
)
def test_a_name_is_shown_so_that_its_owner_knows_it(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize("shown", ["王*", "王*兰", "欧阳**", "阿***·***", "J*** S****", "王＊兰"])
def test_a_masked_name_stays(shown: str) -> None:
    assert mask_name(shown) == shown.replace("＊", "*")


def test_a_star_beside_a_name_does_not_pass_for_a_mask() -> None:
    assert "三" not in mask_name("张三*")
    assert "秀兰" not in mask_name("*王秀兰")


@given(name=st.text(CHINESE, min_size=2, max_size=8))
def test_the_given_name_is_never_shown_whole(name: str) -> None:
    shown = mask_name(name)
    assert len(shown) == len(name)
    assert "*" in shown
    assert sum(letter != "*" for letter in shown) <= 2


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("11010519491231002X", "1101************2X"),
        ("E12345678", "E*******8"),
        ("12", "**"),
        ("", ""),
    ],
)
def test_an_identity_number_hides_the_birth_date(number: str, shown: str) -> None:
    assert mask_identity_number(number) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812345678", "138****5678"),
        ("138 1234 5678", "138 **** 5678"),
        ("0531-88881234", "053*-****1234"),
        ("88881234", "****1234"),
        ("12345", "***45"),
        ("无", "无"),
    ],
)
def test_a_phone_number_hides_its_middle(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


def test_two_phone_numbers_in_one_cell_show_neither() -> None:
    shown = mask_phone("13812345678/13987654321")
    assert shown == "138********/*******4321"


@given(number=DIGITS)
def test_at_most_seven_digits_of_a_phone_are_shown(number: str) -> None:
    assert sum(letter.isdigit() for letter in mask_phone(number)) <= 7


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("济南市天桥区北园大街123号3单元502室", "济南市天桥区北园大街*号*单元*室"),
        ("北园大街12-3-502", "北园大街*"),
        ("柳岸村五一路１２号A座十二层", "柳岸村五一路*号*座*层"),
        ("三里屯路3号楼2单元五零二", "三里屯路*号楼*单元*"),
        ("三门峡市104国道旁3号", "三门峡市104国道旁*号"),
        ("八里桥村四组12号", "八里桥村*组*号"),
        ("", ""),
    ],
)
def test_an_address_keeps_the_street_and_hides_the_numbers(address: str, shown: str) -> None:
    assert mask_address(address) == shown


@pytest.mark.parametrize(
    "cell", ["1" * 30_000 + "路", "1 " * 15_000, "一" * 30_000, "*-" * 15_000 + "路", "-" * 30_000]
)
def test_a_hostile_cell_is_masked_in_linear_time(cell: str) -> None:
    """With a nested repetition in the pattern this test would never end."""
    for mask in (mask_name, mask_identity_number, mask_phone, mask_address):
        assert len(mask(cell)) <= len(cell)


@given(building=st.integers(1, 99), stair=st.integers(1, 9), room=st.integers(101, 3399))
def test_no_number_of_an_address_is_shown(building: int, stair: int, room: int) -> None:
    for address in (
        f"北园大街{building}号楼{stair}单元{room}室",
        f"北园大街{building}-{stair}-{room}",
        f"北园大街{building}#{stair}单元{room}",
        f"北园大街 {building} 号楼 {stair}，{room}",
    ):
        assert not any(letter.isdigit() for letter in mask_address(address))


@pytest.mark.parametrize("mask", [mask_name, mask_identity_number, mask_phone, mask_address])
@given(text=st.text(st.sampled_from("王秀兰欧阳·AbZ z019*＊-号楼室单元路五一 　"), max_size=24))
def test_masking_a_masked_text_changes_nothing(mask: Callable[[str], str], text: str) -> None:
    once = mask(text)
    assert mask(once) == once
