"""Tell Django about this context."""

from __future__ import annotations

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    """Partners: developers, property managers, and the ratings people give."""

    name = "anju.titles.partners"
    label = "partners"
