"""The words of a holiday notice, read into days; what does not agree with itself is refused."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from anju_rules.calendar import STATE_COUNCIL
from anju_rules.holiday_notices import LONGEST_TEXT, known_notice, read_holiday_notice
from anju_rules.values import Refusal

NOTICE_2026 = """
各省、自治区、直辖市人民政府：经国务院批准，现将2026年元旦等节假日的具体安排通知如下。
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。
2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫等工作。
"""


def refusal_of(text: str, year: int = 2026) -> str:
    with pytest.raises(Refusal) as refused:
        read_holiday_notice(text, year=year)
    return refused.value.code


@pytest.mark.req("TTL-4")
def test_the_notice_for_2026_gives_every_day_as_the_calendar_has_it() -> None:
    notice = read_holiday_notice(NOTICE_2026, year=2026)
    off, worked = set(notice.off_days), set(notice.worked_weekends)
    day = date(2026, 1, 1)
    while day.year == 2026:
        is_working = day in worked or (day.weekday() < 5 and day not in off)
        assert is_working == STATE_COUNCIL.is_working_day(day), day
        day += timedelta(days=1)
    assert (len(off), len(worked)) == (33, 6)
    assert notice == known_notice(2026)


def test_a_holiday_over_the_turn_of_the_year_and_other_ways_to_write_days() -> None:
    text = (
        "元旦：2022年12月31日（星期六）至2023年1月2日（星期一）放假调休，共3天；"
        "国庆节:9月29日(星期五) 到 10月6日放假,共8天; 10月7日、8日（星期天）上班"
    )
    notice = read_holiday_notice(text, year=2023)
    assert notice.off_days[:3] == (date(2022, 12, 31), date(2023, 1, 1), date(2023, 1, 2))
    assert (len(notice.off_days), notice.off_days[-1]) == (11, date(2023, 10, 6))
    assert notice.worked_weekends == (date(2023, 10, 7), date(2023, 10, 8))


def test_last_years_notice_under_this_years_number_is_refused_by_its_weekdays() -> None:
    assert refusal_of(NOTICE_2026, year=2027) == "calendar.weekday-differs"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "calendar.notice-names-nothing"),
        ("节假日期间妥善安排值班。", "calendar.notice-names-nothing"),
        ("1月4日（周日）上班。", "calendar.notice-names-nothing"),
        ("元旦：1月1日至3日放假调休，共4天。", "calendar.days-do-not-add-up"),
        ("元旦：1月1日放假，1月4日上班。", "calendar.sentence-unclear"),
        ("2月30日放假。", "calendar.no-such-day"),
        ("13月1日放假。", "calendar.no-such-day"),
        ("3日放假。", "calendar.no-such-day"),
        ("5月5日至1日放假。", "calendar.no-such-day"),
        ("1月1日至12月31日放假。", "calendar.no-such-day"),
        ("1月1日（周五）放假。", "calendar.weekday-differs"),
        ("放假" * LONGEST_TEXT, "calendar.notice-too-long"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_sentence(text: str, code: str) -> None:
    assert refusal_of(text) == code
