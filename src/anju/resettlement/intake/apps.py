"""Tell Django about this context."""

from __future__ import annotations

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Intake: a clerk's files into the registers."""

    name = "anju.resettlement.intake"
    label = "intake"
