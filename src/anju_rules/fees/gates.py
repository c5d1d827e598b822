"""No proof, no title: what must be paid, or forgiven, before a title may be registered.

What is proven is what the tax or land office says, never what is reckoned here: our sheets predict.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from anju_rules.fees.reckoning import holding
from anju_rules.fees.types import FeeKind, FeePolicy, Gate
from anju_rules.values import Fact, Finding, Verdict


class ProofKind(StrEnum):
    """What a proof says."""

    PAID = "paid"
    EXEMPT = "exempt"
    """Reduced or exempted by the office (减免税凭证)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What an office says was paid or forgiven for one home."""

    kind: FeeKind
    says: ProofKind
    number: str
    unit_code: str
    on: date


def judge_proofs(
    *,
    policy: FeePolicy,
    facts: Mapping[str, Fact],
    unit_code: str,
    proofs: Collection[Proof],
    on: date,
) -> Verdict:
    """Judge whether a title may be registered on a day, for all that had to be paid before.

    Unmet findings: ``fees.not-proven``, ``fees.proof-of-another-home``, ``fees.proof-from-later``,
    ``fees.proof-without-number``.
    """
    found: list[Finding] = []
    for kind in FeeKind:
        for gate in holding(policy.gates, kind=kind, facts=facts, on=on):
            brought = [proof for proof in proofs if proof.kind is kind]
            found.append(
                Finding(
                    "fees.not-proven",
                    gate.basis.clause,
                    met=bool(brought),
                    facts={"title": gate.title.zh, "title_en": gate.title.en},
                )
            )
            for proof in brought:
                found += _judge_proof(proof, gate, unit_code=unit_code, on=on)
    return Verdict(tuple(found))


def _judge_proof(proof: Proof, gate: Gate, *, unit_code: str, on: date) -> Iterator[Finding]:
    clause = gate.basis.clause
    told = {"title": gate.title.zh, "title_en": gate.title.en, "number": proof.number}
    yield Finding("fees.proof-without-number", clause, met=bool(proof.number.strip()), facts=told)
    yield Finding(
        "fees.proof-of-another-home", clause, met=proof.unit_code == unit_code, facts=told
    )
    yield Finding(
        "fees.proof-from-later",
        clause,
        met=proof.on <= on,
        facts={**told, "on": proof.on.isoformat()},
    )
