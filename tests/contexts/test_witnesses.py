"""Witnesses and the log: what is offered, what is taken in, what counts, what the auditor says."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import typer
from django.test import Client
from django.test.utils import override_settings
from typer.testing import CliRunner

from anju.cli import ledger as ledger_commands
from anju.cli.demo_witnesses import NAMES, keep_demo_witnesses
from anju.cli.serve import programs_of, public_url
from anju.config.environment import read_environment
from anju.foundation.ledger import queries
from anju.foundation.ledger.cosigning import SLOT, offer_head, take_cosignature
from anju.foundation.ledger.export import export_log
from anju.foundation.ledger.keys import is_signed
from anju.foundation.ledger.sequencing import drain_inbox
from anju.foundation.ledger.signing import Signer
from anju.foundation.ledger.witnesses import judge_row
from anju.web.public.proofs import lay_out_proof
from anju_rules.merkle import verify_consistency
from anju_rules.notes import open_note, split_note
from anju_rules.values import Refusal
from anju_rules.witnessing import (
    WitnessPolicy,
    judge_cosignatures,
    read_policy,
    write_policy,
)
from anju_witness.keys import new_key
from tests.support.databases import Database
from tests.support.ledgers import NOW, append_acts, log_key, make_signed_log
from tests.support.witnesses import (
    cosign_newest,
    known_to_the_installation,
    witness_keys,
    witness_policy,
)

SEED = 20260602
FORGERIES = 150
LATER = NOW + timedelta(minutes=1)
PIN = log_key().public_keys[0].public.hex()


@pytest.fixture
def known(database: Database) -> Iterator[WitnessPolicy]:
    """Let the installation know three witnesses."""
    assert database.name
    with known_to_the_installation() as policy:
        yield policy


def refusal_of(*, size: int, signature: str) -> str:
    with pytest.raises(Refusal) as refused:
        take_cosignature(size=size, signature=signature, at=NOW)
    return refused.value.code


def test_an_entry_is_witnessed_once_a_quorum_covers_it(known: WitnessPolicy) -> None:
    (receipt,) = append_acts(1)
    drain_inbox(at=NOW)
    event_id = receipt.event_id
    assert not queries.is_witnessed(event_id=event_id)
    signer = Signer(log_key())
    signer.sign_next()
    notary, residents, archive = witness_keys()
    cosign_newest(at=NOW, by=[notary])
    assert queries.is_witnessed(event_id=event_id, quorum=1)
    assert not queries.is_witnessed(event_id=event_id, quorum=2)
    (later,) = append_acts(1)
    drain_inbox(at=NOW)
    signer.sign_next()
    # The second witness cosigns a later head: it vouches for the earlier entry as well.
    cosign_newest(at=LATER, by=[residents])
    assert queries.witnessed_at(event_id=event_id, quorum=2) == LATER
    assert queries.is_witnessed(event_id=event_id)
    assert not queries.is_witnessed(event_id=later.event_id)
    assert (queries.cosigned_size(quorum=1), queries.cosigned_size(quorum=2)) == (2, 1)
    cosign_newest(at=LATER, by=[archive])
    assert queries.is_witnessed(event_id=later.event_id, quorum=known.quorum)
    assert not queries.is_witnessed(event_id=later.event_id, quorum=3)
    assert not queries.is_witnessed(event_id=later.event_id, quorum=0)
    told = {row.name: (row.title, row.size) for row in queries.witness_rows()}
    assert told == {
        "notary-office": ("市公证处", 1),
        "residents": ("被征收人代表会", 2),
        "archive": ("市档案馆", 2),
    }
    assert queries.witness_standing(at=LATER).waiting_seconds == 0


@pytest.mark.usefixtures("database")
def test_without_witnesses_nothing_is_witnessed() -> None:
    (receipt,) = make_signed_log(1)
    assert queries.witness_rows() == ()
    assert not queries.is_witnessed(event_id=receipt.event_id, quorum=1)
    assert queries.cosigned_size(quorum=1) == queries.witness_standing(at=NOW).witnesses == 0
    line = witness_keys()[0].cosign("x\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
                                    seconds=1)  # fmt: skip
    assert refusal_of(size=1, signature=line) == "witness.unknown"


@pytest.mark.usefixtures("known")
def test_a_proof_carries_the_witnesses_lines() -> None:
    receipts = make_signed_log(4)
    cosign_newest()
    make_signed_log(3)
    proof = queries.proof_of(event_id=receipts[0].event_id)
    assert proof is not None
    assert proof.note is not None
    assert proof.size == 4, "the newest head that is witnessed, not the newest"
    assert judge_cosignatures(proof.note, policy=witness_policy(), is_signed=is_signed).is_quorum
    assert open_note(proof.note, key=log_key().public_keys[0], is_signed=is_signed).size == 4
    assert lay_out_proof(proof=proof).witnessed == "3 家见证人见证过这个检查点"


@pytest.mark.usefixtures("known")
def test_the_offered_head_is_one_for_a_slot_and_continues_the_askers() -> None:
    append_acts(5)
    drain_inbox(at=NOW)
    assert offer_head(since=0, at=LATER) is None, "nothing is signed"
    signer = Signer(log_key())
    signer.sign_next()
    append_acts(6)
    drain_inbox(at=LATER)
    signer.sign_next()
    before = offer_head(since=0, at=LATER)
    after = offer_head(since=5, at=LATER + SLOT)
    assert before is not None
    assert after is not None
    assert (before.size, before.path, after.size) == (5, (), 11)
    old, new = (split_note(one.note).checkpoint for one in (before, after))
    assert verify_consistency(
        old_size=5, old_root=old.root, new_size=11, new_root=new.root, path=after.path
    )
    for since in (11, 12, 2**50):
        offer = offer_head(since=since, at=LATER + SLOT)
        assert offer is not None
        assert (offer.size, offer.path) == (11, ())


@pytest.mark.threat("T-20")
@pytest.mark.usefixtures("known")
def test_forged_cosignatures_are_not_taken_in(database: Database) -> None:
    chance = random.Random(SEED)
    make_signed_log(6, most=3)
    newest = queries.latest_checkpoint(signed=True)
    assert newest is not None
    assert newest.note is not None
    text = newest.note.partition("\n\n")[0] + "\n"
    seconds = int(NOW.timestamp())
    honest = {key.name: key.cosign(text, seconds=seconds) for key in witness_keys()}
    stranger = new_key("notary-office").cosign(text, seconds=seconds)
    refused = 0
    for _ in range(FORGERIES):
        name = chance.choice(sorted(honest))
        line, other = honest[name], honest[chance.choice(sorted(honest.keys() - {name}))]
        place = chance.randrange(len(line))
        forged = chance.choice(
            [
                line[:place] + chance.choice("ABCabc012+/") + line[place + 1 :],
                line[:place],
                line + other,
                line + line,
                line.partition("\n")[0] + "\n",
                stranger,
                "",
                other.replace(other.split()[1], name),
            ]
        )
        size = 6
        if forged in honest.values():
            forged, size = line, 3  # a genuine line under another head
        refused += refusal_of(size=size, signature=forged).startswith("witness.")
    print(f"seed {SEED}: forged cosignatures refused {refused} of {FORGERIES}")  # noqa: T201
    assert refused == FORGERIES
    key = witness_keys()[0]
    assert refusal_of(size=7, signature=honest[key.name]) == "witness.no-such-head"
    ahead = key.cosign(text, seconds=seconds + 3_600)
    assert refusal_of(size=6, signature=ahead) == "witness.cosignature-wrong"
    with database.connect("anju_app") as connection:
        assert connection.execute("SELECT count(*) FROM ledger_cosign").fetchone() == (0,)


@pytest.mark.usefixtures("known")
def test_control_with_the_signature_unchecked_a_forgery_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_signed_log(6)
    key = witness_keys()[0]
    wrong = key.cosign("x\n6\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", seconds=1)
    assert refusal_of(size=6, signature=wrong) == "witness.cosignature-wrong"
    monkeypatch.setattr("anju.foundation.ledger.witnesses.is_signed", lambda *_: True)
    judge_row.cache_clear()
    assert take_cosignature(size=6, signature=wrong, at=NOW).witness == key.name
    judge_row.cache_clear()


@pytest.mark.threat("T-12")
def test_a_row_written_by_hand_witnesses_nothing(known: WitnessPolicy, database: Database) -> None:
    receipts = make_signed_log(6, most=3)
    assert known.quorum == 2
    cosign_newest(by=witness_keys()[:1])
    with psycopg.connect(database.superuser_url) as admin:
        admin.execute(
            "INSERT INTO ledger_cosign SELECT 'residents', size, at, taken_at, signature"
            " FROM ledger_cosign"
        )
        admin.execute(
            "INSERT INTO ledger_cosign SELECT 'archive', size, at, taken_at,"
            " replace(signature, 'notary-office', 'archive') FROM ledger_cosign LIMIT 1"
        )
    assert queries.is_witnessed(event_id=receipts[0].event_id, quorum=1)
    assert not queries.is_witnessed(event_id=receipts[0].event_id, quorum=2)
    assert queries.cosigned_size() == 0


@pytest.mark.usefixtures("known")
def test_the_application_can_neither_change_nor_delete_a_cosignature(database: Database) -> None:
    make_signed_log(2)
    cosign_newest()
    for statement in ("DELETE FROM ledger_cosign", "UPDATE ledger_cosign SET size = 1"):
        for role in ("anju_app", "anju_ledger"):
            with (
                pytest.raises(psycopg.errors.InsufficientPrivilege),
                database.connect(role) as connection,
            ):
                connection.execute(statement.encode())


@pytest.mark.usefixtures("known")
def test_the_public_endpoints_offer_and_take_in() -> None:
    asker = Client()
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        assert asker.get("/api/log/head").status_code == 404
        make_signed_log(3)
        head = asker.get("/api/log/head?since=1").json()
        assert (head["size"], len(head["path"])) == (3, 2)
        text = head["note"].partition("\n\n")[0] + "\n"
        line = witness_keys()[1].cosign(text, seconds=int(NOW.timestamp()))
        answers = [
            asker.post(
                "/api/log/cosignatures",
                json.dumps(body),
                content_type="application/json",
            )
            for body in (
                {"size": 3, "signature": line},
                {"size": 3, "signature": line},
                {"size": 2, "signature": line},
                {"size": 3, "signature": new_key("x").cosign(text, seconds=1)},
                {"size": 3, "signature": "x" * 2_001},
                {"size": -1, "signature": line},
                {},
            )
        ]
        assert [answer.status_code for answer in answers] == [200, 200, 422, 422, 422, 422, 422]
        assert answers[0].json() == answers[1].json()
        for wrong in ("-1", "x", str(2**60)):
            assert asker.get(f"/api/log/head?since={wrong}").status_code == 422


def ask(*words: str) -> int:
    """Run ``anju ledger`` and give its exit code."""
    app = typer.Typer()
    ledger_commands.register(app)
    return CliRunner().invoke(app, ["ledger", *words]).exit_code


@pytest.mark.req("CRT-2")
@pytest.mark.usefixtures("known")
def test_the_auditor_asks_for_a_quorum_of_witnesses_of_ones_own(tmp_path: Path) -> None:
    make_signed_log(12, most=4)
    mine = tmp_path / "witnesses.toml"
    mine.write_text(write_policy(witness_policy()), encoding="utf-8")
    verify = ("verify", "--key", PIN, "--witness-policy", str(mine))
    assert ask(*verify) == 20
    cosign_newest(by=witness_keys()[:1])
    assert ask(*verify) == 20
    cosign_newest(by=witness_keys()[1:2])
    assert ask(*verify) == 0
    assert export_log(folder=tmp_path / "log") == 12
    assert ask(*verify, "--from", str(tmp_path / "log")) == 0
    # Other people than mine count nothing, however many the server knows.
    others = [new_key(name).witness for name in ("a", "b", "c")]
    theirs = tmp_path / "others.toml"
    theirs.write_text(write_policy(WitnessPolicy(2, tuple(others))), encoding="utf-8")
    assert ask("verify", "--key", PIN, "--witness-policy", str(theirs)) == 20
    make_signed_log(3)
    assert ask(*verify) == 20
    assert ask(*verify, "--unwitnessed", "2") == 20
    assert ask(*verify, "--unwitnessed", "3") == 0
    mine.write_text("quorum = 1")
    assert ask(*verify) == 1
    assert ask("verify", "--key", PIN, "--witness-policy", str(tmp_path / "missing")) == 1


@pytest.mark.usefixtures("known")
def test_the_days_head_is_printed_as_a_code(tmp_path: Path) -> None:
    picture = tmp_path / "head.png"
    assert ask("head", "--image", str(picture)) == 1, "nothing is signed"
    make_signed_log(3)
    cosign_newest()
    app = typer.Typer()
    ledger_commands.register(app)
    told = CliRunner().invoke(app, ["ledger", "head", "--qr", "--image", str(picture)])
    assert told.exit_code == 0
    note, _, drawn = told.stdout.partition("\n\n")
    assert (
        open_note(
            f"{note}\n\n{''.join(line for line in drawn.splitlines(True) if line.startswith('—'))}",
            key=log_key().public_keys[0],
            is_signed=is_signed,
        ).size
        == 3
    )
    assert "▄" in drawn
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.threat("T-13")
@pytest.mark.usefixtures("known")
def test_a_witness_head_shows_that_the_stored_log_is_a_fork(
    database: Database, tmp_path: Path
) -> None:
    make_signed_log(12, most=4)
    cosign_newest()
    assert export_log(folder=tmp_path / "log") == 12
    kept = tmp_path / "log" / "checkpoint.txt"
    verify = ("verify", "--key", PIN, "--head", str(kept))
    assert ask(*verify) == 0
    with psycopg.connect(database.superuser_url) as admin:
        for statement in (
            "DELETE FROM ledger_cosign",
            "DELETE FROM ledger_checkpoint WHERE size > 8",
            "DELETE FROM ledger_event e USING ledger_leaf l WHERE l.event_id = e.id AND l.idx > 7",
            "DELETE FROM ledger_leaf WHERE idx >= 8",
        ):
            admin.execute(statement.encode())
    make_signed_log(6, most=4)  # the rest is written anew, and signed with the log's own key
    assert ask("verify", "--key", PIN) == 0, "without a witness the rebuilt log is in order"
    assert ask(*verify) == 30
    mine = tmp_path / "witnesses.toml"
    mine.write_text(write_policy(witness_policy()), encoding="utf-8")
    assert ask("verify", "--key", PIN, "--witness-policy", str(mine)) == 20


@pytest.mark.usefixtures("database")
def test_the_demo_has_three_witnesses_each_a_program_of_its_own(tmp_path: Path) -> None:
    environment = read_environment({"ANJU_HOME": str(tmp_path), "ANJU_WEB_PORT": "8123"})
    url = public_url(environment)
    keep_demo_witnesses(tmp_path, url=url)
    listed = (tmp_path / "witnesses.toml").read_text(encoding="utf-8")
    keep_demo_witnesses(tmp_path, url=url)
    assert (tmp_path / "witnesses.toml").read_text(encoding="utf-8") == listed
    assert [row.title for row in read_policy(listed).witnesses] == list(NAMES.values())
    programs = {each.name: each.command for each in programs_of(environment, is_demo=True)}
    for name in NAMES:
        assert programs[f"witness-{name}"][-1] == url
        assert str(tmp_path / "witnesses" / name) in programs[f"witness-{name}"]
    assert not [each for each in programs_of(environment) if each.name.startswith("witness")]
