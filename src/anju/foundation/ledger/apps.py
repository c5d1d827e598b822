"""The ledger as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Its tables are made by SQL: no model writes them, so there are none."""

    name = "anju.foundation.ledger"
    label = "ledger"
