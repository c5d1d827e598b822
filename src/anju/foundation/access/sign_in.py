"""Signing in: password and code of the minute for officers, code and PIN for households.

Whatever is wrong, the answer is the same, and it takes the time that a right password takes: it
does not tell whether there is such a login. Tries are counted before anything is looked at, so a
hundred at once are a hundred tries.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pyotp
from django.contrib.auth.hashers import check_password, make_password
from django.db import connections, transaction
from django.utils.crypto import constant_time_compare

from anju.foundation.access.codes import check_household_code
from anju.foundation.access.context import act_of, acting, tell_settings
from anju.foundation.access.mapping import actor_from, open_account_field
from anju.foundation.access.models import Account, Throttle
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_secret
from anju.foundation.core.sealing import blind_index
from anju.foundation.ledger.operations import append_entry
from anju_rules.values import Refusal

TRIES_A_LOGIN = 10
TRIES_AN_ADDRESS = 300
"""A hall full of households shares one address."""
WAIT = timedelta(minutes=15)
_STEP_SECONDS = 30
_TOTP_BYTES = 20
_LONGEST = 200
"""Of anything typed: nobody makes the hasher work on a novel."""
_ACTION = "access.signed-in"
_STEPPED_UP = "access.stepped-up"
_COUNTERSIGNED = "access.countersigned"


def new_totp_secret() -> str:
    """Give a fresh secret of 160 bits for an authenticator, in base 32 (RFC 6238)."""
    return base64.b32encode(new_secret()[:_TOTP_BYTES]).decode()


def totp_address(*, secret: str, login: str) -> str:
    """Give what the QR code for the authenticator says."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name="Anju 安居")


def stored_login(text: str) -> str:
    """Give a typed login as the table keeps it: a household's code as its blind index."""
    try:
        code = check_household_code(text)
    except Refusal:
        return text.strip().lower()[:_LONGEST]
    return blind_index(kind="household-code", text=code).hex()


def sign_in(
    *, login: str, password: str, code: str, address: str, request_id: str, at: datetime
) -> Account:
    """Check who signs in: ``login`` is an officer's or a household's code, ``code`` the TOTP.

    Gives the account for Django's ``login()``. Refuses with ``access.sign-in-refused`` whatever is
    wrong, and with ``access.sign-in-wait`` after too many tries. Either way an entry says so.
    """
    account, _ = _let_in(
        login=login,
        password=password,
        code=code,
        address=address,
        request_id=request_id,
        at=at,
        action=_ACTION,
    )
    return account


def countersign(*, login: str, password: str, code: str, by: Actor, at: datetime) -> Actor:
    """Check the second officer of an act, who signs at the desk of the first, ``by``.

    Gives that officer as an actor, good for this act alone: no session begins. Password and code
    are asked for, and tries counted, as in :func:`sign_in`; refuses like it, a household too, and
    with ``access.same-person`` whoever signs twice. Either way an entry says so.
    """
    account, second = _let_in(
        login=login,
        password=password,
        code=code,
        address=by.address,
        request_id=by.request_id,
        at=at,
        action=_COUNTERSIGNED,
    )
    if account.kind != "officer":
        raise Refusal("access.sign-in-refused")
    if second.id == by.id:
        raise Refusal("access.same-person")
    return second


def _let_in(
    *,
    login: str,
    password: str,
    code: str,
    address: str,
    request_id: str,
    at: datetime,
    action: str,
) -> tuple[Account, Actor]:
    """Give the account and the actor that login, password and code belong to, or refuse."""
    kept = stored_login(login)
    keys = _count_try(kept, address, at=at)
    is_right, account, actor = _look_at(kept, password, code, address, request_id, at=at)
    with transaction.atomic(durable=True), acting(actor):
        if is_right and account is not None and _use_step(account, code, at=at):
            Throttle.objects.filter(key=keys[0]).delete()
            _give_back(keys[1])
            _record(actor, at=at, outcome="done", action=action)
            return account, actor
    with transaction.atomic(durable=True), acting(actor):
        _record(actor, at=at, outcome="refused:access.sign-in-refused", action=action)
    raise Refusal("access.sign-in-refused")


def step_up(*, by: Actor, code: str, at: datetime) -> Actor:
    """Check a fresh code of an officer who is signed in, for one act about to be done.

    Gives the actor with ``stepped_up_at``, for an operation that ``steps_up``; nothing of it is
    kept in the session, so the next act asks again. A code serves once, the one signed in with
    among them. Refuses with ``access.step-up-refused`` and, after too many tries, with
    ``access.sign-in-wait``. Either way an entry says so.
    """
    keys = _count_try(f"step-up {by.id}", by.address, at=at)
    with transaction.atomic(durable=True), acting(by):
        account = Account.objects.filter(id=by.id, is_active=True, kind="officer").first()
        if account is not None and _use_step(account, code, at=at):
            Throttle.objects.filter(key=keys[0]).delete()
            _give_back(keys[1])
            _record(by, at=at, outcome="done", action=_STEPPED_UP)
            return replace(by, stepped_up_at=at)
    with transaction.atomic(durable=True), acting(by):
        _record(by, at=at, outcome="refused:access.step-up-refused", action=_STEPPED_UP)
    raise Refusal("access.step-up-refused")


