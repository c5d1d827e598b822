"""The clauses that a table of rules or of a procedure cites."""

from __future__ import annotations

from collections.abc import Mapping


def cited_clauses(told: object) -> set[str]:
    """Give every clause that a table cites, however deep: what stands under a key ``…clause``."""
    if isinstance(told, Mapping):
        found = {
            value
            for key, value in told.items()
            if str(key).endswith("clause") and isinstance(value, str) and value
        }
        return found.union(*(cited_clauses(value) for value in told.values()))
    if isinstance(told, list | tuple):
        return set().union(*(cited_clauses(value) for value in told))
    return set()
