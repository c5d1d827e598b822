"""Tell Django about this context."""

from __future__ import annotations

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """Projects: what is being resettled, by which plan."""

    name = "anju.resettlement.projects"
    label = "projects"
