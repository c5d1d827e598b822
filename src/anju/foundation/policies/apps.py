"""Tell Django about this context."""

from __future__ import annotations

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    """Rule sets: kept, frozen, never edited."""

    name = "anju.foundation.policies"
    label = "policies"
