"""Clauses in words: a plan's own are written ``plan/scoring#3``, and cited as 方案·评分 第 3 条."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PLAN = re.compile(r"plan(?:/([a-z/-]+))?(?:#([0-9.]+))?")
_CHAPTERS: Mapping[str, str] = {
    "scoring": "评分",
    "eligibility": "资格审核",
    "approval": "审批",
    "publication": "公布",
    "entitlement": "可选面积",
    "selection": "选房",
    "turns": "选房次序",
    "communities": "小区限制",
    "needs": "特殊需要",
    "prohibitions": "不予评分的情形",
    "draw": "摇号",
    "rules": "规则",
    "registers": "登记",
}


def say_clause(clause: str) -> str:
    """Say a clause of the plan in words; another's stays as its author wrote it.

    >>> say_clause("plan/scoring#3"), say_clause("plan/selection"), say_clause("条例第 17 条")
    ('方案·评分 第 3 条', '方案·选房', '条例第 17 条')
    """
    found = _PLAN.fullmatch(clause)
    if found is None:
        return clause
    chapter, number = found.groups()
    words = f"方案·{_CHAPTERS.get(chapter, chapter)}" if chapter else "方案"
    return f"{words} 第 {number} 条" if number else words
