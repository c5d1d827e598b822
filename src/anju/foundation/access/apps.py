"""Access as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Who may do and see what."""

    name = "anju.foundation.access"
    label = "access"
