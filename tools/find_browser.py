"""See that there is a Chromium for the browser tests; as root on Debian, install one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    """Never fail: without a browser the tests that need one skip, and say so."""
    if any(shutil.which(name) for name in NAMES):
        return 0
    may_install = hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")
    if may_install:
        sys.stdout.write("No Chromium on the PATH: installing it for the browser tests ...\n")
        sys.stdout.flush()
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["apt-get", "update", "-q"],
            ["apt-get", "install", "-y", "-q", "chromium", "fonts-noto-cjk"],
        ):
            if subprocess.run(command, env=quiet, check=False).returncode:
                break
        else:
            return 0
    sys.stderr.write(
        "\nThere is no Chromium here, so the tests of the pages WILL BE SKIPPED.\n"
        "As root:  apt-get install chromium fonts-noto-cjk\n\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
