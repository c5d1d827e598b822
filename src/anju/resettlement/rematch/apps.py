"""Tell Django about this context."""

from __future__ import annotations

from django.apps import AppConfig


class RematchConfig(AppConfig):
    """Re-match: leftovers in the original order, and exchanges of those who want one."""

    name = "anju.resettlement.rematch"
    label = "rematch"
