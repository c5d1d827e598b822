"""Switches of an installation: on or off, kept as a file in its home, read by another process.

For what is no act and decides nothing, as letting a demo's day run by itself.
"""

from __future__ import annotations

from pathlib import Path

from anju_rules.values import Refusal

AUTOPLAY = "autoplay"
"""The demo's day runs by itself. Without the file the installation is no demo: no switch."""


def has_switch(home: Path, name: str) -> bool:
    """Whether the installation has that switch at all."""
    return _file(home, name).exists()


def is_on(home: Path, name: str) -> bool:
    """Whether the switch is there and on."""
    try:
        return _file(home, name).read_text(encoding="ascii").strip() == "on"
    except FileNotFoundError:
        return False


def turn(home: Path, name: str, *, on: bool) -> None:
    """Turn a switch that is there on or off; refuses with ``switches.unknown``."""
    if not has_switch(home, name):
        raise Refusal("switches.unknown", name=name)
    _write(home, name, on=on)


def add_switch(home: Path, name: str, *, on: bool) -> None:
    """Give the installation a switch; one that is there stays as it is."""
    if not has_switch(home, name):
        _file(home, name).parent.mkdir(parents=True, exist_ok=True)
        _write(home, name, on=on)


def _write(home: Path, name: str, *, on: bool) -> None:
    file = _file(home, name)
    fresh = file.with_suffix(".new")
    fresh.write_text("on\n" if on else "off\n", encoding="ascii")
    fresh.replace(file)


def _file(home: Path, name: str) -> Path:
    return home / "switches" / name
