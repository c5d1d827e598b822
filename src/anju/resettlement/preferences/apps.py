"""Tell Django about this context."""

from __future__ import annotations

from django.apps import AppConfig


class PreferencesConfig(AppConfig):
    """Wishes: what a household would choose, in its order."""

    name = "anju.resettlement.preferences"
    label = "preferences"
