"""What is read of the workers."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection


def worker_silence() -> timedelta | None:
    """Say how long ago a worker last told that it lives; None where none ever did."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp() - MAX(last_heartbeat) FROM procrastinate_workers")
        (silence,) = cursor.fetchone()
    return silence  # type: ignore[no-any-return]
