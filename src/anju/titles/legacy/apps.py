"""Tell Django about this context."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class LegacyConfig(AppConfig):
    """Legacy problems: triage, the community's plan, the emergency team's costs and archive."""

    name = "anju.titles.legacy"
    label = "legacy"

    def ready(self) -> None:
        """Listen to the cases of problems and of disputes, whoever moves them."""
        import_module("anju.titles.legacy.following")
