"""How a person's name, number, phone and address may be shown in public.

A list must let a household find itself and must not let a stranger find the household. Each
function hides the same places whatever stands in them, so masking a masked text changes nothing,
and a text that merely *contains* a star is not taken for masked.

The hidden count of characters stays visible: lists of people with equal surnames remain tellable
apart. Source: Personal Information Protection Law 6 (least disclosure); the patterns are this
platform's convention.
"""

from __future__ import annotations

import re
from collections.abc import Callable

MASK = "*"

_COMPOUND_SURNAMES = frozenset(
    {
        *("欧阳", "司马", "上官", "诸葛", "司徒", "东方", "独孤", "南宫", "万俟", "闻人", "夏侯"),
        *("尉迟", "公羊", "赫连", "澹台", "皇甫", "宗政", "濮阳", "公冶", "太叔", "申屠", "公孙"),
        *("慕容", "仲孙", "钟离", "长孙", "宇文", "鲜于", "闾丘", "司空", "令狐", "端木", "呼延"),
        *("轩辕", "百里", "东郭", "南门", "西门", "拓跋", "第五", "左丘", "公良", "梁丘", "乐正"),
    }
)
_NAME_DOTS = "·•・‧∙．"
_SHORT_NAME = 2
_COMMON_NAME = 3
_STARS = str.maketrans({"＊": MASK})


def mask_name(name: str) -> str:
    """Show of a name what its owner knows it by, and no more.

    Two characters: the surname. Three: the first and last. Four and more, and compound surnames:
    the first two. Names with a dot: the first character. Latin names: the first letter of a word.

    >>> mask_name("王兰"), mask_name("王秀兰"), mask_name("欧阳娜娜"), mask_name("欧阳修")
    ('王*', '王*兰', '欧阳**', '欧阳*')
    >>> mask_name("阿依古丽·买买提"), mask_name("John Smith")
    ('阿***·***', 'J*** S****')
    """
    return _repeat(_mask_once, name.translate(_STARS).strip())


def _mask_once(shown: str) -> str:
    """Mask a name by the rule for its script and length."""
    if any(letter.isascii() and letter.isalpha() for letter in shown):
        return _mask_words(shown)
    if any(dot in shown for dot in _NAME_DOTS):
        return shown[:1] + "".join(letter if letter in _NAME_DOTS else MASK for letter in shown[1:])
    # A blank between characters only spreads a two-character name on paper.
    shown = "".join(shown.split())
    length = len(shown)
    if length < _SHORT_NAME:
        return MASK * length
    if length == _SHORT_NAME:
        return shown[0] + MASK
    if shown[:2] in _COMPOUND_SURNAMES or length > _COMMON_NAME:
        return shown[:2] + MASK * (length - 2)
    return shown[0] + MASK + shown[-1]


def _mask_words(name: str) -> str:
    """Keep the first letter of each word and what parts the words."""
    shown = []
    starts_word = True
    for letter in name:
        parts = letter.isspace() or letter in _NAME_DOTS or letter in ".-'’,"
        shown.append(letter if parts or starts_word else MASK)
        starts_word = parts
    return "".join(shown)


_NUMBER_SHOWN_FIRST = 4
_NUMBER_SHOWN_LAST = 2
_NUMBER_SHORTEST = 9


def mask_identity_number(number: str) -> str:
    """Show province and city and the last two places of an identity number.

    Birth date and most of the sequence stay hidden. Shorter papers (passport, permit) show the
    first and the last character.

    >>> mask_identity_number("11010519491231002X")
    '1101************2X'
    """
    shown = "".join(number.translate(_STARS).split())
    first, last = _NUMBER_SHOWN_FIRST, _NUMBER_SHOWN_LAST
    if len(shown) <= _NUMBER_SHORTEST:
        first = last = min(1, len(shown) // 3)
    hidden = len(shown) - first - last
    return shown[:first] + MASK * hidden + shown[len(shown) - last :]


_PHONE_SHOWN_LAST = 4
_PHONE_SHORTEST = 7
_MOBILE_PREFIX = 3


def mask_phone(phone: str) -> str:
    """Show the first three and last four digits of a mobile number; of shorter numbers, less.

    Several numbers in one cell are masked as one, so none is shown whole.

    >>> mask_phone("13812345678"), mask_phone("0531-88881234"), mask_phone("88881234")
    ('138****5678', '053*-****1234', '****1234')
    """
    letters = list(phone.translate(_STARS).strip())
    places = [place for place, letter in enumerate(letters) if letter.isdigit() or letter == MASK]
    count = len(places)
    last = _PHONE_SHOWN_LAST if count >= _PHONE_SHORTEST else min(_NUMBER_SHOWN_LAST, count // 2)
    first = max(0, min(_MOBILE_PREFIX, count - 2 * _PHONE_SHOWN_LAST))
    for place in places[first : count - last]:
        letters[place] = MASK
    return "".join(letters)


_NUMERALS = "〇零一二三四五六七八九十百两"
_FIGURE = "0-9０-９A-Za-zＡ-Ｚａ-ｚ#＃*"
# Every run is taken whole (`++`) and from its beginning only, so a hostile cell costs linear time.
_ADDRESS_NUMBER = re.compile(
    # Figures and letters (12, A, 5#), but not of a road that is named by a figure;
    rf"(?<![{_FIGURE}])[{_FIGURE}]++(?!路|街|大街|大道|国道|省道|县道|乡道)"
    # Chinese numerals before a building, stair, floor or door, or after one at the end.
    rf"|(?<![{_NUMERALS}*])[{_NUMERALS}*]++(?=号|栋|幢|座|楼|单元|层|室|组|弄|梯|排)"
    rf"|(?<=[号栋幢座楼元层])[{_NUMERALS}*]++$"
)
_JOINED_STARS = re.compile(r"\*(?:[-－—~/、，,.\s]*+\*)++")


def mask_address(address: str) -> str:
    """Keep the street or road and hide every number behind one star.

    >>> mask_address("济南市天桥区北园大街123号3单元502室")
    '济南市天桥区北园大街*号*单元*室'
    >>> mask_address("柳岸村五一路12号A座十二层")
    '柳岸村五一路*号*座*层'
    """
    return _repeat(_mask_numbers, address.translate(_STARS).strip())


def _mask_numbers(address: str) -> str:
    return _JOINED_STARS.sub(MASK, _ADDRESS_NUMBER.sub(MASK, address))


def _repeat(mask: Callable[[str], str], text: str) -> str:
    """Mask until nothing changes: hiding one part may show another to be of the kind that hides.

    Each round only sets stars or joins them, so the rounds come to an end.
    """
    while (masked := mask(text)) != text:
        text = masked
    return text
