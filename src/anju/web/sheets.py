"""The confirmation sheet as people hold it: its words, its paper, and where its proof stands."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.urls import reverse

from anju.foundation.ledger.queries import find_entry, proof_of
from anju.resettlement.projects.types import ProjectRow
from anju.resettlement.selection.sheets import ConfirmationSheet, SheetSide
from anju.titles.partners.types import Service
from anju.web.clauses import say_clause
from anju.web.papers import code_image, set_paper
from anju.web.public.saying import say_area, say_clock, say_count, say_home, say_moment, say_yuan
from anju.web.rating_codes import draw_rating_code

SIDES: Mapping[str, str] = {
    "household": "家庭一方",
    "office": "办理机构一方",
    "check": "第三人复核",
}
"""The sides that sign a choice, as pages say them."""

SealState = Literal["waiting", "numbered", "sealed", "witnessed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """How far an entry's proof has come, said as it is."""

    state: SealState
    number: str
    """Its place in the log, from 1; empty before it has one."""
    words: str
    detail: str

    @property
    def is_firm(self) -> bool:
        """Whether it is under a signed checkpoint: nobody can take it out unseen."""
        return self.state in {"sealed", "witnessed"}


def tell_sealing(*, event_id: UUID) -> Sealing:
    """Say whether an entry waits for its seal, is sealed, or has been witnessed."""
    entry = find_entry(event_id=event_id)
    if entry is None or entry.index is None:
        detail = "记录已经收下，正在编号，通常不到一秒。"
        return Sealing(state="waiting", number="", words="等待封存", detail=detail)
    number = say_count(entry.index + 1)
    proof = proof_of(event_id=event_id)
    if proof is None or proof.note is None:
        detail = f"是日志的第 {number} 条，等检查点签名，通常几秒钟。"
        return Sealing(state="numbered", number=number, words="等待封存", detail=detail)
    if not proof.witnesses:
        detail = f"是日志的第 {number} 条，已在签名的检查点之下，改不了也撤不掉。"
        return Sealing(state="sealed", number=number, words="已封存", detail=detail)
    detail = f"是日志的第 {number} 条，{len(proof.witnesses)} 家见证人见证过。"
    return Sealing(state="witnessed", number=number, words="已见证", detail=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class SideRow:
    """One side of a choice and its signature, in words."""

    side: str
    at: str
    how: str


def tell_sides(sheet: ConfirmationSheet) -> tuple[SideRow, ...]:
    """Say which sides signed a choice, when and how."""
    return tuple(
        SideRow(side=SIDES[one.side], at=say_clock(one.at), how=_say_how(one))
        for one in sheet.sides
    )


def _say_how(side: SheetSide) -> str:
    if side.is_automatic:
        return "演练中由平台自动签"
    if side.side != "household":
        return "本人账号签字"
    return "本人账号签字，附签名" if side.document_id else "本人账号签字"


def print_sheet(
    *, sheet: ConfirmationSheet, project: ProjectRow, host: str, name: str = "", drawn: bytes = b""
) -> bytes:
    """Print a confirmation sheet on A4; the bytes are a PDF.

    ``host`` begins the address in its code, ``https://…``. ``name`` and ``drawn`` (the household's
    signature, a PNG) stand on the household's own copy; the office's shows the masked name.
    """
    proof = f"{host}{reverse('proof', kwargs={'event_id': sheet.event_id})}"
    facts = {
        "sheet": sheet,
        "project": project,
        "name": name or sheet.masked_name,
        "is_own": bool(name),
        "homes": [
            {
                "where": " ".join(part for part in (home.community, say_home(home)) if part),
                "number": home.number,
                "layout": home.layout,
                "area": say_area(home.area_sqm),
            }
            for home in sheet.homes
        ],
        "area": say_area(sheet.area_sqm),
        "price": "" if sheet.price_fen is None else say_yuan(sheet.price_fen),
        "chosen": f"{say_moment(sheet.chosen_at)}（{say_clock(sheet.chosen_at)}）",
        "sides": tell_sides(sheet),
        "clauses": [say_clause(clause) for clause in sheet.clauses],
        "sealing": tell_sealing(event_id=sheet.event_id),
        "proof": proof,
        "proof_code": code_image(proof),
        # Each confirmation is a service of its own: what is exchanged later is confirmed anew.
        "rate": draw_rating_code(
            Service(project_id=project.id, kind="selection", id=sheet.event_id), host=host
        ),
        "drawn": f"data:image/png;base64,{b64encode(drawn).decode()}" if drawn else "",
    }
    return set_paper("parts/confirmation_sheet.html", facts)
