"""Three witnesses as three processes, and a log that tells different people different things."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings

from anju.foundation.core.clock import read_clock
from anju.foundation.ledger import queries
from anju.foundation.ledger.keys import is_signed
from anju.foundation.ledger.sequencing import drain_inbox
from anju.foundation.ledger.signing import Signer
from anju.foundation.ledger.witnesses import witnesses_file
from anju_rules.hashing import digest
from anju_rules.ledger import Checkpoint, write_note
from anju_rules.merkle import merkle_root, prove_consistency
from anju_rules.notes import join_note
from anju_rules.witnessing import Witness, WitnessPolicy, judge_cosignatures, write_policy
from anju_witness import folder as memory
from tests.support.databases import Database
from tests.support.ledgers import append_acts, log_key
from tests.support.listening import listen
from tests.support.running import wait_until

NAMES = ("notary", "residents", "archive")
EVERY = "0.2"
LONGEST_WINDOW = timedelta(seconds=60)
WINDOWS = 4


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    """Set three witnesses up, each in a folder of its own."""
    made = {}
    for name in NAMES:
        made[name] = tmp_path / name
        memory.set_up(
            made[name],
            name=name,
            log=log_key().public_keys[0].write(),
            url="http://127.0.0.1:1",
        )
    return made


def policy_of(folders: Mapping[str, Path]) -> WitnessPolicy:
    return WitnessPolicy(
        2,
        tuple(Witness(name, memory.read_own_key(at).public_keys) for name, at in folders.items()),
    )


@contextmanager
def witnessing(folder: Path, url: str) -> Iterator[subprocess.Popen[str]]:
    """Run one witness as a process."""
    started = subprocess.Popen(
        [sys.executable, "-m", "anju_witness", "run", str(folder), "--url", url, "--every", EVERY],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


def size_of(folder: Path) -> int:
    return memory.read_head(folder, key=memory.read_own_key(folder)).size


@pytest.mark.threat("T-15")
def test_three_processes_witness_a_living_log(database: Database, folders: dict[str, Path]) -> None:
    """From commit to quorum, one of them killed with -9 on the way and started again."""
    assert database.name
    policy = policy_of(folders)
    file = witnesses_file(Path(settings.HOME))
    file.write_text(write_policy(policy), encoding="utf-8")
    signer, windows, event_ids = Signer(log_key()), [], []
    try:
        with listen() as url, ExitStack() as running:
            first = running.enter_context(witnessing(folders["notary"], url))
            for name in NAMES[1:]:
                running.enter_context(witnessing(folders[name], url))
            for number in range(WINDOWS):
                (receipt,) = append_acts(1)
                event_ids.append(receipt.event_id)
                begun = time.monotonic()
                drain_inbox(at=read_clock())
                signer.sign_next()
                if number == 1:
                    first.kill()
                assert wait_until(
                    lambda: queries.is_witnessed(event_id=event_ids[-1]),
                    seconds=60,
                )
                windows.append(time.monotonic() - begun)
            running.enter_context(witnessing(folders["notary"], url))
            assert wait_until(lambda: queries.cosigned_size(quorum=3) == WINDOWS, seconds=60)
        proof = queries.proof_of(event_id=event_ids[-1])
    finally:
        file.unlink()
    assert proof is not None
    assert (
        len(judge_cosignatures(proof.note or "", policy=policy, is_signed=is_signed).cosigned) > 1
    )
    print(f"commit to quorum, longest of {WINDOWS}: {max(windows):.1f} s")  # noqa: T201
    assert timedelta(seconds=max(windows)) < LONGEST_WINDOW


class TwoFaced:
    """A log whose owner shows each asker the history that suits; signed with the log's own key."""

    def __init__(self, histories: Mapping[str, list[bytes]]) -> None:
        self.histories = histories
        self.taken: dict[str, dict[str, str]] = {}
        """By asker: the notes it handed a cosignature in for, and the lines."""

    def note(self, asker: str) -> str:
        leaves = self.histories[asker]
        text = write_note(Checkpoint(log_key().origin, len(leaves), merkle_root(leaves)))
        return join_note(text, log_key().sign(text.encode()))


