"""The web face as a Django application: it holds templates and static files, and no tables."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Templates, static files and template tags of every page."""

    name = "anju.web"
    label = "web"
