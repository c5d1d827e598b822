"""Tell Django about this context."""

from __future__ import annotations

from django.apps import AppConfig


class CommunitiesConfig(AppConfig):
    """Communities: one file each, its homes and who owns them."""

    name = "anju.titles.communities"
    label = "communities"
