"""Tell Django about this context."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class PlanningConfig(AppConfig):
    """The approval of plans."""

    name = "anju.resettlement.planning"
    label = "planning"

    def ready(self) -> None:
        """Listen to the cases of plan approval, whoever moves them."""
        import_module("anju.resettlement.planning.approvals")
