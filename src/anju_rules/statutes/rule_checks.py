"""Checks of rule sets: what the law forbids a project's rules to say.

A check gives the paths of what it finds, as a plan writes them. Forbidden matters are found by the
words in facts, codes and labels: a fact that hides what it is under another name is for people to
find, which is why a rule set is public.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from anju_rules.policy.types import BUILT_IN_FACTS, RuleSet, ScoringLine
from anju_rules.statutes.citations import cited_clauses
from anju_rules.statutes.types import Guard, Statute
from anju_rules.values import Finding, Verdict

RuleCheck = Callable[[RuleSet], Iterable[str]]

_PETITIONS = ("petition", "信访", "上访", "xinfang")
_REMEDIES = (
    *("objection", "appeal", "lawsuit", "litigation", "reconsideration"),
    *("异议", "申诉", "投诉", "诉讼", "复议"),
)
_ORIGIN = (
    *("ethnic", "religio", "belief", "party_member"),
    *("民族", "宗教", "信仰", "党员", "政治面貌"),
)
_BODY_AND_CREDIT = (
    *("biometric", "fingerprint", "face_image", "credit_score"),
    *("人脸", "指纹", "生物特征", "征信"),
)
_SEX = ("gender", "married_out", "marital", "性别", "外嫁", "婚姻状况")
_PRIVILEGE = ("cadre", "official_rank", "is_relative", "干部", "职级", "领导", "亲属关系")
_CARE = ("disab", "illness", "disease", "low_income", "poverty", "残疾", "疾病", "重病", "低保")
_LEAVING = ("sign", "move", "签约", "搬迁", "腾退")


def _says(line: ScoringLine, words: Iterable[str]) -> bool:
    told = " ".join((line.code, line.label, *line.facts)).lower()
    return any(word in told for word in words)


def _without(words: Iterable[str]) -> RuleCheck:
    """Make the check that no line, no budget and no need rests on a matter."""
    known = tuple(words)

    def find(rules: RuleSet) -> Iterator[str]:
        for place, line in enumerate(rules.scoring, start=1):
            if _says(line, known):
                yield f"rules.scoring[{place}]"
        if any(word in fact.lower() for fact in rules.entitlement.facts for word in known):
            yield "rules.entitlement"
        for place, rule in enumerate(rules.needs, start=1):
            if any(word in rule.need.lower() for word in known):
                yield f"rules.needs[{place}]"

    return find


def _open_care(rules: RuleSet) -> Iterator[str]:
    """Find lines about health or hardship that the public sheet would show."""
    for place, line in enumerate(rules.scoring, start=1):
        if _says(line, _CARE) and not line.sensitive:
            yield f"rules.scoring[{place}].sensitive"


def _pressure(rules: RuleSet) -> Iterator[str]:
    """Find lines that take points from whoever does not sign or leave."""
    for place, line in enumerate(rules.scoring, start=1):
        if line.tenths < 0 and _says(line, _LEAVING):
            yield f"rules.scoring[{place}].points"


def _idle_facts(rules: RuleSet) -> Iterator[str]:
    """Find facts that are collected and used for nothing."""
    used = {*rules.scoring_facts, *rules.entitlement.facts}
    forbidden = {prohibition.fact for prohibition in rules.prohibitions}
    for fact in rules.facts:
        if fact not in used | forbidden and fact not in BUILT_IN_FACTS:
            yield f"facts.{fact}"


RULE_CHECKS: Mapping[str, RuleCheck] = {
    "no-petition-record": _without(_PETITIONS),
    "no-remedy-penalised": _without(_REMEDIES),
    "no-belief-or-origin": _without(_ORIGIN),
    "no-biometric-or-credit": _without(_BODY_AND_CREDIT),
    "no-sex-or-marriage": _without(_SEX),
    "no-privilege": _without(_PRIVILEGE),
    "no-pressure-to-sign": _pressure,
    "care-folded": _open_care,
    "no-idle-facts": _idle_facts,
}
"""By the name that an item gives."""


def judge_rules(rules: RuleSet, *, statutes: Iterable[Statute]) -> Verdict:
    """Hold a rule set to every item that a machine can check, and to the clauses it cites.

    Unmet findings: ``statute.forbidden``, with the item and the path; ``statute.unknown-clause``,
    a clause of a law in the library that the law does not have.
    """
    laws = {statute.code: statute for statute in statutes}
    return Verdict((*_judge_items(rules, laws), *_judge_citations(rules, laws)))


def _judge_items(rules: RuleSet, laws: Mapping[str, Statute]) -> Iterator[Finding]:
    for law in laws.values():
        for item in law.items:
            if item.guard is not Guard.RULES:
                continue
            paths = tuple(RULE_CHECKS[item.check](rules))
            yield Finding(
                "statute.forbidden",
                item.code.partition("#")[0],
                met=not paths,
                facts={"item": item.code, "path": "、".join(paths), "text": item.text.zh},
            )


def _judge_citations(rules: RuleSet, laws: Mapping[str, Statute]) -> Iterator[Finding]:
    for cited in sorted(cited_clauses(rules.canonical())):
        law = laws.get(cited.partition("/")[0])
        if law is not None:
            clause = cited.partition("#")[0]
            yield Finding(
                "statute.unknown-clause",
                cited,
                met=clause in law.clauses,
                facts={"cited": cited, "law": law.title.zh},
            )
