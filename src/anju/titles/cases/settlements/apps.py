"""Tell Django about this part of the context."""

from __future__ import annotations

from django.apps import AppConfig


class SettlementsConfig(AppConfig):
    """Settlements of areas: terms, sheets and what buyers decide."""

    name = "anju.titles.cases.settlements"
    label = "titlesettlements"
