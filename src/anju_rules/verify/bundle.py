"""The numbered checks of a published result.

The numbers and meanings are those of ``docs/algorithms/bundle.md``; an independent program with
nothing but the standard library makes the same checks. A bundle is a stranger's input: whatever is
in it, the answer is a failed number with its reason, never an exception and never a false "valid".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from anju_rules.hashing import digest
from anju_rules.publication import (
    AMENDMENTS,
    AMENDMENTS_SHAPE,
    LISTED_BY_NOBODY,
    MANIFEST_SHAPE,
    RECEIPTS_SHAPE,
    SHAPES_OF,
    SIGNATURE_SHAPE,
)
from anju_rules.shapes import read_canonical
from anju_rules.values import Refusal
from anju_rules.verify import decisions, live, proofs
from anju_rules.verify.published import Published

SignatureCheck = Callable[[str, bytes, str], bool]
"""Public key, message and signature in; whether it holds."""


@dataclass(frozen=True, slots=True)
class Check:
    """One numbered check and what it found."""

    number: int
    name: str
    met: bool
    code: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """What the reader holds from elsewhere and holds the bundle against."""

    root: str | None = None
    key: str | None = None
    receipts: bytes | None = None


NAMES = {
    1: "manifest",
    2: "rules",
    3: "roster",
    4: "units",
    5: "scores",
    6: "draw-terms",
    7: "draw-roots",
    8: "draw-commitments",
    9: "draw-announcement",
    10: "draw-seed",
    11: "draw-order",
    12: "order",
    13: "choices",
    14: "ledger",
    15: "proofs",
    16: "pinned-root",
    17: "signature",
    18: "receipts",
}


def verify_bundle(
    files: Mapping[str, bytes], *, pins: Pins, is_signed: SignatureCheck
) -> list[Check]:
    """Make every check in order, up to the first that fails.

    Args:
        files: every file of the bundle by its path with ``/``.
        pins: a root, a key or receipts the reader already holds.
        is_signed: SM2 verification, which is not pure enough to live here.

    Returns:
        The checks made; the result is valid if all are met and none is missing.
    """
    reader = _Reader(files, pins, is_signed)
    checks: list[Check] = []
    for number, check in reader.checks():
        try:
            check()
        except Refusal as refusal:
            checks.append(Check(number, NAMES[number], False, refusal.code, refusal.facts))  # noqa: FBT003
            return checks
        checks.append(Check(number, NAMES[number], True))  # noqa: FBT003
    return checks


class _Reader:
    """Holds what earlier checks have read for the later ones."""

    def __init__(self, files: Mapping[str, bytes], pins: Pins, is_signed: SignatureCheck) -> None:
        self._files = files
        self._pins = pins
        self._is_signed = is_signed
        self._published: Published | None = None

    def checks(self) -> Sequence[tuple[int, Callable[[], None]]]:
        made: list[tuple[int, Callable[[], None]]] = [(1, self._check_manifest)]
        on_published = {
            2: decisions.check_rules,
            3: decisions.check_roster,
            4: decisions.check_units,
            5: decisions.check_scores,
            6: proofs.check_draw_terms,
            7: proofs.check_draw_roots,
            8: proofs.check_draw_commitments,
            9: proofs.check_draw_announcement,
            10: proofs.check_draw_seed,
            11: proofs.check_draw_order,
            12: decisions.check_order,
            13: live.check_choices,
            14: proofs.check_ledger,
            15: proofs.check_paths,
        }
        for number, check in on_published.items():
            made.append((number, lambda check=check: check(self._read())))  # type: ignore[misc]
        if self._pins.root is not None:
            made.append((16, self._check_root))
        if self._pins.key is not None or "signature.json" in self._files:
            made.append((17, self._check_signature))
        if self._pins.receipts is not None:
            made.append((18, self._check_receipts))
        return made

    def _read(self) -> Published:
        if self._published is None:
            raise Refusal("verify.unread")
        return self._published

    def _check_manifest(self) -> None:
        files = self._files
        if "manifest.json" not in files:
            raise Refusal("verify.file-missing", file="manifest.json")
        manifest = read_canonical(
            files["manifest.json"], shape=MANIFEST_SHAPE, name="manifest.json"
        )
        told = Published.manifest_of(manifest)
        shapes = SHAPES_OF.get(told["format"])
        if shapes is None:
            raise Refusal("verify.format-unknown", format=told["format"])
        if AMENDMENTS in files:
            shapes = {**shapes, AMENDMENTS: AMENDMENTS_SHAPE}
        listed = told["files"]
        unlisted = files.keys() - listed.keys() - LISTED_BY_NOBODY
        if unlisted:
            raise Refusal("verify.file-unlisted", file=min(unlisted))
        for name in sorted(listed.keys() | shapes.keys()):
            if name not in files:
                raise Refusal("verify.file-missing", file=name)
            if name in LISTED_BY_NOBODY or name not in listed:
                raise Refusal("verify.file-unlisted", file=name)
            if digest(files[name]).hex() != listed[name]:
                raise Refusal("verify.file-changed", file=name)
        self._published = Published.read(
            manifest,
            {
                name: read_canonical(files[name], shape=shape, name=name)
                for name, shape in shapes.items()
            },
            digests={name: listed[name] for name in shapes},
        )

    def _check_root(self) -> None:
        if self._pins.root != self._read().manifest["root"]:
            raise Refusal("verify.root-differs", root=self._read().manifest["root"])

    def _check_signature(self) -> None:
        if "signature.json" not in self._files:
            raise Refusal("verify.signature-missing")
        signed = Published.signature_of(
            read_canonical(
                self._files["signature.json"], shape=SIGNATURE_SHAPE, name="signature.json"
            )
        )
        if self._pins.key is not None and signed["key"] != self._pins.key:
            raise Refusal("verify.key-differs", key=signed["key"])
        note = self._read().note.encode()
        if not self._is_signed(signed["key"], note, signed["signature"]):
            raise Refusal("verify.signature-wrong", key=signed["key"])

    def _check_receipts(self) -> None:
        raw = self._pins.receipts or b""
        decisions.check_receipts(self._read(), raw=raw, shape=RECEIPTS_SHAPE)
