"""Tell Django about this context."""

from __future__ import annotations

from django.apps import AppConfig


class DrawsConfig(AppConfig):
    """The public draw: its ceremonies, entries, commitments and results."""

    name = "anju.foundation.draws"
    label = "draws"
