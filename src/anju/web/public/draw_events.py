"""The public log of a ceremony, line by line, in plain words; a new kind still says what it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from anju.foundation.core.words import say
from anju.foundation.draws.types import CeremonyRow, EventRow
from anju.web.context import role_title
from anju.web.public.draw_words import (
    STEPS,
    group_hex,
    say_beacon_part,
    say_cause,
    say_party,
    say_verifier,
)
from anju_rules.ceremony import Party, Step

_Facts = Mapping[str, str | int]
_UNFILLED = re.compile(r"\[[a-z_]+\]")


def say_event(row: EventRow, ceremony: CeremonyRow) -> str:
    """Say one line of the log: who (by role), what, and the refusal where it was refused."""
    # A party is named by its share in the draw; its role would say the same again.
    who = "" if row.facts.get("who") and row.kind in _SAYINGS else f"{_role(row.role)}："
    saying = _SAYINGS.get(row.kind)
    told = saying(row.facts, ceremony) if saying is not None else _say_unknown(row)
    if row.outcome.startswith("refused:"):
        # Of a refused act the facts stay sealed in the ledger: no template may show through.
        why = _UNFILLED.sub("……", say(row.outcome.removeprefix("refused:"), row.facts))
        return f"{who}{told}，没有通过：{why}"
    return f"{who}{told}"


def _role(role: str) -> str:
    return role_title(role) or "系统"


def _say_unknown(row: EventRow) -> str:
    facts = "，".join(f"{name} {value}" for name, value in row.facts.items() if value != "")
    return f"{row.kind}（{facts}）" if facts else row.kind


def _who(facts: _Facts, ceremony: CeremonyRow) -> str:
    who = str(facts.get("who", ""))
    party = next((row.party for row in ceremony.parties if row.who == who), None)
    return say_party(who, party) if party is not None else who


def _step(facts: _Facts) -> str:
    step = str(facts.get("step", ""))
    return STEPS[Step(step)][0] if step in STEPS else step


def _signed(facts: _Facts, ceremony: CeremonyRow) -> str:
    done = "，这一步完成" if facts.get("done") else ""
    return f"{_who(facts, ceremony)}为“{_step(facts)}”签字{done}"


def _beacon(facts: _Facts, ceremony: CeremonyRow) -> str:
    number = int(facts.get("place", 0))
    name = next((row.name for row in ceremony.beacon if row.place == number), str(number))
    # What the first person typed stays hidden from the second until both agree.
    told = f"：{facts['text']}，两人一致" if facts.get("text") else "，两人分别录入"
    done = "。公开的数齐了" if facts.get("done") else ""
    return f"{_who(facts, ceremony)}录入{say_beacon_part(name)}{told}{done}"


def _scan(facts: _Facts, ceremony: CeremonyRow) -> str:
    told = "两人都扫过，和指纹对得上" if facts.get("secret") else "等第二人再扫"
    number = f"（{facts['draw_number']}）" if facts.get("draw_number") else ""
    return f"{_who(facts, ceremony)}的卡{number}：{told}"


def _void(facts: _Facts, ceremony: CeremonyRow) -> str:
    parties: dict[str, Party] = {row.who: row.party for row in ceremony.parties}
    done = "，三方签齐，本次作废" if facts.get("done") else ""
    cause = say_cause(str(facts.get("cause", "")), parties=parties)
    return f"{_who(facts, ceremony)}为作废签字，原因：{cause}{done}"


def _amended(verb: str) -> Callable[[_Facts, CeremonyRow], str]:
    def told(facts: _Facts, ceremony: CeremonyRow) -> str:
        done = "，两人一致，已办" if facts.get("done") else "，等第二人"
        reason = f"，理由：{facts['reason']}" if facts.get("reason") else ""
        return f"{_who(facts, ceremony)}{verb} {facts.get('ticket', '')}{reason}{done}"

    return told


def _count(facts: _Facts, _ceremony: CeremonyRow) -> str:
    return f"{facts.get('street', '')}签字：{facts.get('count', '')} 户"


def _agreed(facts: _Facts, ceremony: CeremonyRow) -> str:
    digest = group_hex(str(facts.get("digest", ""))[:16])
    done = "，三个程序一致" if facts.get("done") else ""
    verifier = say_verifier(str(facts.get("verifier", "")))
    return f"{_who(facts, ceremony)}用{verifier}算出结果 {digest}{done}"


def _postponed(facts: _Facts, ceremony: CeremonyRow) -> str:
    done = "，两方签齐" if facts.get("done") else "，等另一方签字"
    to = str(facts.get("to", ""))[:16].replace("T", " ")
    return f"{_who(facts, ceremony)}签字顺延取数到 {to}，因为{facts.get('reason', '')}{done}"


def _broadcast(facts: _Facts, ceremony: CeremonyRow) -> str:
    if facts.get("recording_digest"):
        return f"{_who(facts, ceremony)}登记录像，存于{facts.get('recording_place', '')}"
    return f"{_who(facts, ceremony)}登记直播地址"


_SAYINGS: Mapping[str, Callable[[_Facts, CeremonyRow], str]] = {
    "draws.ceremony.opened": lambda _facts, _ceremony: "写明怎么摇",
    "draws.entry.added-on-paper": _amended("补录纸质材料"),
    "draws.entry.struck": _amended("划去"),
    "draws.entry.placed": _amended("按钥匙放回"),
    "draws.street.counted": _count,
    "draws.commitments.entered": lambda facts, ceremony: f"{_who(facts, ceremony)}交出封存数的指纹",
    "draws.step.signed": _signed,
    "draws.beacon.entered": _beacon,
    "draws.beacon.postponed": _postponed,
    "draws.card.scanned": _scan,
    "draws.result.verified": _agreed,
    "draws.void.signed": _void,
    "draws.broadcast.recorded": _broadcast,
}
