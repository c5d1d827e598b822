"""The quality trace of a home: who signed what, who answers for it, and whether it may be given.

Design, construction and acceptance are each signed by the builder, the supervisor and a
representative of the households (INV-6). A defect takes a home out of choosing until two parties
other than the builder have accepted its mending. A home is delivered with nothing missing: 100 %.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from anju_rules.values import Finding, Verdict

_CLAUSE = "plan/quality"


class Stage(StrEnum):
    """What is signed, in this order."""

    DESIGN = "design"
    CONSTRUCTION = "construction"
    ACCEPTANCE = "acceptance"


class Signer(StrEnum):
    """Who signs every stage: three parties, each for itself."""

    BUILDER = "builder"
    SUPERVISOR = "supervisor"
    REPRESENTATIVE = "representative"


class Part(StrEnum):
    """What a company and a person of it answer for as long as the building stands."""

    DESIGN = "design"
    CONSTRUCTION = "construction"
    SUPERVISION = "supervision"


SIGNER_OF_ROLE: Mapping[str, Signer] = {
    "builder": Signer.BUILDER,
    "supervisor": Signer.SUPERVISOR,
    "representative": Signer.REPRESENTATIVE,
}
"""A role signs as one party only, so nobody signs for two."""
ACCEPTORS = frozenset({Signer.SUPERVISOR, Signer.REPRESENTATIVE})
"""Who accepts a mending, both of them: whoever built it does not judge it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityTrace:
    """What is known of how one home was made."""

    signed: frozenset[tuple[Stage, Signer]] = frozenset()
    open_defects: int = 0
    answered: frozenset[Part] = frozenset()
    """The parts for which somebody is named."""


def judge_signature(*, trace: QualityTrace, stage: Stage, signer: Signer) -> Verdict:
    """Judge whether a party may sign a stage.

    The stages before are signed by all three, and this one not yet by it; acceptance is not signed
    over an open defect.
    """
    stages = list(Stage)
    earlier = stages[: stages.index(stage)]
    return Verdict(
        (
            Finding(
                "inventory.stage-too-early",
                _CLAUSE,
                all((before, one) in trace.signed for before in earlier for one in Signer),
                {"stage": str(stage)},
            ),
            Finding(
                "inventory.signed-already",
                _CLAUSE,
                (stage, signer) not in trace.signed,
                {"stage": str(stage), "party": str(signer)},
            ),
            Finding(
                "inventory.defect-open",
                _CLAUSE,
                stage is not Stage.ACCEPTANCE or not trace.open_defects,
                {"defects": trace.open_defects},
            ),
        )
    )


def judge_acceptance(*, roles: Collection[str]) -> Verdict:
    """Judge who accepts a mending: the supervisor and a representative of the households."""
    signers = {SIGNER_OF_ROLE.get(role) for role in roles}
    return Verdict((Finding("inventory.acceptors-wrong", _CLAUSE, signers == ACCEPTORS, {}),))


def judge_delivery(*, trace: QualityTrace) -> Verdict:
    """Judge whether a home may be handed over, in the order of the trace.

    Every signature is there, no defect is open, and somebody answers for each part.
    """
    return Verdict(tuple(_find_delivery(trace)))


def _find_delivery(trace: QualityTrace) -> Iterator[Finding]:
    for stage in Stage:
        for signer in Signer:
            yield Finding(
                "inventory.signature-missing",
                _CLAUSE,
                (stage, signer) in trace.signed,
                {"stage": str(stage), "party": str(signer)},
            )
    yield Finding(
        "inventory.defect-open", _CLAUSE, not trace.open_defects, {"defects": trace.open_defects}
    )
    for part in Part:
        yield Finding(
            "inventory.nobody-answers", _CLAUSE, part in trace.answered, {"part": str(part)}
        )
