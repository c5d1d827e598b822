"""Forging bundles: change a folder, ask the stand-alone verifier, put the folder back."""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from anju.resettlement.offline.standalone import verify_bundle as verifier
from tests.support.bundle_format import canonical, sm3
from tests.support.bundles import Files, raw_of, write_bundle

SEED = 20261126
NUMBER_OF_FILE = {"rules": 2, "roster": 3, "units": 4, "scores": 5, "draws": 6}
NUMBER_OF_FILE |= {"order": 12, "choices": 13, "ledger": 14}


def switch_off(
    monkeypatch: pytest.MonkeyPatch, number: int, instead: Callable[[Any], None] = lambda _: None
) -> None:
    """Take one of the numbered checks out of the verifier."""
    checks = [*verifier.CHECKS[: number - 1], instead, *verifier.CHECKS[number:]]
    monkeypatch.setattr(verifier, "CHECKS", checks)


def judge(
    place: Path,
    *,
    root: str | None = None,
    key: str | None = None,
    held: list[Files] | None = None,
) -> int:
    """Give the number of the first check that fails, 0 where none does."""
    options = argparse.Namespace(root=root, key=key)
    told = {receipt["ticket"]: receipt for receipt in held or []}
    number, _, _ = verifier.verify(str(place), options, told)
    return number


class Forge:
    """Changes files of one folder, asks for the verdict and puts the folder back.

    A file that stays as it was is read and its shape looked at once, not for every forgery: the
    same bytes give the same answer. All the checks run each time.
    """

    def __init__(self, place: Path, files: Files) -> None:
        self.place, self.files = place, files
        self._right: set[tuple[bytes, str]] = set()

    def judge(self, changed: Files, **pinned: Any) -> int:
        names = [name for name in changed if changed[name] is not self.files[name]]
        for name in names:
            (self.place / name).write_bytes(raw_of(changed[name]))
        load = verifier.load
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(verifier, "load", partial(self._load, load, set(names)))
                return judge(self.place, **pinned)
        finally:
            write_bundle(self.place, {name: self.files[name] for name in names})

    def _load(
        self, load: Callable[..., Any], forged: set[str], b: Any, name: str, wanted: Any
    ) -> Any:
        if name + ".json" in forged:
            return load(b, name, wanted)
        raw = b.files[name + ".json"]
        key = (raw, repr(wanted))
        if key in self._right:
            return json.loads(raw)
        value = load(b, name, wanted)
        self._right.add(key)
        return value


def paths_in(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the path of every value inside a JSON value, containers too."""
    if at:
        yield at
    keys = value if isinstance(value, dict) else range(len(value) if type(value) is list else 0)
    for key in keys:
        yield from paths_in(value[key], (*at, key))


def with_file(files: Files, name: str, value: Any) -> Files:
    """Give a bundle with one file changed and its digest in the manifest put right again."""
    digest = sm3(raw_of(value)).hex()
    manifest = {**files["manifest.json"]}
    manifest["files"] = {**manifest["files"], name: digest}
    return {**files, name: value, "manifest.json": manifest}


def changed_values(value: Any) -> list[Any]:
    """Give other values, near ones and wrong types, in place of one."""
    if isinstance(value, bool):
        return [not value, int(value), str(value).lower(), None]
    if isinstance(value, int):
        return [value + 1, value - 1, -value - 1, str(value), True, None, 2**53 - 1]
    if isinstance(value, str):
        last = value[-1:]
        near = value[:-1] + ("0" if last != "0" else "1")
        return [near, value + " ", " " + value, value.upper() + "A", "", None, [value], 0]
    if isinstance(value, list):
        swapped = [*value[1:2], *value[:1], *value[2:]]
        return [value[1:], value[:-1], swapped, [*value, *value[-1:]], [], {}, None]
    if isinstance(value, dict):
        return [{**value, "extra": 0}, {}, [], None, *dropped(value)]
    return [0, "", False, []]


def dropped(value: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the object with each of its names left out."""
    return [{k: v for k, v in value.items() if k != name} for name in value]


def put(value: Any, path: tuple[Any, ...], new: Any) -> None:
    """Put a value in the place of another."""
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = new


def get(value: Any, path: tuple[Any, ...]) -> Any:
    """Give the value at a path."""
    for key in path:
        value = value[key]
    return value


def mutations(
    value: Any, *, each: int, dice: random.Random, share: float = 1
) -> Iterator[tuple[str, Any]]:
    """Give changed copies of a JSON value: at a share of its places up to ``each`` changes."""
    for path in paths_in(value):
        if dice.random() >= share:
            continue
        old = get(value, path)
        others = [new for new in changed_values(old) if canonical(new) != canonical(old)]
        for new in dice.sample(others, min(each, len(others))):
            copied = json.loads(canonical(value))
            put(copied, path, new)
            yield f"{path} = {new!r}"[:160], copied


def redraw(files: Files) -> None:
    """Publish what the changed inputs of the draws give, so that nothing but the input is wrong."""
    for draw in files["draws.json"]:
        draw["expected"] = verifier.draw_again(draw["scheme"], draw["input"])


def relabel(files: Files) -> None:
    """Say that a rehearsal is real, or the reverse, in the manifest."""
    files["manifest.json"]["rehearsal"] = not files["manifest.json"]["rehearsal"]
