"""Loops: what is looked at again and again, each in a process of its own."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

import structlog
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection

from anju.foundation.core.clock import read_clock
from anju.foundation.core.switches import AUTOPLAY, is_on
from anju.foundation.ledger.queries import count_waiting, latest_checkpoint
from anju.jobs.autoplay import play_project
from anju.jobs.calls import look_for_calls
from anju.jobs.messages import send_messages
from anju.jobs.publishing import publish_walls
from anju.resettlement.projects.queries import list_projects
from anju_rules.values import Refusal

WALL_SECONDS = 0.3
"""How old the wall may be beside the selection."""
TURN_SECONDS = 4.0
"""How long a household of the demo thinks before it chooses."""
MESSAGE_SECONDS = 1.0
"""How long a message lies before somebody looks for it: a household is being called."""
_AFTER_FAULT_SECONDS = 2.0

_log = structlog.get_logger(__name__)


def publish_walls_forever() -> None:
    """Write the walls again whenever the ledger has moved, and only then look at the selection.

    Nothing on a wall changes without an entry, so two small questions stand for all of it.
    """
    seen: list[tuple[object, ...]] = [()]

    def publish_moved() -> None:
        newest = latest_checkpoint(signed=True)
        mark = (newest and newest.size, latest_checkpoint(), count_waiting())
        if seen[0] != mark:
            publish_walls()
            seen[0] = mark

    repeat(publish_moved, every=WALL_SECONDS)


def send_messages_forever() -> None:
    """Send what households are to be told as soon as it is laid; look for calls on the wall."""

    def tell() -> None:
        send_messages(at=read_clock())
        look_for_calls(at=read_clock())

    repeat(tell, every=MESSAGE_SECONDS)


def play_forever() -> None:
    """Let one household after the other choose while the demo's switch is on."""

    def play() -> None:
        if is_on(settings.HOME, AUTOPLAY):
            for project in list_projects():
                play_project(project_id=project.id)

    repeat(play, every=TURN_SECONDS)


def repeat(work: Callable[[], None], *, every: float) -> None:
    """Do ``work`` every so many seconds until a signal ends the process.

    A database that is away, as after a restart, is waited for; a refusal is noted and passes.
    """
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    while not stopping.is_set():
        pause = every
        try:
            close_old_connections()
            work()
        except Refusal as refusal:
            _log.warning("loop.refused", code=refusal.code)
        except DatabaseError as error:
            _log.warning("loop.database-away", kind=type(error).__name__)
            connection.close()
            pause = _AFTER_FAULT_SECONDS
        stopping.wait(pause)
