"""Tell Django about this context."""

from __future__ import annotations

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """Homes: the unit register of a project."""

    name = "anju.resettlement.inventory"
    label = "inventory"
