"""A draw held from its files: it ends where a ceremony on the platform does."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from anju.foundation.access.context import reading
from anju.foundation.draws.queries import (
    ceremonies_of,
    ceremony_by_id,
    order_of,
)
from anju.resettlement.offline import drawing
from anju.resettlement.offline.plan import Plan
from anju.resettlement.offline.plan_terms import read_draw_terms
from anju.resettlement.offline.plan_text import Section
from anju.resettlement.scoring.operations import score_project
from anju.resettlement.selection import mapping, queries
from anju.resettlement.selection.operations.drawing import take_draw
from anju.resettlement.selection.publication import publish_result
from anju.resettlement.selection.rebuild import compare_project
from anju_rules.ceremony import Step
from anju_rules.draws import Scheme, commit_secret
from anju_rules.hashing import digest
from tests.contexts.test_selection_ceremony import open_play
from tests.contexts.test_selection_published import verify
from tests.support.cases import refused
from tests.support.eligibility import finish_on_paper
from tests.support.selections import (
    AT,
    LATER,
    register_plan,
    small_plan,
)

pytestmark = pytest.mark.usefixtures("database")
COMMITTERS = ("operator", "notary", "supervisor", "rep-1")
FILES_BEACON = ("07 41 58 03 96 22",)


def secret_of(who: str, place: int) -> bytes:
    """Give what lies on a card."""
    return digest(f"{who} {place}".encode())


def files_plan() -> tuple[Plan, bytes]:
    """Give a plan whose committers have committed, and whose freeze gives time to object."""
    plan, text = small_plan()
    said = text.decode().replace("2026-05-26T15:30", "2026-05-29T15:30")
    for who in COMMITTERS:
        commitments = [
            commit_secret(
                scheme=Scheme.REAL,
                draw_id=drawing.draw_id_of(plan, place=place, scheme=Scheme.REAL),
                who=who,
                secret=secret_of(who, place),
            ).hex()
            for place in range(2)
        ]
        said += f"\n[[draw.committers]]\nwho = {who!r}\ncommitments = {commitments}\n"
    section = Section(name="draw", values=tomllib.loads(said)["draw"])
    draw = read_draw_terms(section, strata=plan.project.strata)
    return replace(plan, draw=draw), said.encode()


def write_reveals(file: Path) -> Path:
    """Write beacon and secrets as the hall reads them out."""
    secrets = "\n".join(
        f'{who} = ["{secret_of(who, 0).hex()}", "{secret_of(who, 1).hex()}"]' for who in COMMITTERS
    )
    file.write_text(f'beacon = ["{FILES_BEACON[0]}"]\n[secrets]\n{secrets}\n', encoding="utf-8")
    return file


@pytest.mark.req("DRW-1", "DRW-3", "CRT-2")
def test_a_draw_from_files_ends_where_a_ceremony_does(tmp_path: Path) -> None:
    plan, text = files_plan()
    project = register_plan(plan, text)
    score_project(project_id=project.id, by=project.officer, at=AT)
    with reading(by=project.officer):
        stored = mapping.plan_of(project.id)
    drawing.freeze_plan(tmp_path, stored)
    drawing.announce_plan(tmp_path, stored)
    reveals = write_reveals(tmp_path / "reveals.toml")
    finish_on_paper(project.id)
    count = take_draw(
        project_id=project.id, folder=tmp_path, reveals=reveals, by=project.officer, at=LATER
    )
    assert count == 20
    (row,) = ceremonies_of(project_id=project.id)
    assert (row.step, row.scheme) == (Step.LOCKED, Scheme.REAL)
    assert [draw.draw_number for draw in row.draws] == ["XF-2026-D01", "XF-2026-D02"]
    _, draws = drawing.draw_for_real(tmp_path, stored, reveals=reveals)
    for draw, (_, result) in zip(row.draws, draws, strict=True):
        assert (draw.announcement, draw.seed) == (result.announcement.hex(), result.seed.hex())
    orders = order_of(project_id=project.id, ceremony_id=row.id)
    assert [order for _, order in orders] == [result.order for _, result in draws]
    assert not queries.selection_board(project_id=project.id).is_rehearsal
    assert compare_project(project_id=project.id, by=project.officer) == []
    verify(publish_result(project_id=project.id, by=project.officer, at=LATER))


def test_nobody_gets_a_second_ticket_from_files(tmp_path: Path) -> None:
    """Once receipts are out, a list of other tickets is refused; nothing of it stays."""
    plan, text = files_plan()
    project = register_plan(plan, text)
    score_project(project_id=project.id, by=project.officer, at=AT)
    play = open_play(project)
    with reading(by=project.officer):
        stored = mapping.plan_of(project.id)
    drawing.freeze_plan(tmp_path, stored)
    drawing.announce_plan(tmp_path, stored)
    reveals = write_reveals(tmp_path / "reveals.toml")
    with refused("selection.receipts-given"):
        take_draw(
            project_id=project.id, folder=tmp_path, reveals=reveals, by=project.officer, at=LATER
        )
    assert ceremony_by_id(project_id=project.id, ceremony_id=play.row.id).step is Step.OPENED
