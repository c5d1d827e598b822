"""Tell Django about this context."""

from __future__ import annotations

from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    """Certificates of title and the register behind them."""

    name = "anju.titles.certificates"
    label = "certificates"
