"""The account that serves: PostgreSQL never runs as root."""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from anju_rules.values import Refusal

UNPRIVILEGED = ("postgres", "nobody")
"""Whom root becomes, the first that the machine knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who runs the server."""

    uid: int
    gid: int
    is_dropped_to: bool
    """Whether the caller is root, and must become this account first."""


def serving_account() -> Account:
    """Give the caller's own account, or for root an unprivileged one.

    Refuses with ``postgres.no-account`` when root finds none of :data:`UNPRIVILEGED`.
    """
    if os.geteuid() != 0:
        return Account(uid=os.geteuid(), gid=os.getegid(), is_dropped_to=False)
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(uid=entry.pw_uid, gid=entry.pw_gid, is_dropped_to=True)
    raise Refusal("postgres.no-account", names=", ".join(UNPRIVILEGED))


def may_enter(account: Account, folder: Path) -> bool:
    """Whether ``account`` may pass through ``folder`` and all above it; missing ones are skipped.

    Only for an account that root drops to: a caller reaches its own folders or fails plainly.
    """
    if not account.is_dropped_to:
        return True
    whole = Path(os.path.realpath(folder))
    return all(_may_pass(account, step) for step in (whole, *whole.parents) if step.exists())


def _may_pass(account: Account, folder: Path) -> bool:
    found = folder.stat()
    if found.st_uid == account.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == account.gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def make_private_folder(account: Account, folder: Path) -> None:
    """Make ``folder`` the account's own and nobody else's.

    Refuses with ``postgres.folder-of-another`` what is a link, or is owned by someone else: a
    stranger may have made it first, in a place where all may write.
    """
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid:
            raise Refusal("postgres.folder-of-another", folder=str(folder)) from None
    else:
        if account.is_dropped_to:
            os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)
