"""Tell Django about this context."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class TitleCasesConfig(AppConfig):
    """Registrations of title: first by the developer, then by each owner."""

    name = "anju.titles.cases"
    label = "titlecases"

    def ready(self) -> None:
        """Listen to what happens to cases: what a title asks for is asked there."""
        import_module("anju.titles.cases.guarding")
        import_module("anju.titles.cases.telling")
        import_module("anju.titles.cases.covering")
        import_module("anju.titles.cases.tax_office")
        # After the first two: an act is judged and told before what follows from it is done.
        import_module("anju.titles.cases.holding")
