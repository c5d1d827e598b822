"""Every operation of the platform, whatever a test has imported before."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import anju.foundation
import anju.resettlement
import anju.titles
from anju.foundation.access.gate import OPERATIONS
from anju.foundation.access.types import Declaration


def declared_operations() -> dict[str, Declaration]:
    """Give every operation there is, from every context's ``operations``."""
    for root in (anju.foundation, anju.resettlement, anju.titles):
        for module in pkgutil.walk_packages(root.__path__, f"{root.__name__}."):
            if "operations" in module.name.split("."):
                import_module(module.name)
    return OPERATIONS
