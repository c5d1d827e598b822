"""Tell Django about this context."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class NegotiationConfig(AppConfig):
    """Negotiation: homes given by agreement, under supervision."""

    name = "anju.resettlement.negotiation"
    label = "negotiation"

    def ready(self) -> None:
        """Listen to the cases of agreements, whoever moves them."""
        import_module("anju.resettlement.negotiation.following")
