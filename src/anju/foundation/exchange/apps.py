"""Tell Django about this context."""

from __future__ import annotations

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Files that come in: uploads and their import records."""

    name = "anju.foundation.exchange"
    label = "exchange"
