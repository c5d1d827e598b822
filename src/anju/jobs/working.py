"""The worker: does what the queues hold."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from anju.jobs import tasks  # noqa: F401 - a worker knows the tasks that are imported
from anju.jobs.queues import QUEUES

HEARTBEAT_SECONDS = 10.0
"""How often a worker tells that it lives; ``/health`` reads it."""
STALLED_SECONDS = 30.0
"""A worker silent for so long is dead."""
_LOOK_SECONDS = 1.0


def work(*, is_lasting: bool = True) -> None:
    """Do queued work until a signal ends it; with ``is_lasting`` off, till the queues are empty."""
    connector = app.connector
    if not isinstance(connector, DjangoConnector):
        message = "one worker a process"
        raise TypeError(message)
    with app.replace_connector(connector.get_worker_connector()), _connections_for_a_task():
        asyncio.run(_work(is_lasting=is_lasting))


@contextmanager
def _connections_for_a_task() -> Iterator[None]:
    """Let a task's connection end with it: tasks run in threads that come and go."""
    kept = {alias: told["CONN_MAX_AGE"] for alias, told in connections.settings.items()}
    for told in connections.settings.values():
        told["CONN_MAX_AGE"] = 0
    try:
        yield
    finally:
        for alias, age in kept.items():
            connections.settings[alias]["CONN_MAX_AGE"] = age


async def _work(*, is_lasting: bool) -> None:
    async with app.open_async():
        await app.run_worker_async(
            queues=list(QUEUES),
            wait=is_lasting,
            concurrency=1,
            install_signal_handlers=is_lasting,
            fetch_job_polling_interval=_LOOK_SECONDS,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=STALLED_SECONDS,
        )
