"""Clauses in words, as people cite them: 方案·评分 第 3 条, 行政许可法 第 32 条."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from anju.foundation.core.statutes import default_statutes

_PLAN = re.compile(r"plan(?:/([a-z/-]+))?(?:#([0-9.]+))?")
_STATE = "中华人民共和国"
_LEGACY: Mapping[str, str] = {
    "gb-11643": "公民身份号码标准（GB 11643）",
    "gb-32100": "统一社会信用代码编码规则（GB 32100）",
    "gb-t-37346": "不动产单元编码规则（GB/T 37346）",
    "henan-environment/35": "河南省优化营商环境条例 第 35 条",
    "legacy/archive": "历史遗留问题办法·档案",
    "legacy/hubei-2024": "湖北 2024 年历史遗留问题八类",
    "legacy/land": "历史遗留问题办法·土地",
    "jiangsu-registration/15-8": "江苏省不动产登记条例 第 15 条第 8 项",
    "order-165": "住宅专项维修资金管理办法",
    "registry/found": "改革前的办理要求",
    "state-council-2020-42/1": "国办发〔2020〕42 号 一",
}
"""What stands in no law of the library."""
_CHAPTERS: Mapping[str, str] = {
    "area": "面积差结算",
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
    "archive": "档案",
    "rules": "规则",
    "registers": "登记",
    "partners": "企业责任",
    "titles-programme": "办证五年计划",
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
        return _laws().get(clause) or _say_of_law(clause) or _say_legacy(clause)
    chapter, number = found.groups()
    words = f"方案·{_CHAPTERS.get(chapter, chapter)}" if chapter else "方案"
    return f"{words} 第 {number} 条" if number else words


def _say_of_law(clause: str) -> str:
    """Say a clause of a law that we know, though the library does not tell that clause itself."""
    law, _, number = clause.partition("/")
    statute = default_statutes().get(law)
    if statute is None or not number.isdigit():
        return ""
    return f"{statute.title.zh.removeprefix(_STATE)} 第 {number} 条"


def _say_legacy(clause: str) -> str:
    named, _, number = clause.partition("#")
    words = _LEGACY.get(named)
    if words is None:
        return clause
    return f"{words} 第 {number} 项" if number else words


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
