"""Waking Django in a program that is no web server: a command, a worker, a test."""

from __future__ import annotations

import os

import django


def start_django() -> None:
    """Read the settings and the models; a second call does nothing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anju.config.settings")
    django.setup()
