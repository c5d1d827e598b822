"""Headers of every answer: what a page may load, who may frame it, what may be kept."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers


class HeadersMiddleware:
    """Forbid inline script and style, foreign origins and frames (T-31).

    A page nobody has called public is for one reader: no cache may keep it. A view that sets
    ``Cache-Control`` itself is left alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.policy = content_policy(peak_url=settings.PEAK_URL)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the headers that hold for every page."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()"
        )
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
            patch_vary_headers(response, ["Cookie", "HX-Request"])
        return response


def content_policy(*, peak_url: str) -> str:
    """Give the Content-Security-Policy: own files only, and the public plane's stream.

    >>> content_policy(peak_url="http://127.0.0.1:8001").split("; ")[0:3]
    ["default-src 'none'", "script-src 'self'", "style-src 'self'"]
    """
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": f"'self' {peak_url}",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "object-src": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())
