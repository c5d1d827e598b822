"""A published result, read: typed access to files whose shapes have been checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The files of a bundle whose shapes fit."""

    manifest: Row
    digests: Mapping[str, str]
    rules: Row
    units: list[Row]
    roster: list[Row]
    scores: list[Row]
    draws: list[Row]
    order: list[Row]
    choices: list[Row]
    ledger: Row
    turns: list[Row] | None = None
    """What happened in every turn, of a result that was chosen live."""
    amendments: list[Row] | None = None
    """Lines struck or placed after the freeze, where there are any."""

    @classmethod
    def read(
        cls, manifest: object, files: Mapping[str, object], *, digests: Mapping[str, str]
    ) -> Published:
        """Put the files of a bundle under their names."""
        return cls(
            manifest=cls.manifest_of(manifest),
            digests=digests,
            **{name.removesuffix(".json"): cast("Any", value) for name, value in files.items()},
        )

    @staticmethod
    def manifest_of(value: object) -> dict[str, Any]:
        """Give a manifest whose shape has been checked."""
        return cast("dict[str, Any]", value)

    @staticmethod
    def signature_of(value: object) -> dict[str, str]:
        """Give a signature whose shape has been checked."""
        return cast("dict[str, str]", value)

    @property
    def note(self) -> str:
        """The text of the ledger's checkpoint."""
        return str(self.ledger["checkpoint"]["note"])
