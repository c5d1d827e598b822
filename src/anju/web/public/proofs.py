"""A ledger entry's proof as the page shows it: header, leaf, path, checkpoint; no body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anju.foundation.ledger.types import EntryProof
from anju.web.public.saying import say_count, say_moment
from anju_rules.hashing import canonical

_ACTIONS: Mapping[str, str] = {
    "selection.home.chosen": "一户选定了房子",
    "selection.homes.named": "一户留住了房子，等两方签字",
    "selection.choice.signed": "一方在一户的选房上签字",
    "selection.naming.dropped": "一户留住的房子放开了",
    "selection.turn.deferred": "一户缓选，让同批的家庭先选",
    "selection.turn.called": "一户被叫号",
    "selection.turn.missed": "一户过号",
    "selection.turn.waived": "一户放弃选房",
    "selection.turn.returned": "过号的一户回来选房",
    "selection.batch.opened": "一个批次开始选房",
    "selection.batch.closed": "一个批次结束",
    "selection.recording.entered": "登记一份选房录像存在哪里",
    "selection.draw.rehearsed": "一次摇号演练",
    "selection.draw.taken": "一次摇号",
    "selection.order.taken": "按摇号结果定下选房顺序",
    "selection.result.published": "结果发布",
    "notices.notice.published": "一份公示发布",
    "notices.notice.looked-for": "核对一份公示是否看得到",
    "notices.notice.extended": "一份公示因缺示顺延",
    "notices.notice.withdrawn": "一份公示撤回",
    "notices.notice.over": "一份公示期满",
    "policies.rule-set.frozen": "方案规则冻结",
    "scoring.project.scored": "全部住户得分算定",
    "scoring.household.corrected": "一户得分经两人签字更正",
}
_LABELS: Mapping[str, str] = {
    "action": "什么事",
    "at": "时间",
    "actor": "谁（随机编号）",
    "actor_role": "身份",
    "role": "身份",
    "second": "第二位签字人（随机编号）",
    "address": "办理地址",
    "target": "对象（随机编号）",
    "outcome": "结果",
    "clauses": "依据的条款",
    "level": "密级",
    "request_id": "请求编号",
    "id": "存证编号",
    "schema": "日志格式",
}
_LEVELS = {"public": "公开", "internal": "内部", "secret": "秘密", "top-secret": "绝密"}
_ROLES = {
    "household": "住户本人",
    "proxy": "住户的代理人",
    "system": "平台",
    "selection-officer": "选房现场工作人员",
    "street-officer": "街道经办",
    "district-officer": "区县经办",
    "city-officer": "市级经办",
    "administrator": "系统管理员",
    "notary": "公证员",
    "supervisor": "监督员",
    "representative": "被征收人代表",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRow:
    """One line of the header, in words."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofPage:
    """Everything the proof page shows; hashes in hex."""

    event_id: str
    headline: str
    is_waiting: bool = False
    number: str = ""
    facts: tuple[FactRow, ...] = ()
    header_text: str = ""
    commit: str = ""
    leaf: str = ""
    path: tuple[str, ...] = ()
    size: str = ""
    root: str = ""
    note: str = ""
    witnessed: str = ""
    """How many witnesses cosigned the note, in words."""
    data: Mapping[str, object] | None = None
    """What the page's own check computes with."""


def lay_out_waiting(*, event_id: UUID) -> ProofPage:
    """Lay out an entry that the sequencer has not come to yet."""
    return ProofPage(event_id=str(event_id), headline="这条记录已经收下", is_waiting=True)


def lay_out_proof(*, proof: EntryProof) -> ProofPage:
    """Lay a proof out."""
    header = proof.header
    header_text = canonical(dict(header)).decode()
    path = tuple(node.hex() for node in proof.path)
    return ProofPage(
        event_id=str(proof.event_id),
        headline=_headline(header),
        number=say_count(proof.index + 1),
        facts=tuple(_facts(header)),
        header_text=header_text,
        commit=proof.commit.hex(),
        leaf=proof.leaf.hex(),
        path=path,
        size=say_count(proof.size),
        root=proof.root.hex(),
        note=proof.note or "",
        witnessed=_say_witnesses(proof),
        data={
            "header": header_text,
            "commit": proof.commit.hex(),
            "leaf": proof.leaf.hex(),
            "index": proof.index,
            "size": proof.size,
            "path": list(path),
            "root": proof.root.hex(),
            "note": proof.note or "",
        },
    )


def _say_witnesses(proof: EntryProof) -> str:
    count = len(proof.witnesses)
    return f"{count} 家见证人见证过这个检查点" if count else ""


def _headline(header: Mapping[str, object]) -> str:
    action = str(header.get("action", ""))
    words = _ACTIONS.get(action, "一条办理记录")
    return f"{words}（被拒绝）" if str(header.get("outcome", "")).startswith("refused:") else words


def _facts(header: Mapping[str, object]) -> list[FactRow]:
    order = {name: place for place, name in enumerate(_LABELS)}
    rows = []
    for name in sorted(header, key=lambda one: (order.get(one, len(order)), one)):
        value = header[name]
        if value in (None, "", []):
            continue
        rows.append(FactRow(label=_LABELS.get(name, name), value=_say_fact(name, value)))
    return rows


def _say_fact(name: str, value: object) -> str:
    if isinstance(value, list | tuple):
        return "、".join(str(one) for one in value)
    text = str(value)
    if name == "action":
        return _ACTIONS.get(text, text)
    if name == "at":
        try:
            return say_moment(datetime.fromisoformat(text))
        except ValueError:
            return text
    if name == "outcome":
        if text == "done":
            return "办成"
        code = text.removeprefix("refused:")
        return f"拒绝（{code}）"
    if name == "level":
        return _LEVELS.get(text, text)
    if name in {"actor_role", "role"}:
        return _ROLES.get(text, text)
    return text
