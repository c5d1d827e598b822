"""Where each department is asked, and whose signature its answers carry.

They stand in ``departments.toml`` in the home folder: for each code its ``url`` and its SM2 public
``key`` in hex, as they were exchanged on paper with the responsibility agreement. The platform's
own key for its requests lies in ``keys/exchange.key``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from anju.foundation.core.crypto import KeyPair
from anju.foundation.core.keys import read_key_pair
from anju_rules.departments.kinds import department_by_code
from anju_rules.values import Refusal

_PUBLIC_KEY = re.compile(r"04[0-9a-f]{128}")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """How a department is reached, and the key that its signatures are held to."""

    department: str
    url: str
    public_key: bytes


def addresses_file(home: Path) -> Path:
    """Say where the departments' addresses stand."""
    return home / "departments.toml"


def exchange_key_file(home: Path) -> Path:
    """Say where the platform's own key for its requests lies."""
    return home / "keys" / "exchange.key"


def exchange_key() -> KeyPair:
    """Give the key that the platform signs its requests with, made at the first use."""
    return _key(exchange_key_file(Path(settings.HOME)))


def known_addresses() -> Mapping[str, Address]:
    """Give the departments this installation may ask; none where there is no file.

    Refuses with ``departments.addresses-malformed``, ``departments.unknown`` or, for an address
    beyond this machine without https, ``departments.address-open``.
    """
    file = addresses_file(Path(settings.HOME))
    try:
        changed = file.stat().st_mtime_ns
    except FileNotFoundError:
        return {}
    return _read(file, changed)


def write_addresses(addresses: Mapping[str, Address]) -> str:
    """Write addresses as their file."""
    return "\n".join(
        f'[{code}]\nurl = "{address.url}"\nkey = "{address.public_key.hex()}"\n'
        for code, address in sorted(addresses.items())
    )


def read_addresses(text: str) -> Mapping[str, Address]:
    """Read the departments' addresses; refuses as :func:`known_addresses`."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refusal("departments.addresses-malformed") from error
    return {code: _address(code, table) for code, table in tables.items()}


def _address(code: str, table: object) -> Address:
    department_by_code(code)
    if not isinstance(table, dict) or table.keys() != {"url", "key"}:
        raise Refusal("departments.addresses-malformed")
    url, key = str(table["url"]), str(table["key"])
    parts = urlsplit(url)
    if not _PUBLIC_KEY.fullmatch(key) or parts.scheme not in {"http", "https"}:
        raise Refusal("departments.addresses-malformed")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise Refusal("departments.address-open", department=code)
    return Address(department=code, url=url, public_key=bytes.fromhex(key))


@lru_cache(maxsize=4)
def _read(file: Path, changed: int) -> Mapping[str, Address]:
    del changed  # a changed file is read again
    return read_addresses(file.read_text(encoding="utf-8"))


@lru_cache(maxsize=4)
def _key(file: Path) -> KeyPair:
    return read_key_pair(file)