@contextmanager
def lying(log: TwoFaced) -> Iterator[str]:
    """Serve a two-faced log; whoever asks under ``/<asker>`` sees that asker's history."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asker, since = parts.path.split("/")[1], int(parse_qs(parts.query)["since"][0])
            leaves = log.histories[asker]
            path = (
                prove_consistency(leaves=leaves, old_size=since) if 0 < since < len(leaves) else ()
            )
            self.answer({"note": log.note(asker), "path": [node.hex() for node in path]})

        def do_POST(self) -> None:
            asker = self.path.split("/")[1]
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            root = merkle_root(log.histories[asker]).hex()
            log.taken.setdefault(asker, {})[root] = told["signature"]
            self.answer({})

        def answer(self, told: object) -> None:
            body = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def histories() -> tuple[list[bytes], list[bytes]]:
    """Give two histories of one length that differ in the seventh entry."""
    told = [digest(f"entry {n}".encode()) for n in range(12)]
    other = [*told[:6], digest(b"another result"), *told[7:]]
    return told, other


def quorums(log: TwoFaced, policy: WitnessPolicy, *, both: tuple[list[bytes], ...]) -> list[bool]:
    """Say of each history whether its head gathered a quorum of everything handed in anywhere."""
    found = []
    for leaves in both:
        root = merkle_root(leaves)
        text = write_note(Checkpoint(log_key().origin, len(leaves), root))
        lines = "".join(taken.get(root.hex(), "") for taken in log.taken.values())
        note = join_note(text, log_key().sign(text.encode())) + lines
        found.append(judge_cosignatures(note, policy=policy, is_signed=is_signed).is_quorum)
    return found


@pytest.mark.threat("T-11")
@pytest.mark.threat("T-14")
@pytest.mark.usefixtures("database")
def test_of_two_results_shown_to_different_people_one_at_most_has_a_quorum(
    folders: dict[str, Path],
) -> None:
    honest, other = histories()
    shown = {"notary": honest, "residents": honest, "archive": other}
    log = TwoFaced(shown)
    with lying(log) as url, ExitStack() as running:
        for name in NAMES:
            running.enter_context(witnessing(folders[name], f"{url}/{name}"))
        assert wait_until(lambda: len(log.taken) == 3, seconds=60)
        assert quorums(log, policy_of(folders), both=(honest, other)) == [True, False]
        # Now the owner begs for a second signature for the other result.
        shown["notary"] = shown["residents"] = other
        assert wait_until(
            lambda: all(memory.list_evidence(folders[name]) for name in NAMES[:2]), seconds=60
        )
    assert quorums(log, policy_of(folders), both=(honest, other)) == [True, False]
    assert [size_of(folders[name]) for name in NAMES] == [12, 12, 12]


@pytest.mark.threat("T-11")
@pytest.mark.usefixtures("database")
def test_control_witnesses_that_forget_give_both_results_a_quorum(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, other = histories()
    log = TwoFaced(dict.fromkeys(NAMES, honest))
    monkeypatch.setattr(memory, "judge_head", lambda **told: told["offered"])
    for leaves in (honest, other):
        log.histories = dict.fromkeys(NAMES, leaves)
        for name in NAMES:
            head = memory.cosign(folders[name], note=log.note(name), path=(), seconds=1)
            log.taken.setdefault(name, {})[merkle_root(leaves).hex()] = head.signature
    assert quorums(log, policy_of(folders), both=(honest, other)) == [True, True]


@pytest.mark.threat("T-13")
@pytest.mark.usefixtures("database")
def test_a_rebuilt_log_stops_at_every_running_witness(folders: dict[str, Path]) -> None:
    honest, other = histories()
    log = TwoFaced(dict.fromkeys(NAMES, honest))
    with lying(log) as url, ExitStack() as running:
        for name in NAMES:
            running.enter_context(witnessing(folders[name], f"{url}/{name}"))
        assert wait_until(lambda: len(log.taken) == 3, seconds=60)
        rebuilt = [*other, digest(b"and goes on")]
        log.histories = dict.fromkeys(NAMES, rebuilt)
        assert wait_until(
            lambda: all(memory.list_evidence(folder) for folder in folders.values()), seconds=60
        )
    assert quorums(log, policy_of(folders), both=(honest, rebuilt)) == [True, False]


def test_a_second_process_on_one_folder_does_not_start(folders: dict[str, Path]) -> None:
    with witnessing(folders["notary"], "http://127.0.0.1:1") as first:
        assert first.stderr is not None
        assert "连不上" in first.stderr.readline()
        second = subprocess.run(
            [sys.executable, "-m", "anju_witness", "run", str(folders["notary"]), "--once"],
            capture_output=True,
            text=True,
            check=False,
        )
    assert second.returncode == 1
    assert "already-running" in second.stderr
