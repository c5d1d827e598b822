"""Tell Django about this context."""

from __future__ import annotations

from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    """Delivery: a chosen home is handed over."""

    name = "anju.resettlement.delivery"
    label = "delivery"
