"""The demo's accounts: made once for an installation, kept in a file that only its owner reads."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pyotp

from anju.foundation.access.codes import new_household_code, new_pin
from anju.foundation.core.clock import read_clock
from anju.foundation.core.crypto import new_secret
from anju.foundation.core.files import write_private
from anju_rules.values import Refusal

FILE = "accounts.txt"
READY = ".demo"
"""The mark of a finished demo, and of a folder that `anju demo reset` may remove."""
_HEADERS = ("role", "title", "login", "password", "totp", "household")
_PASSWORD_BYTES = 8
_TOTP_BYTES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    """One account, with what only a demo may keep in the clear."""

    role: str
    title: str
    """What it is, in Chinese."""
    login: str
    """An officer's login, or a household's code."""
    password: str = field(repr=False)
    """A password, or a household's PIN."""
    totp: str = field(default="", repr=False)
    """Secret of the authenticator, base 32; empty for a household."""
    household: str = ""
    """The household's id."""

    def code_now(self) -> str:
        """Give what the authenticator shows at this moment."""
        return pyotp.TOTP(self.totp).at(read_clock())


def new_officer(*, role: str, title: str, login: str) -> DemoAccount:
    """Make up an officer's secrets."""
    return DemoAccount(
        role=role,
        title=title,
        login=login,
        password=f"anju-{new_secret()[:_PASSWORD_BYTES].hex()}",
        totp=base64.b32encode(new_secret()[:_TOTP_BYTES]).decode(),
    )


def new_family(*, title: str, household: str) -> DemoAccount:
    """Make up what a household signs in with."""
    return DemoAccount(
        role="household",
        title=title,
        login=new_household_code(),
        password=new_pin(),
        household=household,
    )


def read_accounts(home: Path) -> list[DemoAccount]:
    """Read the accounts; none if there are none yet."""
    file = home / FILE
    if not file.exists():
        return []
    rows = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8")), delimiter="\t")
    return [DemoAccount(**{name: row[name] or "" for name in _HEADERS}) for row in rows]


def write_accounts(home: Path, accounts: Iterable[DemoAccount]) -> None:
    """Write the accounts, for the owner's eyes alone."""
    told = io.StringIO(newline="")
    writer = csv.writer(told, delimiter="\t", lineterminator="\n")
    writer.writerow(_HEADERS)
    for account in accounts:
        writer.writerow([getattr(account, name) for name in _HEADERS])
    write_private(home / FILE, told.getvalue())


def account_of(home: Path, *, login: str) -> DemoAccount:
    """Give one account; refuses with ``demo.unknown-login`` or ``demo.not-prepared``."""
    accounts = read_accounts(home)
    if not accounts:
        raise Refusal("demo.not-prepared", home=str(home))
    for account in accounts:
        if account.login == login and account.totp:
            return account
    raise Refusal("demo.unknown-login", login=login)


def is_prepared(home: Path) -> bool:
    """Whether the whole demo stands in ``home``."""
    return (home / READY).exists()


def mark_prepared(home: Path) -> None:
    """Note that the whole demo stands."""
    write_private(home / READY, "")
