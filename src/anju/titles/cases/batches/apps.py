"""Tell Django about this part of the context."""

from __future__ import annotations

from django.apps import AppConfig


class BatchesConfig(AppConfig):
    """Batches: a community's homes filed at once."""

    name = "anju.titles.cases.batches"
    label = "titlebatches"
