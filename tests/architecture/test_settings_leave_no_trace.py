"""Reading the settings makes nothing: keys and passwords come when something needs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

READ = """
import json, os, pathlib
import django
django.setup()
import anju.config.urls
from django.conf import settings
from django.core.signing import dumps, loads
home = pathlib.Path(os.environ["ANJU_HOME"])
before = home.exists()
assert loads(dumps("said")) == "said"
after_signing = sorted(part.name for part in home.iterdir())
host = str(settings.DATABASES["default"]["HOST"])
print(json.dumps([before, after_signing, bool(host), (home / "postgres").exists()]))
"""


@pytest.mark.req("SEC-2")
def test_an_import_makes_no_key_and_the_first_use_does(tmp_path: Path) -> None:
    home = tmp_path / "home"
    told = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("ANJU_") and not name.endswith("DATABASE_URL")
    }
    done = subprocess.run(
        (sys.executable, "-c", READ),
        env={**told, "ANJU_HOME": str(home), "DJANGO_SETTINGS_MODULE": "anju.config.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [False, ["keys"], True, True]
