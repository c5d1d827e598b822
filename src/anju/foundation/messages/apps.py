"""Messages as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class MessagesConfig(AppConfig):
    """Messages to households."""

    name = "anju.foundation.messages"
    label = "messages"

    def ready(self) -> None:
        """Have nothing more sent to an erased household."""
        from anju.foundation.messages import pacing  # noqa: F401, PLC0415 - registers itself
