"""Make a virtual environment from hash-pinned requirements, once; again only when they change.

Runs on the system's own Python with the standard library alone: it comes before all else.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from importlib.util import find_spec
from pathlib import Path

OLDEST_PYTHON = (3, 11)
STAMP = "anju-environment"
"""The file that says from what an environment was made; more laid upon it has another."""


def main() -> int:
    """Read the arguments, make what is missing, say in one line what was done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--requirements", type=Path, required=True)
    parser.add_argument("--install-anju", action="store_true", help="the package itself, editable")
    parser.add_argument("--stamp", default=STAMP, help="another, for what is laid upon the first")
    parser.add_argument("--clear", action="store_true", help="hold nothing but the requirements")
    wanted = parser.parse_args()
    if sys.version_info < OLDEST_PYTHON:
        found = ".".join(str(part) for part in sys.version_info[:3])
        return refuse(
            f"Anju needs Python 3.11 or newer, and this is {found}: {sys.executable}\n"
            "Name another with  make PYTHON=/path/to/python3.11 ..."
        )
    folder: Path = wanted.folder.absolute()
    stamp = folder / wanted.stamp
    mark = describe_environment(folder, wanted.requirements, with_anju=wanted.install_anju)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == mark:
        return 0
    if not (find_spec("ensurepip") or install_debian_venv()):
        return refuse(
            "Python has no ensurepip, so it cannot make a virtual environment. On Debian and "
            "Ubuntu it is a package of its own. As root:\n\n    apt-get install python3-venv\n\n"
            "and then the same make command again."
        )
    sys.stdout.write(f"Making {wanted.folder} from {wanted.requirements} ...\n")
    sys.stdout.flush()
    stamp.unlink(missing_ok=True)
    fill_environment(folder, wanted.requirements, with_anju=wanted.install_anju, clear=wanted.clear)
    stamp.write_text(mark, encoding="utf-8")
    return 0


def describe_environment(folder: Path, requirements: Path, *, with_anju: bool) -> str:
    """Give the digest of all that the environment is made from."""
    made_from = [str(folder).encode(), sys.version.encode(), requirements.read_bytes()]
    if with_anju:
        made_from.append(Path("pyproject.toml").read_bytes())
    return hashlib.sha256(b"\0".join(made_from)).hexdigest()


def fill_environment(folder: Path, requirements: Path, *, with_anju: bool, clear: bool) -> None:
    """Make the environment and install exactly what the requirements pin."""
    program = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if clear or not works(program):
        venv.EnvBuilder(with_pip=True, clear=True, symlinks=os.name != "nt").create(folder)
    pip = [str(program), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        pip += ["--root-user-action=ignore"]
    run([*pip, "--require-hashes", "-r", str(requirements)])
    if with_anju:
        run([*pip, "--no-index", "--no-build-isolation", "--no-deps", "-e", "."])


def works(program: Path) -> bool:
    """Whether the environment's Python runs: one whose folder or system Python moved does not."""
    if not program.is_file():
        return False
    asked = [str(program), "-m", "pip", "--version"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def install_debian_venv() -> bool:
    """As root on Debian, install the missing package; whether ensurepip is there now."""
    if not (hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")):
        return False
    run(["apt-get", "update", "-q"])
    run(["apt-get", "install", "-y", "-q", "python3-venv"])
    return (Path(sysconfig.get_path("stdlib")) / "ensurepip").is_dir()


def run(command: list[str]) -> None:
    """Run a command and stop where it fails, with its own words on the screen."""
    finished = subprocess.run(command, check=False)
    if finished.returncode:
        raise SystemExit(refuse(f"This command failed: {' '.join(command)}"))


def refuse(words: str) -> int:
    """Say why nothing was made; give the exit code."""
    sys.stderr.write(f"\n{words}\n\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
