"""Tell Django about this context."""

from __future__ import annotations

from django.apps import AppConfig


class SelectionConfig(AppConfig):
    """Selection: who is called when, and which homes it takes."""

    name = "anju.resettlement.selection"
    label = "selection"
