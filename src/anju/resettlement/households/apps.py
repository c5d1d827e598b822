"""Tell Django about this context."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class HouseholdsConfig(AppConfig):
    """Households: the register of a project."""

    name = "anju.resettlement.households"
    label = "households"

    def ready(self) -> None:
        """Have the erasure of a household reach this context's rows."""
        import_module("anju.resettlement.households.operations")
