"""A home's file in words: its twenty attributes (INV-1), and its sun as a plain hint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from anju.resettlement.inventory.tables import AMENITY_TIERS, LOCATION_TIERS, QUALITY_GRADES
from anju.resettlement.inventory.types import UnitRow
from anju.web.public.saying import say_area, say_building, say_room, say_stair, say_yuan

UNKNOWN = "没有填"
_GRADES: Mapping[str, str] = {
    key: word
    for words in (QUALITY_GRADES, LOCATION_TIERS, AMENITY_TIERS)
    for word, key in words.items()
}
COLUMN_WORDS: Mapping[str, str] = {
    "position": "坐落",
    "community": "小区",
    "building": "楼栋",
    "stair": "单元",
    "floor": "楼层",
    "total_floors": "总层数",
    "room": "室号",
    "orientation": "朝向",
    "layout": "户型",
    "rooms": "居室",
    "area_sqm": "建筑面积",
    "inner_area_sqm": "套内面积",
    "decoration": "装修",
    "quality_grade": "品质等级",
    "location_tier": "区位",
    "amenity_tier": "配套",
    "has_lift": "电梯",
    "is_barrier_free": "无障碍",
    "school_district": "学区",
    "transit_distance_m": "到公交地铁（米）",
    "commerce_distance_m": "到商场菜场（米）",
    "hospital_distance_m": "到医院（米）",
    "parking": "车位",
    "handover_on": "交房日期",
    "price_fen_per_sqm": "单价（分每平方米）",
    "reserved_for": "预留给",
}
"""Every column that a unit table may fill, in the words of the exported table and the history."""
_NEEDS: Mapping[str, str] = {
    "barrier-free": "无障碍",
    "elderly": "老人（电梯）",
    "three-rooms": "三居",
    "affordable-rental": "保障性租赁",
}
_LOW_FLOORS = 3
_LEAST_FLOORS_TO_SPEAK_OF = 7
"""In a building of six storeys or fewer no home is high above its neighbours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One attribute as people read it."""

    label: str
    value: str
    is_known: bool = True


def say_facts(unit: UnitRow) -> list[Fact]:
    """Give the twenty attributes in the order in which families ask for them.

    What the unit table leaves open is said to be open, never left out.
    """
    home = unit.home
    floor = "" if home.floor is None else f"{home.floor} 层"
    if floor and home.total_floors is not None:
        floor += f"（共 {home.total_floors} 层）"
    inner = unit.inner_area_sqm
    day = unit.handover_on
    rows = (
        ("坐落", unit.position or home.community),
        ("楼栋", say_building(home.building) if home.building else ""),
        ("单元", say_stair(home.stair)),
        ("楼层", floor),
        ("室号", say_room(home)),
        ("朝向", home.orientation),
        ("户型", home.layout),
        ("建筑面积", f"{say_area(home.area_sqm)} ㎡"),
        ("套内面积", "" if inner is None else f"{say_area(inner)} ㎡"),
        ("装修", unit.decoration),
        ("品质等级", _say_grade(unit.quality_grade)),
        ("区位", _say_grade(unit.location_tier)),
        ("配套", _say_grade(unit.amenity_tier)),
        ("电梯", "有" if home.has_lift else "没有"),
        ("无障碍", "是" if home.is_barrier_free else "不是"),
        ("学区", unit.school_district),
        ("公交地铁", say_metres(unit.transit_distance_m)),
        ("商场菜场", say_metres(unit.commerce_distance_m)),
        ("医院", say_metres(unit.hospital_distance_m)),
        ("车位", unit.parking),
        ("交房日期", "" if day is None else f"{day.year} 年 {day.month} 月 {day.day} 日"),
    )
    return [
        Fact(label=label, value=value or UNKNOWN, is_known=bool(value)) for label, value in rows
    ]


def say_more(unit: UnitRow) -> list[Fact]:
    """Give what the unit table says beyond the twenty: price, reservation, the clerk's columns."""
    facts = []
    if unit.price_fen_per_sqm is not None:
        told = say_yuan(unit.price_fen_per_sqm)
        facts.append(Fact(label="单价", value=f"每平方米 {told} 元"))
    if unit.home.reserved_for:
        need = unit.home.reserved_for
        facts.append(Fact(label="预留给", value=f"有“{_NEEDS.get(need, need)}”需要的家庭"))
    facts += [Fact(label=name, value=value) for name, value in unit.other.items() if value]
    return facts


def tell_column(unit: UnitRow, name: str) -> str:
    """Give one column of :data:`COLUMN_WORDS` in words; what is not known is empty."""
    value = getattr(unit.home, name) if hasattr(unit.home, name) else getattr(unit, name)
    if value is None or value == "":
        return ""
    # As PostgreSQL writes yes and no, which is what a history keeps.
    return _say_word(name, str(value).lower() if isinstance(value, bool) else str(value))


def say_value(name: str, told: str) -> str:
    """Say what a history has kept of a column."""
    return _say_word(name, told) if told else UNKNOWN


def _say_word(name: str, told: str) -> str:
    if name in {"has_lift", "is_barrier_free"}:
        return "是" if told == "true" else "否"
    return _NEEDS.get(told, told) if name == "reserved_for" else _say_grade(told)


def say_metres(metres: int | None) -> str:
    """Say a distance, and how long one walks at seventy metres a minute, rounded up.

    >>> say_metres(350), say_metres(12400)
    ('350 米，走路约 5 分钟', '12.4 公里')
    """
    if metres is None:
        return ""
    if metres > 3000:
        tenths = metres // 100
        return f"{tenths // 10}.{tenths % 10} 公里"
    return f"{metres} 米，走路约 {max(1, -(-metres // 70))} 分钟"


def say_sun(*, orientation: str, floor: int | None, total_floors: int | None) -> str:
    """Say in plain words how much sun a home is likely to have, from its sides and its storey.

    A hint, not a survey: the houses opposite are not known, and the words say so.
    """
    sides = {side for side in "东南西北" if side in orientation}
    if not sides:
        return "没有填朝向，日照说不准。请白天到现场看。"
    words = []
    if "南" in sides:
        words.append("有朝南的一面，冬天白天大多晒得到太阳，夏天太阳高、晒不深")
    if "东" in sides:
        words.append("朝东的一面早上有太阳")
    if "西" in sides:
        words.append("朝西的一面下午有太阳，夏天西晒会热")
    if sides == {"北"}:
        words.append("只有朝北的一面，光线均匀，冬天基本晒不到太阳")
    elif {"南", "北"} <= sides:
        words.append("南北通透，开窗通风好")
    told = "；".join(words) + "。" + _say_storey(floor, total_floors)
    return f"{told}这是按朝向和楼层估计的，没有算前面的楼，请白天到现场看。"


def _say_storey(floor: int | None, total_floors: int | None) -> str:
    if floor is None:
        return ""
    if total_floors is not None and total_floors >= _LEAST_FLOORS_TO_SPEAK_OF:
        if floor == total_floors:
            return "在顶层，没有遮挡，夏天会偏热。"
        if 3 * floor > 2 * total_floors:
            return "楼层高，一般挡不住。"
    if floor <= _LOW_FLOORS:
        return "楼层低，前面有楼或大树时，冬天早晚容易被挡。"
    return "楼层居中，遮挡一般不多。"


def _say_grade(key: str) -> str:
    """Say a grade; one that a plan names itself stays as it is."""
    return _GRADES.get(key, key)
