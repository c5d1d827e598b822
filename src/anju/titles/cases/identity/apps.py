"""Tell Django about this part of the context."""

from __future__ import annotations

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Identity checks of who files from afar."""

    name = "anju.titles.cases.identity"
    label = "titleidentity"
