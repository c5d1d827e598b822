"""How a draw is said to everybody: its use, its steps, who takes part, what happened."""

from __future__ import annotations

from collections.abc import Mapping

from anju_rules.ceremony import Party, Step, Use

USES: Mapping[Use, str] = {
    Use.ORDER: "摇号排先后",
    Use.VISIT_SAMPLE: "抽入户核查的人家",
    Use.VISIT_SUPERVISORS: "抽入户核查的监督员",
    Use.REPRESENTATIVES: "抽住户代表",
    Use.EVALUATORS: "抽评估机构",
}
PARTIES: Mapping[Party, str] = {
    Party.OPERATOR: "经办单位",
    Party.NOTARY: "公证员",
    Party.SUPERVISOR: "监督员",
    Party.REPRESENTATIVE: "住户代表",
}
STEPS: Mapping[Step, tuple[str, str]] = {
    Step.OPENED: ("写明怎么摇", "时间、办法、参加的人先写死，写进日志。"),
    Step.FROZEN: ("名单冻结", "从这一刻起，谁也加不进、删不掉、改不了。"),
    Step.COUNTED: ("各街道核对户数", "每个街道签自己的户数，对得上才往下走。"),
    Step.COMMITTED: (
        "各方封存自己的数",
        "每一方在平台之外定一个数，封进三把锁的箱子，只交出指纹。",
    ),
    Step.ANNOUNCED: (
        "公告指纹",
        "名单、时间、办法和各方的指纹合成一个公告，印在纸上，见证人联署。",
    ),
    Step.BEACON: ("当众取公开的数", "在公告的时刻取现场摇出的球和交易所收盘数，两个人分别录入。"),
    Step.REVEALED: ("开箱亮数", "公开的数定了以后才开箱；和指纹对不上的数一律不认。"),
    Step.DERIVED: ("算出顺序", "所有的数合成种子，每个签号算出自己的钥匙，从小到大排。"),
    Step.AGREED: ("三台机器各自核对", "三个不同的程序、三个人的机器，结果一样才算数。"),
    Step.PUBLISHED: ("公布结果", "结果包公开，谁都能从头重算一遍。"),
    Step.LOCKED: ("锁定", "结果锁定，录像入库。"),
}
NEXT: Mapping[Step, str] = {
    Step.OPENED: "等待名单冻结",
    Step.FROZEN: "各街道正在核对户数",
    Step.COUNTED: "各方正在封存自己的数",
    Step.COMMITTED: "等待公告",
    Step.ANNOUNCED: "已经公告，等待取数的时刻",
    Step.BEACON: "公开的数已定，正在开箱亮数",
    Step.REVEALED: "数都亮了，正在算出顺序",
    Step.DERIVED: "顺序已算出，三台机器正在核对",
    Step.AGREED: "三台机器结果一致，等待公布",
    Step.PUBLISHED: "结果已公布",
    Step.LOCKED: "结果已公布并锁定",
    Step.VOID: "这次摇号作废",
}
_VERIFIERS = {"anju": "平台自带的程序", "python": "单独的 Python 程序", "browser": "浏览器核验页"}
_BEACON = {
    "balls": "现场摇球",
    "sse:close": "上证指数收盘",
    "sse:turnover": "上证成交额（元）",
    "szse:close": "深证成指收盘",
    "szse:turnover": "深证成交额（元）",
    "drand:round": "drand 公开随机数",
}


def say_use(use: Use, *, batch: str, stratum: str) -> str:
    """Say what a draw is for, of which batch and stratum."""
    which = f"第 {batch} 批" if batch.isdecimal() else batch
    of = "，".join(part for part in (stratum, which if batch != stratum else "") if part)
    return f"{USES[use]}（{of}）" if of else USES[use]


def say_party(who: str, party: Party) -> str:
    """Say a party; several representatives are told apart by their number.

    >>> say_party("notary", Party.NOTARY), say_party("representative-2", Party.REPRESENTATIVE)
    ('公证员', '住户代表 2')
    """
    which = who.removeprefix(party.value).lstrip("-")
    return f"{PARTIES[party]} {which}" if which else PARTIES[party]


def say_verifier(verifier: str) -> str:
    """Say which program it is."""
    return _VERIFIERS.get(verifier, verifier)


def say_beacon_part(name: str) -> str:
    """Say what a part of the beacon is."""
    return _BEACON.get(name, name)


def say_cause(cause: str, *, parties: Mapping[str, Party]) -> str:
    """Say why a draw is void.

    >>> say_cause("custody", parties={})
    '箱子的封条提前破损'
    """
    kind, _, who = cause.partition(":")
    if kind == "commit-invalid":
        party = parties.get(who)
        name = say_party(who, party) if party is not None else who
        return f"{name}箱中的数和冻结时交出的指纹对不上"
    return "箱子的封条提前破损" if cause == "custody" else cause


def group_hex(text: str, *, size: int = 8) -> str:
    """Write a digest in groups that an eye can follow.

    >>> group_hex("0123456789abcdef")
    '01234567 89abcdef'
    """
    return " ".join(text[at : at + size] for at in range(0, len(text), size))
