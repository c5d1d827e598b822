"""Tell Django about this context."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class SelectionConfig(AppConfig):
    """Selection: who is called when, and which homes it takes."""

    name = "anju.resettlement.selection"
    label = "selection"

    def ready(self) -> None:
        """Be asked before somebody is let in from a disputed list."""
        import_module("anju.resettlement.selection.placing")
