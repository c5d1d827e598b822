"""The core as a Django application."""

from __future__ import annotations

from django.apps import AppConfig

from anju.foundation.core.logs import configure_logs


class CoreConfig(AppConfig):
    """Clock, chance, keys, sealing, schema and logs: what every context stands on."""

    name = "anju.foundation.core"
    label = "core"

    def ready(self) -> None:
        """Lay the nets of the log before any process says a word; services ask for more detail."""
        configure_logs(level="WARNING")
