"""How a home was made, for everybody: signatures, defects, and who answers for it (INV-6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from anju.resettlement.inventory.types import DefectRow, QualityFile
from anju.web.public.saying import say_moment
from anju_rules.quality import Part, Signer, Stage

_STAGES: Mapping[Stage, str] = {
    Stage.DESIGN: "设计",
    Stage.CONSTRUCTION: "施工",
    Stage.ACCEPTANCE: "验收",
}
_SIGNERS: Mapping[Signer, str] = {
    Signer.BUILDER: "施工单位",
    Signer.SUPERVISOR: "监督员",
    Signer.REPRESENTATIVE: "被征收人代表",
}
_PARTS: Mapping[Part, str] = {
    Part.DESIGN: "设计",
    Part.CONSTRUCTION: "施工",
    Part.SUPERVISION: "监理",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedBy:
    """One of the three parties under a stage; ``when`` is empty before it signed."""

    party: str
    when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StageLine:
    """One stage and its three signatures."""

    name: str
    parties: tuple[SignedBy, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DefectLine:
    """A defect, and how far its mending is, in words."""

    what: str
    told: str
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswersLine:
    """Who answers for a part for life: a company and its person in charge, never a family."""

    part: str
    organisation: str
    responsible: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """The quality trace of a home's page."""

    stages: tuple[StageLine, ...]
    signed: int
    wanted: int
    defects: tuple[DefectLine, ...]
    has_open_defects: bool
    answers: tuple[AnswersLine, ...]
    is_passed: bool


def lay_out_quality(told: QualityFile) -> Quality:
    """Lay a home's quality file out."""
    signed = {(one.stage, one.party): say_moment(one.signed_at) for one in told.signatures}
    return Quality(
        stages=tuple(
            StageLine(
                name=name,
                parties=tuple(
                    SignedBy(party=party, when=signed.get((stage, signer), ""))
                    for signer, party in _SIGNERS.items()
                ),
            )
            for stage, name in _STAGES.items()
        ),
        signed=len(signed),
        wanted=len(_STAGES) * len(_SIGNERS),
        defects=tuple(_defect_line(defect) for defect in told.defects),
        has_open_defects=any(defect.is_open for defect in told.defects),
        answers=tuple(
            AnswersLine(
                part=_PARTS[one.part], organisation=one.organisation, responsible=one.responsible
            )
            for one in told.responsible
        ),
        is_passed=told.delivery.met,
    )


def _defect_line(defect: DefectRow) -> DefectLine:
    told = f"{say_moment(defect.reported_at)} 上报"
    if defect.mended_at is not None:
        told += f"，{say_moment(defect.mended_at)} 整改：{defect.mending}"
    if defect.accepted_at is not None:
        told += f"，{say_moment(defect.accepted_at)} 验收通过"
    return DefectLine(what=defect.what, told=told, is_open=defect.is_open)
