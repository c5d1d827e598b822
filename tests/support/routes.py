"""The addresses of the site, read from the URL configuration itself."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

_CONVERTER = re.compile(r"<(?:[a-z_]+:)?([a-z_]+)>")
_OWN_SHELVES = ("static/",)
_METHODS = ("GET", "POST")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One address with one method."""

    path: str
    """Without the leading slash; parameters as ``<name>``."""
    method: str
    permits: str
    is_public: bool

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names in its path."""
        return tuple(_CONVERTER.findall(self.path))

    def fill(self, **parts: object) -> str:
        """Give the path with its parameters filled in."""
        return "/" + _CONVERTER.sub(lambda found: str(parts[found[1]]), self.path)


def addresses() -> list[Address]:
    """Give every address, one for each method it answers; by path."""
    found = list(_walk(get_resolver().url_patterns, ""))
    return sorted(found, key=lambda address: (address.path, address.method))


def _walk(patterns: list[Any], before: str) -> Iterator[Address]:
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if path.startswith(_OWN_SHELVES):
            continue
        if isinstance(pattern, URLResolver):
            yield from _walk(list(pattern.url_patterns), path)
        elif isinstance(pattern, URLPattern):
            yield from _of_view(_CONVERTER.sub(r"<\1>", path), pattern.callback)


def _of_view(path: str, view: Callable[..., Any]) -> Iterator[Address]:
    operations = _ninja_operations(view)
    if operations is not None:
        for operation in operations:
            for method in operation.methods:
                yield _address(path, method, operation.view_func)
    elif path in {"api/docs", "api/openapi.json"}:
        # The library's own views: what the API offers, no data.
        yield Address(path=path, method="GET", permits="", is_public=True)
    elif path != "api/":
        for method in _page_methods(view):
            yield _address(path, method, view)


def _address(path: str, method: str, view: Callable[..., Any]) -> Address:
    return Address(
        path=path,
        method=method,
        permits=str(getattr(view, "permits", "")),
        is_public=bool(getattr(view, "is_public", False)),
    )


def _ninja_operations(view: Callable[..., Any]) -> list[Any] | None:
    """Give the operations behind an address of the API; ``None`` for a page."""
    seen = getattr(view, "__self__", None)
    if seen is not None and hasattr(seen, "operations"):
        return list(seen.operations)
    for cell in getattr(view, "__closure__", None) or ():
        if hasattr(cell.cell_contents, "operations"):
            return list(cell.cell_contents.operations)
    return None


def _page_methods(view: Callable[..., Any]) -> tuple[str, ...]:
    """Give GET, POST or both, as ``require_http_methods`` around the view allows."""
    one: Callable[..., Any] | None = view
    while one is not None:
        held = inspect.getclosurevars(one).nonlocals if inspect.isfunction(one) else {}
        allowed = held.get("request_method_list")
        if allowed is not None:
            return tuple(method for method in _METHODS if method in allowed)
        one = getattr(one, "__wrapped__", None)
    return _METHODS
