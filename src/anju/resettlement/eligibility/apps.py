"""Tell Django about this context."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class EligibilityConfig(AppConfig):
    """Eligibility reviews, and the objections to them."""

    name = "anju.resettlement.eligibility"
    label = "eligibility"

    def ready(self) -> None:
        """Listen to what happens to cases: what a review asks for is asked there."""
        import_module("anju.resettlement.eligibility.guarding")
        import_module("anju.resettlement.eligibility.hearing")
