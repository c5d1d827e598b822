"""What only the desk says of a ceremony: whose turn it is, and how a beacon is typed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anju.web.public.draw_words import PARTIES, STEPS
from anju_rules.ceremony import Act, Party, Step

_MINE: Mapping[Act, str] = {
    Act.SIGN: "轮到您签字：{step}",
    Act.COUNT_AND_SIGN: "轮到您签字：{step}",
    Act.COMMIT: "轮到您登记承诺",
    Act.ENTER_BEACON: "轮到您录入公开的数",
    Act.SCAN: "轮到您扫密钥卡",
    Act.VERIFY: "轮到您报核对结果",
}
_THEIRS: Mapping[Act, str] = {
    Act.SIGN: "等{waits}签字：{step}",
    Act.COUNT_AND_SIGN: "等各街道核数、{waits}签字",
    Act.COMMIT: "等{waits}登记承诺",
    Act.ENTER_BEACON: "等两个人录入公开的数",
    Act.SCAN: "等两个人扫密钥卡",
    Act.VERIFY: "等三台机器核对",
}


def say_turn(*, step: Step, act: Act, waits_for: Sequence[Party], is_mine: bool) -> str:
    """Say whose turn it is, to the person who reads.

    >>> say_turn(step=Step.FROZEN, act=Act.SIGN, waits_for=[Party.NOTARY], is_mine=False)
    '等公证员签字：名单冻结'
    """
    words = (_MINE if is_mine else _THEIRS)[act]
    waits = "、".join(PARTIES[party] for party in waits_for)
    return words.format(step=STEPS[step][0], waits=waits or "其他人")


@dataclass(frozen=True, slots=True, kw_only=True)
class BeaconAsk:
    """How one part of a beacon is to be typed."""

    place: int
    name: str
    title: str
    grammar: str
    example: str
    pattern: str
    """The same, for the browser to check before anything is sent."""


_BALLS = re.compile(r"balls:([1-9])x(\d\d)-(\d\d)")
_EXCHANGES = {"sse": "上证指数", "szse": "深证成指"}


def beacon_asks(rule: str) -> list[BeaconAsk]:
    """Say for each part of a beacon rule how it is typed.

    >>> [ask.title for ask in beacon_asks("balls:6x00-99;sse:close,turnover")]
    ['现场摇出的 6 个号球', '上证指数收盘', '上证指数成交额']
    >>> beacon_asks("balls:3x01-33")[0].example
    '01 02 03'
    """
    asks: list[BeaconAsk] = []
    for clause in rule.split(";"):
        source, _, figures = clause.partition(":")
        balls = _BALLS.fullmatch(clause)
        if balls is not None:
            asks.append(_ask_balls(len(asks) + 1, int(balls[1]), balls[2], balls[3]))
        elif source in _EXCHANGES:
            asks += [
                _ask_figure(len(asks) + number, source, figure)
                for number, figure in enumerate(figures.split(","), start=1)
            ]
        else:
            asks.append(
                BeaconAsk(
                    place=len(asks) + 1,
                    name=clause,
                    title="drand 公共随机数",
                    grammar="64 位十六进制数，小写字母 a–f，不加空格",
                    example="",
                    pattern="[0-9a-f]{64}",
                )
            )
    return asks


def _ask_balls(place: int, count: int, low: str, high: str) -> BeaconAsk:
    first = int(low)
    return BeaconAsk(
        place=place,
        name="balls",
        title=f"现场摇出的 {count} 个号球",
        grammar=f"{count} 个两位数，每个从 {low} 到 {high}，照摇出的先后，中间只空一格",
        example=" ".join(f"{first + number:02}" for number in range(count)),
        pattern=rf"[0-9]{{2}}( [0-9]{{2}}){{{count - 1}}}",
    )


def _ask_figure(place: int, source: str, figure: str) -> BeaconAsk:
    is_close = figure == "close"
    return BeaconAsk(
        place=place,
        name=f"{source}:{figure}",
        title=f"{_EXCHANGES[source]}{'收盘' if is_close else '成交额'}",
        grammar="正好两位小数，不加逗号" if is_close else "以元为单位的整数，不加逗号、不带小数",
        example="3361.79" if is_close else "512345678901",
        pattern=r"(0|[1-9][0-9]{0,6})\.[0-9]{2}" if is_close else "0|[1-9][0-9]{0,17}",
    )
