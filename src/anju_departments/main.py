"""``python -m anju_departments``: run the simulated departments until told to stop."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from anju_departments.answering import Office
from anju_departments.keys import keep_keys
from anju_departments.register import read_register
from anju_departments.serving import open_server
from anju_departments.trouble import Trouble
from anju_rules.departments.kinds import QUESTIONS
from anju_rules.values import Refusal

DEPARTMENTS = frozenset(question.department for question in QUESTIONS.values())
"""The departments that something is asked of."""
KEYS, REGISTER, ASKER = "keys.json", "register.json", "asker.hex"
"""What lies in the folder: their keys, what they know, and the platform's public key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where the simulated departments lie and listen."""

    folder: Path
    host: str
    port: int


def run(stage: Stage, *, trouble: Trouble) -> None:
    """Answer until a signal comes.

    Refuses with ``simulator.register-malformed``, ``simulator.keys-malformed``,
    ``simulator.asker-malformed`` or ``simulator.port-in-use``.
    """
    office = Office(
        keys=keep_keys(stage.folder / KEYS, DEPARTMENTS),
        register=read_register(stage.folder / REGISTER),
        asker=_read_asker(stage.folder / ASKER),
        trouble=trouble,
    )
    try:
        server = open_server(office, host=stage.host, port=stage.port)
    except OSError as error:
        raise Refusal("simulator.port-in-use", host=stage.host, port=stage.port) from error
    with server:
        for number in (signal.SIGTERM, signal.SIGINT):
            # From a thread of its own: the server waits for its loop to end.
            signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
        server.serve_forever(poll_interval=0.2)


def _read_asker(file: Path) -> bytes:
    try:
        return bytes.fromhex(file.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise Refusal("simulator.asker-malformed", file=str(file)) from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit code."""
    parser = argparse.ArgumentParser(prog="anju_departments")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--seed", default="0")
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--errors", type=int, default=0)
    parser.add_argument("--contradictions", type=int, default=0)
    told = parser.parse_args(arguments)
    try:
        run(
            Stage(folder=told.folder, host=told.host, port=told.port),
            trouble=Trouble(
                seed=told.seed,
                delay=timedelta(seconds=told.delay),
                errors=told.errors,
                contradictions=told.contradictions,
            ),
        )
    except Refusal as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    return 0
