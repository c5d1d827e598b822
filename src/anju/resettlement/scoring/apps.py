"""Tell Django about this context."""

from __future__ import annotations

from django.apps import AppConfig


class ScoringConfig(AppConfig):
    """Scoring: every household's sheet under the frozen rules."""

    name = "anju.resettlement.scoring"
    label = "scoring"
