"""The figures of a draw in plain words: what was looked at, what is usual, how this one stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from anju_rules.draw_statistics import CombinedRow, Figure, FigureRow

Look = Literal["usual", "seldom", "rare", "silent"]
SELDOM, RARE = 0.05, 0.001
"""Under the first a fair draw falls once in twenty, under the second once in a thousand."""

_TITLES: Mapping[Figure, str] = {
    Figure.PLACES: "名次撒得匀不匀",
    Figure.STREETS: "各街道撒得匀不匀",
    Figure.RUNS: "前后半段换得勤不勤",
    Figure.LONGEST: "中签的里头有没有连号",
    Figure.IN_A_ROW: "连号有没有挨着出来",
    Figure.SAME_STREET: "同街道有没有扎堆",
    Figure.SAME_APPROVER: "同一人审核的有没有扎堆",
}
_METHODS: Mapping[Figure, str] = {
    Figure.PLACES: "卡方检验（名单分段 × 名次分段）",
    Figure.STREETS: "卡方检验（街道 × 名次分段）",
    Figure.RUNS: "游程检验（Wald–Wolfowitz）",
    Figure.LONGEST: "最长连号，精确计数",
    Figure.IN_A_ROW: "最长顺次连号，泊松近似",
    Figure.SAME_STREET: "相邻同类计数，正态近似",
    Figure.SAME_APPROVER: "相邻同类计数，正态近似",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureCard:
    """One figure beside its plain words."""

    title: str
    sentence: str
    observed: str
    expected: str
    p_value: str
    method: str
    look: Look
    look_words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CombinedCard:
    """One figure over all draws so far."""

    title: str
    sentence: str
    draws: int
    under: int
    p_value: str
    look: Look
    look_words: str


def lay_out_figure(row: FigureRow) -> FigureCard:
    """Lay one figure of one draw out."""
    look = _look(row.p_value)
    return FigureCard(
        title=_TITLES[row.figure],
        sentence=f"{_say_found(row)}{_say_p_value(row.p_value)}",
        observed=_say_number(row.observed),
        expected="—" if row.expected is None else _say_number(row.expected),
        p_value=say_share(row.p_value),
        method=_METHODS[row.figure],
        look=look,
        look_words=_LOOKS[look],
    )


def lay_out_combined(row: CombinedRow) -> CombinedCard:
    """Lay one figure over all draws out."""
    look = _look(row.p_value)
    usual = f"{row.draws} 次里有 {row.under_5_percent} 次低于 5%；完全公平时平均每 20 次有 1 次。"
    if row.p_value is None:
        usual = "还没有够大的摇号，看不出什么。"
    return CombinedCard(
        title=_TITLES[row.figure],
        sentence=usual + (_say_p_value(row.p_value, many=True) if row.p_value is not None else ""),
        draws=row.draws,
        under=row.under_5_percent,
        p_value=say_share(row.p_value),
        look=look,
        look_words=_LOOKS[look],
    )


def say_share(share: float | None) -> str:
    """Say a p-value as a share; very small ones as a bound.

    >>> say_share(0.4251), say_share(0.0123), say_share(2e-9), say_share(None)
    ('43%', '1.2%', '小于 0.01%', '—')
    """
    if share is None:
        return "—"
    if share < 0.0001:
        return "小于 0.01%"
    if share < 0.001:
        return f"{share * 100:.2f}%"
    return f"{share * 100:.1f}%" if share < 0.1 else f"{share * 100:.0f}%"


_LOOKS: Mapping[Look, str] = {
    "usual": "平常",
    "seldom": "少见",
    "rare": "极少见，请查",
    "silent": "户数少，不判断",
}


def _look(p_value: float | None) -> Look:
    if p_value is None:
        return "silent"
    if p_value < RARE:
        return "rare"
    return "seldom" if p_value < SELDOM else "usual"


def _say_number(number: float) -> str:
    return str(round(number)) if number == round(number) else f"{number:.1f}"


def _say_found(row: FigureRow) -> str:
    found, groups = _say_number(row.observed), row.groups
    wanted = "" if row.expected is None else _say_number(row.expected)
    if row.p_value is None:
        return "这次的户数少，这一项看不出什么。"
    if row.figure is Figure.PLACES:
        asked = f"名单按签号分成 {groups} 段，看每段的人家在名次里散得匀不匀"
        return f"{asked}：偏差 {found}，公平时平均 {wanted}。"
    if row.figure is Figure.STREETS:
        return f"看 {groups} 个街道的人家在名次前后散得匀不匀：偏差 {found}，公平时平均 {wanted}。"
    if row.figure is Figure.RUNS:
        return f"顺着名单看每户排在前半还是后半，一共换了 {found} 段，公平时平均 {wanted} 段。"
    if row.figure is Figure.LONGEST:
        return f"排在最前的 {groups} 户里，名单上连着的最多 {found} 户。"
    if row.figure is Figure.IN_A_ROW:
        return f"名单上挨着、名次也一个接一个的，最长 {found} 户。"
    who = "同一街道" if row.figure is Figure.SAME_STREET else "同一人审核"
    return f"名次前后相邻、又是{who}的有 {found} 对，公平时平均 {wanted} 对。"


def _say_p_value(p_value: float | None, *, many: bool = False) -> str:
    if p_value is None:
        return ""
    share = say_share(p_value)
    told = "合在一起看，" if many else ""
    if p_value < RARE:
        return f"{told}完全公平时，这样偏的{share.replace('小于', '不到')}：请监督员查一查。"
    if p_value < SELDOM:
        return f"{told}完全公平时，这样偏的有 {share}：少见，但会有。"
    return f"{told}完全公平时，有 {share} 的摇号会偏得一样多或更多：平常。"
