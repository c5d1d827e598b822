"""When a signed commitment may take the place of a proof (告知承诺), and when it may not.

Never for what life and safety hang on, and never again for whoever's word was false before.
"""

from __future__ import annotations

from collections.abc import Iterator

from anju_rules.values import Finding, Verdict

CLAUSE = "state-council-2020-42/1"
LIFE_AND_SAFETY = frozenset(
    {
        "completion-record",
        "fire-acceptance",
        "gas-acceptance",
        "lift-acceptance",
        "structure-safety",
    }
)
"""Materials that nobody's word replaces, whatever a procedure says."""


def judge_commitment(*, material: str, is_signed: bool, false_before: int) -> Verdict:
    """Judge whether a commitment may take the place of ``material``.

    ``false_before`` counts earlier ones of the same people or company that were found false.
    Unmet findings: ``commitments.life-and-safety``, ``commitments.not-signed``,
    ``commitments.false-before``.
    """
    return Verdict(tuple(_judge(material, is_signed=is_signed, false_before=false_before)))


def _judge(material: str, *, is_signed: bool, false_before: int) -> Iterator[Finding]:
    facts = {"material": material}
    yield Finding(
        "commitments.life-and-safety", CLAUSE, met=material not in LIFE_AND_SAFETY, facts=facts
    )
    yield Finding("commitments.not-signed", CLAUSE, met=is_signed, facts=facts)
    yield Finding(
        "commitments.false-before",
        CLAUSE,
        met=false_before == 0,
        facts={**facts, "times": false_before},
    )
