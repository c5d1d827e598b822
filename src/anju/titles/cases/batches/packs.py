"""Packs: a folder or a zip with a manifest and scans, opened so that it can do no harm.

Nothing is unpacked onto the disk: a file is read by its name, within a bound, when it is wanted.
What the table of contents of a zip says of names and sizes is judged before anything is read, and
held against what comes out.
"""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Protocol

from anju.foundation.documents.cleaning import MOST_BYTES as MOST_FILE_BYTES
from anju_rules.values import Refusal

MOST_FILES = 20_000
MOST_UNPACKED_BYTES = 2 << 30
MOST_RATIO = 100
"""A scan hardly shrinks in a zip; what grows a hundredfold is no scan."""
_RATIO_FROM = 1 << 20
"""Small texts shrink well: the ratio is asked from one mebibyte on."""
_DEEPEST = 8
_LONGEST_NAME = 240
_UTF8_NAME = 0x800
_LOCKED = 0x1
_JUNK = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
"""What operating systems leave behind; nobody means it."""


class Pack(Protocol):
    """A manifest and its scans, by name."""

    @property
    def sizes(self) -> Mapping[str, int]:
        """Every file's name, with ``/`` between folders, and its size in bytes."""

    def read(self, name: str) -> bytes:
        """Give a file; refuses with ``batches.pack-broken`` what is not as it was told."""


@dataclass(frozen=True, slots=True)
class FolderPack:
    """A folder on the disk."""

    folder: Path
    sizes: Mapping[str, int]

    def read(self, name: str) -> bytes:
        """Give a file."""
        try:
            return (self.folder / name).read_bytes()
        except OSError:
            raise Refusal("batches.pack-broken", file=name) from None


@dataclass(frozen=True, slots=True)
class ZipPack:
    """A zip in memory."""

    archive: zipfile.ZipFile
    members: Mapping[str, zipfile.ZipInfo]

    @property
    def sizes(self) -> Mapping[str, int]:
        """Every file's name and size."""
        return {name: held.file_size for name, held in self.members.items()}

    def read(self, name: str) -> bytes:
        """Give a file, read within what its head says of its size."""
        held = self.members[name]
        try:
            with self.archive.open(held) as stream:
                data = stream.read(held.file_size + 1)
        except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError):
            raise Refusal("batches.pack-broken", file=name) from None
        except RuntimeError:
            raise Refusal("batches.pack-locked", file=name) from None
        if len(data) != held.file_size:
            raise Refusal("batches.pack-broken", file=name)
        return data


def open_pack(source: Path | bytes) -> Pack:
    """Open a folder, a zip on the disk, or the bytes of a zip.

    Refuses with ``batches.pack-missing``, ``batches.pack-broken`` (no zip), ``batches.pack-locked``
    (a password), ``batches.pack-link``, ``batches.pack-bad-name`` (a path that leads out, is
    absolute, too deep or too long), ``batches.pack-repeats``, ``batches.pack-too-many-files``,
    ``batches.pack-too-large`` and ``batches.pack-swells`` (a zip bomb).
    """
    if isinstance(source, Path) and source.is_dir():
        return _open_folder(source)
    return _open_zip(_read_zip(source) if isinstance(source, Path) else source)


def _read_zip(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        raise Refusal("batches.pack-missing", file=file.name) from None


def _open_folder(folder: Path) -> FolderPack:
    sizes: dict[str, int] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            raise Refusal("batches.pack-link", file=name)
        if path.is_file() and not _is_junk(name):
            _require_name(name)
            sizes[name] = path.stat().st_size
            _require_bounds(sizes, name)
    _require_sum(sizes)
    return FolderPack(folder=folder, sizes=sizes)


def _open_zip(content: bytes) -> ZipPack:
    try:
        archive = zipfile.ZipFile(BytesIO(content))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise Refusal("batches.pack-broken", file="zip") from None
    members: dict[str, zipfile.ZipInfo] = {}
    sizes: dict[str, int] = {}
    for held in archive.infolist():
        name = _name_of(held)
        if held.is_dir() or _is_junk(name):
            continue
        _require_name(name)
        if stat.S_ISLNK(held.external_attr >> 16):
            raise Refusal("batches.pack-link", file=name)
        if held.flag_bits & _LOCKED:
            raise Refusal("batches.pack-locked", file=name)
        if name in members:
            raise Refusal("batches.pack-repeats", file=name)
        if held.file_size > _RATIO_FROM and held.file_size > MOST_RATIO * held.compress_size:
            raise Refusal("batches.pack-swells", file=name, most=MOST_RATIO)
        members[name] = held
        sizes[name] = held.file_size
        _require_bounds(sizes, name)
    _require_sum(sizes)
    root = _common_root(members)
    return ZipPack(
        archive=archive, members={name.removeprefix(root): held for name, held in members.items()}
    )


def _name_of(held: zipfile.ZipInfo) -> str:
    """Give a member's name; Windows packs Chinese names in its own code and does not say so."""
    if held.flag_bits & _UTF8_NAME:
        return held.filename
    try:
        return held.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return held.filename


def _common_root(names: Mapping[str, object]) -> str:
    """Give the one folder in which everything lies, if there is one: people pack the folder."""
    roots = {name.partition("/")[0] if "/" in name else "" for name in names}
    return f"{roots.pop()}/" if len(roots) == 1 and "" not in roots else ""


def _require_name(name: str) -> None:
    path = PurePosixPath(name)
    is_sane = (
        not path.is_absolute()
        and ".." not in path.parts
        and "\\" not in name
        and ":" not in name
        and name.isprintable()
        and len(path.parts) <= _DEEPEST
        and len(name) <= _LONGEST_NAME
    )
    if not is_sane:
        raise Refusal("batches.pack-bad-name", file=name[:60])


def _require_sum(sizes: Mapping[str, int]) -> None:
    if sum(sizes.values()) > MOST_UNPACKED_BYTES:
        raise Refusal("batches.pack-too-large", most=MOST_UNPACKED_BYTES >> 30)


def _require_bounds(sizes: Mapping[str, int], name: str) -> None:
    if len(sizes) > MOST_FILES:
        raise Refusal("batches.pack-too-many-files", most=MOST_FILES)
    if sizes[name] > MOST_FILE_BYTES:
        raise Refusal("batches.pack-file-too-large", file=name, most=MOST_FILE_BYTES >> 20)


def _is_junk(name: str) -> bool:
    return any(name == junk or name.startswith(junk) or name.endswith(f"/{junk}") for junk in _JUNK)
