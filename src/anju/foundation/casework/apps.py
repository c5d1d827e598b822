"""Casework as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    """Casework."""

    name = "anju.foundation.casework"
    label = "casework"
