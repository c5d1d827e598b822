"""What must be true of a selection, as a model that knows only the rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from tests.support.selections import AT


@dataclass(slots=True)
class Turn:
    """A turn as the model knows it."""

    place: int
    household_id: UUID
    id: UUID | None = None
    state: str = "waiting"
    limit_at: datetime = AT
    came_back: bool = False
    desk: int = 0
    named: list[UUID] = field(default_factory=list)
    sign_by: datetime = AT
    given: dict[str, str] = field(default_factory=dict)
    """The sides that have signed, and who."""
    needed: set[str] = field(default_factory=set)

    @property
    def is_owed(self) -> bool:
        """Whether a missed turn may come back."""
        return self.state == "missed" and not self.came_back

    def let_go(self) -> None:
        """Forget what was named."""
        self.named, self.given, self.needed = [], {}, set()


@dataclass(slots=True)
class Model:
    """What must be true of a selection."""

    turns: dict[int, Turn] = field(default_factory=dict)
    batches: dict[int, str] = field(default_factory=dict)
    batch_of: dict[int, int] = field(default_factory=dict)
    owners: dict[UUID, int] = field(default_factory=dict)
    """Home to the place that has it for good."""

    def open_batch(self) -> int | None:
        """Give the open batch."""
        return next((number for number, state in self.batches.items() if state == "open"), None)

    def in_batch(self, batch: int | None) -> list[Turn]:
        """Give the turns of a batch in order."""
        return [turn for place, turn in self.turns.items() if self.batch_of[place] == batch]

    def next_to_call(self) -> Turn | None:
        """Give who is next: those that wait, then those that came back."""
        turns = self.in_batch(self.open_batch())
        for state in ("waiting", "returned"):
            for turn in turns:
                if turn.state == state:
                    return turn
        return None

    def called(self) -> list[Turn]:
        """Give who is called, the first of the order first."""
        return [turn for turn in self.turns.values() if turn.state == "called"]

    def held(self) -> dict[UUID, int]:
        """Give every home that somebody has or has named, with whose place it is."""
        named = {home: turn.place for turn in self.called() for home in turn.named}
        return self.owners | named
