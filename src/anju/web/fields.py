"""What pages call the fields and facts that a refusal is about."""

from __future__ import annotations

from collections.abc import Mapping

FACTS: Mapping[str, str] = {
    "homes_owned": "家庭住房套数（含本套）",
    "construction_cost_fen_per_sqm": "当地建安造价",
    "area_sqm": "登记面积",
    "price_fen": "成交价格",
    "compensation_fen": "征收补偿额",
    "land_price_fen": "地价",
}
"""Facts of fees that may still be unknown, as an officer reads them."""
_NAMES_A_FIELD = frozenset({"fact", "field", "where"})
_FIELDS: Mapping[str, str] = {
    "about": "约定的事",
    "accepted_on": "竣工验收日",
    "address": "地址",
    "built_year": "建成年份",
    "channel": "怎么提意见",
    "code": "编号",
    "comment": "留言",
    "contact": "电话",
    "developer_name": "开发企业",
    "facts": "情况",
    "findings": "走访记录",
    "handed_over_on": "交付日",
    "manager_name": "物业企业",
    "name": "名称",
    "paper": "文号",
    "reason": "理由",
    "text": "文字",
    "title": "标题",
    "words": "说明",
}
"""Fields of forms as their pages call them."""


def name_fields(facts: Mapping[str, object]) -> dict[str, object]:
    """Call what a refusal is about by the name that the page calls it."""
    return {
        name: _say_field(str(told)) if name in _NAMES_A_FIELD else told
        for name, told in facts.items()
    }


def _say_field(told: str) -> str:
    return f"第 {told} 行" if told.isdigit() else FACTS.get(told) or _FIELDS.get(told, told)
