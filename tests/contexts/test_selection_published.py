"""The draw as it is published: a signed bundle that two programs verify, immutable by its name."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from django.conf import settings

from anju.foundation.access.context import reading
from anju.foundation.core.crypto import tested_provider
from anju.foundation.ledger.keys import read_log_key
from anju.foundation.ledger.queries import find_entry
from anju.resettlement.offline.bundle import MANIFEST, read_bundle
from anju.resettlement.offline.entries import show_receipts
from anju.resettlement.selection import mapping, queries
from anju.resettlement.selection.operations.turns import miss_turn, waive_turn
from anju.resettlement.selection.publication import publish_result
from anju.resettlement.selection.receipts import receipts_of
from anju_rules.hashing import digest
from anju_rules.values import Refusal
from anju_rules.verify.bundle import Pins, verify_bundle
from tests.support.databases import Database
from tests.support.selections import (
    LATER,
    TOO_LATE,
    Selected,
    call_first,
    drawn_project,
    play_turn,
    scored_project,
)

pytestmark = pytest.mark.usefixtures("database")


def publish(project: Selected) -> Path:
    """Publish a project's draw."""
    return publish_result(project_id=project.id, by=project.officer, at=LATER)


def signature_holds(public: str, message: bytes, signature: str) -> bool:
    """Check a signature as the command line does."""
    return tested_provider().sm2_verify(
        public_key=bytes.fromhex(public), message=message, signature=bytes.fromhex(signature)
    )


def test_a_published_draw_verifies_with_receipts_and_signature() -> None:
    project = drawn_project()
    folder = publish(project)
    with reading(by=project.officer):
        receipts = show_receipts(receipts_of(project.id, mapping.plan_of(project.id)))
    key = read_log_key(Path(settings.HOME)).pair.public.hex()
    checks = verify_bundle(
        read_bundle(folder),
        pins=Pins(receipts=receipts.encode(), key=key),
        is_signed=signature_holds,
    )
    assert all(check.met for check in checks), checks[-1]
    assert {13, 17, 18} <= {check.number for check in checks}
    verify(folder)


def test_the_folder_bears_the_digest_of_its_manifest_and_the_board_names_it() -> None:
    project = drawn_project()
    folder = publish(project)
    assert folder.name == digest((folder / MANIFEST).read_bytes()).hex()
    (published,) = queries.selection_board(project_id=project.id).publications
    assert (published.part, published.digest) == ("draw", folder.name)


def test_the_same_content_is_published_once() -> None:
    project = drawn_project()
    folder = publish(project)
    with pytest.raises(Refusal) as caught:
        publish(project)
    assert caught.value.code == "selection.already-published"
    assert folder.is_dir()
    assert not list(folder.parent.glob(".fresh-*"))


def verify(folder: Path) -> None:
    """Let both verifiers judge a published folder, and fail where one refuses it."""
    key = read_log_key(Path(settings.HOME)).pair.public.hex()
    checks = verify_bundle(read_bundle(folder), pins=Pins(key=key), is_signed=signature_holds)
    assert checks[-1].met, checks[-1]
    alone = subprocess.run(
        [sys.executable, str(folder / "verify_bundle.py"), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert alone.returncode == 0, alone.stdout


@pytest.mark.req("DRW-3")
def test_choices_made_live_are_published_with_every_turn_and_verify() -> None:
    """One misses its turn and comes back, one waives before it is called, the others choose."""
    project = drawn_project(households=12, batch_size=4)
    missed = call_first(project)
    miss_turn(project_id=project.id, turn_id=missed.id, by=project.officer, at=TOO_LATE)
    waiting = queries.desk(project_id=project.id, by=project.officer).turns[-1]
    waive_turn(project_id=project.id, turn_id=waiting.id, by=project.officer, at=TOO_LATE)
    at = TOO_LATE
    while play_turn(project_id=project.id, by=project.officer, at=at) != "done":
        at += timedelta(seconds=20)
        if at == TOO_LATE + timedelta(seconds=60):
            verify(publish(project))
    folder = publish(project)
    verify(folder)
    stages = queries.selection_board(project_id=project.id).publications
    assert {row.part for row in stages} == {"stage", "result"}
    files = {
        name: json.loads((folder / f"{name}.json").read_bytes()) for name in ("turns", "units")
    }
    assert {line["what"] for line in files["turns"]} == {
        *("called", "chosen", "missed", "returned", "waived")
    }
    assert len(files["units"]) == 24
    for line in files["turns"]:
        assert find_entry(event_id=UUID(line["event"])) is not None


def test_a_record_that_does_not_follow_is_not_published(database: Database) -> None:
    """A superuser gives turns to other places: the record no longer follows, and stays inside."""
    project = drawn_project(households=12, batch_size=4)
    play_turn(project_id=project.id, by=project.officer, at=LATER)
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE selection_turn SET place = 13 - place")
    with pytest.raises(Refusal) as caught:
        publish(project)
    assert caught.value.code in {"live.out-of-turn", "live.line-of-another", "live.batch-not-done"}


def test_nothing_is_published_before_the_draw() -> None:
    project = scored_project()
    with pytest.raises(Refusal) as caught:
        publish(project)
    assert caught.value.code == "selection.not-drawn"


def test_a_published_bundle_holds_no_name_and_no_number_of_the_register() -> None:
    project = drawn_project()
    told = b"".join(file.read_bytes() for file in publish(project).rglob("*.json")).decode()
    for registered in project.plan.households.values():
        assert registered.name not in told
        assert f'"{registered.household.number}"' not in told


def test_an_order_that_does_not_follow_is_not_published(database: Database) -> None:
    project = drawn_project()
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE selection_place SET total_tenths = 0 WHERE place = 1")
    with pytest.raises(Refusal) as caught:
        publish(project)
    assert caught.value.code == "selection.order-differs"
