"""The migrations say what the models say: Django would write no further one. Asks no database."""

from __future__ import annotations

from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.utils import translation


def test_the_migrations_lead_to_the_models_that_there_are() -> None:
    written = MigrationLoader(None)
    # As makemigrations does: Django's own models name their fields in the language that is on.
    with translation.override(None):
        missing = MigrationAutodetector(
            written.project_state(), ProjectState.from_apps(apps)
        ).changes(graph=written.graph)
    assert {
        app: [step.describe() for migration in found for step in migration.operations]
        for app, found in missing.items()
    } == {}
