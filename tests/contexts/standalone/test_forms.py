"""The stand-alone verifier takes one spelling of JSON and just the files that are listed."""

from __future__ import annotations

import copy
import hashlib
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from anju.resettlement.offline.standalone import verify_bundle as verifier
from tests.support.bundle_format import canonical
from tests.support.bundles import Files, make_bundle, write_bundle
from tests.support.forging import NUMBER_OF_FILE, Forge, judge, with_file

pytestmark = [pytest.mark.req("DRW-3"), pytest.mark.long]


def escape_letter(found: re.Match[bytes]) -> bytes:
    return b'"\\u%04x' % found[0][1]


RAW_FAULTS: dict[str, Callable[[bytes], bytes]] = {
    "a line feed at the end": lambda raw: raw + b"\n",
    "a space": lambda raw: raw.replace(b":", b": ", 1),
    "a byte order mark": lambda raw: b"\xef\xbb\xbf" + raw,
    "bad UTF-8": lambda raw: raw[:-1] + b"\xff" + raw[-1:],
    "half": lambda raw: raw[: len(raw) // 2],
    "nothing": lambda _: b"",
    "null": lambda _: b"null",
    "NaN": lambda _: b"NaN",
    "a float": lambda _: b"[1.0]",
    "an exponent": lambda _: b"[1e3]",
    "minus nought": lambda _: b"[-0]",
    "a huge number": lambda _: b"[" + b"9" * 5000 + b"]",
    "a name twice": lambda _: b'{"a":1,"a":1}',
    "deep": lambda _: b"[" * 60 + b"]" * 60,
    "very deep": lambda _: b"[" * 200_000 + b"]" * 200_000,
    "half a surrogate": lambda _: b'["\\ud800"]',
    "an escape too many": lambda raw: re.sub(rb'"[a-z]', escape_letter, raw, count=1),
}


@pytest.mark.threat("T-20")
@pytest.mark.parametrize("name", [*NUMBER_OF_FILE, "manifest", "signature"])
def test_json_has_one_spelling(name: str, tmp_path: Path) -> None:
    files = make_bundle()
    forge = Forge(write_bundle(tmp_path, files), files)
    right = canonical(files[name + ".json"])
    expected = {**NUMBER_OF_FILE, "manifest": 1, "signature": 17}[name]
    for fault, spoil in RAW_FAULTS.items():
        raw = spoil(right)
        assert raw != right, fault
        unlisted = name in ("manifest", "signature")
        changed = with_file(files, name + ".json", raw) if not unlisted else files
        assert forge.judge({**changed, name + ".json": raw}) == expected, fault


BAD_NAMES = ["../out.json", "/etc/hostname", "a//b", "./a", "a\\b", "assets/../x", "a/", "", "名"]


@pytest.mark.threat("T-20")
def test_the_manifest_names_plain_files_of_the_folder_only(bundle: Files, tmp_path: Path) -> None:
    forge = Forge(write_bundle(tmp_path / "bundle", bundle), bundle)
    (tmp_path / "out.json").write_bytes(b"")
    for name in (*BAD_NAMES, "manifest.json", "signature.json", ".hidden"):
        manifest = copy.deepcopy(bundle["manifest.json"])
        manifest["files"][name] = hashlib.new("sm3", b"").hexdigest()
        assert forge.judge({**bundle, "manifest.json": manifest}) == 1, name


def more(place: Path) -> None:
    (place / "more.txt").write_text("x")


def more_inside(place: Path) -> None:
    (place / "assets" / "more.js").write_text("x")


def an_empty_folder(place: Path) -> None:
    (place / "empty").mkdir()


def one_less(place: Path) -> None:
    (place / "roster.json").unlink()


def a_link(place: Path) -> None:
    target = (place / "roster.json").rename(place.parent / "moved")
    (place / "roster.json").symlink_to(target)


def a_linked_folder(place: Path) -> None:
    target = (place / "assets").rename(place.parent / "moved")
    (place / "assets").symlink_to(target)


def a_pipe(place: Path) -> None:
    one_less(place)
    os.mkfifo(place / "roster.json")


def a_folder(place: Path) -> None:
    one_less(place)
    (place / "roster.json").mkdir()


def another_byte(place: Path) -> None:
    (place / "index.html").write_bytes(b"<")


FOLDER_FAULTS = [more, more_inside, an_empty_folder, one_less, a_link, a_linked_folder, a_pipe]


@pytest.mark.parametrize("edit", [*FOLDER_FAULTS, a_folder, another_byte])
def test_what_lies_in_the_folder_is_what_the_manifest_lists(
    edit: Callable[[Path], None], folder: Path, tmp_path: Path
) -> None:
    place = tmp_path / "bundle"
    shutil.copytree(folder, place)
    assert judge(place) == 0
    edit(place)
    assert judge(place) == 1


def test_a_file_too_large_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier, "LARGEST_FILE", 1000)
    assert judge(folder) == 1