def sign_out(*, by: Actor, at: datetime) -> None:
    """Record that somebody signs out; the face ends the session itself."""
    with transaction.atomic(durable=True), acting(by):
        _record(by, at=at, outcome="done", action="access.signed-out")


def _look_at(
    login: str, password: str, code: str, address: str, request_id: str, *, at: datetime
) -> tuple[bool, Account | None, Actor]:
    """Give whether everything is right, the account if there is one, and who that is."""
    nobody = Actor(id=_NOBODY, kind="household", role="", address=address, request_id=request_id)
    is_typed_short = len(password) <= _LONGEST
    with transaction.atomic():
        tell_settings({"anju.login": login})
        account = Account.objects.filter(login=login, is_active=True).first()
        if account is None:
            # As much work as for a login that exists.
            make_password(password[:_LONGEST])
            return False, None, nobody
        tell_settings({"anju.actor": str(account.id)})
        actor = actor_from(account, address=address, request_id=request_id)
        secret = open_account_field(account, "totp", account.totp_sealed)
    is_right = check_password(password[:_LONGEST], account.password) and is_typed_short
    if account.kind == "officer":
        is_right = _matching_step(secret, code, at=at) is not None and is_right
    return is_right, account, replace(actor, name="")


_NOBODY = UUID(int=0)


def _matching_step(secret: str, code: str, *, at: datetime) -> int | None:
    """Give the half minute whose code this is: this one, or one beside it for a wrong clock."""
    if not secret or not code.isascii() or not code.isdigit():
        return None
    now = int(at.timestamp()) // _STEP_SECONDS
    totp = pyotp.TOTP(secret)
    steps = [
        step
        for step in (now - 1, now, now + 1)
        if constant_time_compare(totp.generate_otp(step), code)
    ]
    return max(steps, default=None)


def _use_step(account: Account, code: str, *, at: datetime) -> bool:
    """Use up an officer's code: whoever read it over a shoulder comes too late."""
    if account.kind != "officer":
        return True
    secret = open_account_field(account, "totp", account.totp_sealed)
    step = _matching_step(secret, code, at=at)
    if step is None:
        return False
    unused = Account.objects.filter(id=account.id, is_active=True, totp_step__lt=step)
    return unused.update(totp_step=step) == 1


def _record(actor: Actor, *, at: datetime, outcome: str, action: str = _ACTION) -> None:
    is_known = actor.id != _NOBODY
    act = act_of(
        actor,
        action=action,
        target=str(actor.id) if is_known else "unknown",
        outcome=outcome,
        clauses=(),
        level=Secrecy.INTERNAL,
        at=at,
        body={},
        subject_id=actor.household_id,
    )
    append_entry(act=act if is_known else replace(act, actor_id=None))


def _count_try(login: str, address: str, *, at: datetime) -> tuple[bytes, bytes]:
    """Count a try of this login and from this address, before anything is looked at."""
    keys = (
        blind_index(kind="sign-in-login", text=login),
        blind_index(kind="sign-in-address", text=address),
    )
    waits = []
    with transaction.atomic(durable=True), connections["default"].cursor() as cursor:
        for key, most in zip(keys, (TRIES_A_LOGIN, TRIES_AN_ADDRESS), strict=True):
            cursor.execute(
                "INSERT INTO access_throttle AS t (key, tries, last_at) VALUES (%s, 1, %s)"
                " ON CONFLICT (key) DO UPDATE SET"
                " tries = CASE WHEN t.last_at < %s THEN 1 ELSE least(t.tries + 1, %s) END,"
                # Waiting ends by itself: who tries on while waiting does not wait longer.
                " last_at = CASE WHEN t.tries >= %s AND t.last_at >= %s"
                " THEN t.last_at ELSE EXCLUDED.last_at END"
                " RETURNING tries",
                [key, at, at - WAIT, most + 1, most + 1, at - WAIT],
            )
            waits.append(cursor.fetchone()[0] > most)
    if any(waits):
        raise Refusal("access.sign-in-wait", minutes=int(WAIT.total_seconds()) // 60)
    return keys


def _give_back(key: bytes) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("UPDATE access_throttle SET tries = tries - 1 WHERE key = %s", [key])
