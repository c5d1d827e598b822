"""Clauses in words, as people cite them: 方案·评分 第 3 条, 行政许可法 第 32 条."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from anju.foundation.core.statutes import default_statutes

_PLAN = re.compile(r"plan(?:/([a-z/-]+))?(?:#([0-9.]+))?")
_STATE = "中华人民共和国"
_CHAPTERS: Mapping[str, str] = {
    "scoring": "评分",
    "eligibility": "资格审核",
    "approval": "审批",
    "objection": "异议",
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
    """Say a clause of the plan or of a known law in words; another stays as its author wrote it.

    >>> say_clause("plan/scoring#3"), say_clause("plan/selection"), say_clause("条例第 17 条")
    ('方案·评分 第 3 条', '方案·选房', '条例第 17 条')
    >>> say_clause("licensing-law/32")
    '行政许可法 第 32 条'
    """
    found = _PLAN.fullmatch(clause)
    if found is None:
        return _laws().get(clause, clause)
    chapter, number = found.groups()
    words = f"方案·{_CHAPTERS.get(chapter, chapter)}" if chapter else "方案"
    return f"{words} 第 {number} 条" if number else words


@cache
def _laws() -> Mapping[str, str]:
    """Give the words of every clause of the library, under each of its names."""
    return {
        name: f"{statute.title.zh.removeprefix(_STATE)} 第 {number} 条"
        if number.isdigit()
        else clause.title.zh
        for statute in default_statutes().values()
        for clause in statute.clauses.values()
        for number in (clause.code.rpartition("/")[2],)
        for name in clause.names
    }
