"""What visitors are told of things that do not exist, to set beside what they get of others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from anju.foundation.access.permissions import permissions_by_role
from tests.support.routes import Address

Answer = tuple[int, bytes]
"""Status and body, without what differs between any two answers."""
Things = TypeVar("Things")
Asked_contra = TypeVar("Asked_contra", contravariant=True)


class Visitor(Protocol[Asked_contra]):
    """Somebody of one role."""

    role: str

    def send(self, address: Address, things: Asked_contra, /) -> Answer:
        """Ask for an address about these things."""


@dataclass(slots=True, kw_only=True)
class Absences(Generic[Things]):
    """What each visitor is told of things that do not exist.

    Who lacks a permission is told the same at every such address, and what is told at one of them
    is not asked for again. An answer that differs from it is compared with its own address, and so
    is the first visitor's at every address.
    """

    nowhere: Things
    """What no address knows."""
    told: dict[tuple[str, str, str], Answer] = field(default_factory=dict)
    asked: set[Address] = field(default_factory=set)

    def beside(self, address: Address, visitor: Visitor[Things], got: Answer) -> Answer:
        """Give what the address says of things that do not exist, to set beside what was got."""
        face = address.path.partition("/")[0]
        key = (visitor.role, address.method, face)
        is_permitted = address.permits in permissions_by_role()[visitor.role]
        if not is_permitted and address in self.asked and self.told.get(key) == got:
            return got
        absent = visitor.send(address, self.nowhere)
        if not is_permitted:
            self.asked.add(address)
            self.told.setdefault(key, absent)
        return absent


def faults_of(cell: str, want: str, got: Answer, absent: Answer) -> list[str]:
    """Give what is wrong with a cell's answer, beside that for things that do not exist."""
    status = got[0]
    if want == "public":
        return [f"{cell}: {status}"] if status in {401, 500} else []
    if want == "no-token":
        return [f"{cell}: {status}"] if status != 401 or got != absent else []
    if want == "hidden":
        if status != 404:
            return [f"{cell}: {status} where nothing may be seen"]
        return [] if got == absent else [f"{cell}: differs from what does not exist"]
    return [f"{cell}: {status} though it is one's own"] if status in {401, 404, 500} else []
