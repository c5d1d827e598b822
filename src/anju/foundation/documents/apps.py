"""Documents as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Documents."""

    name = "anju.foundation.documents"
    label = "documents"

    def ready(self) -> None:
        """Have the documents of an erased household destroyed with it."""
        from anju.foundation.documents import operations  # noqa: F401, PLC0415 - registers itself
