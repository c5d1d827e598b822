"""Signing with SM2 as the example in GB/T 32918.5 does: its key, its nonce. For tests only."""

from __future__ import annotations

import hashlib

FIELD = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
CURVE_A = FIELD - 3
CURVE_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
BASE = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
PRIVATE = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
NONCE = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
PUBLIC_KEY = (
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)


def _sm3(data: bytes) -> bytes:
    return hashlib.new("sm3", data).digest()


def _add(one: tuple[int, int] | None, two: tuple[int, int]) -> tuple[int, int]:
    if one is None:
        return two
    if one == two:
        slope = (3 * one[0] ** 2 + CURVE_A) * pow(2 * one[1], -1, FIELD)
    else:
        slope = (two[1] - one[1]) * pow(two[0] - one[0], -1, FIELD)
    x = (slope * slope - one[0] - two[0]) % FIELD
    return x, (slope * (one[0] - x) - one[1]) % FIELD


def sign(message: bytes) -> str:
    """Sign with the standard's example key: r and s, hex."""
    point: tuple[int, int] | None = None
    for bit in f"{NONCE:b}":
        point = _add(point, point) if point else None
        point = _add(point, BASE) if bit == "1" else point
    assert point is not None
    user = b"1234567812345678"
    about = b"".join(part.to_bytes(32, "big") for part in (CURVE_A, CURVE_B, *BASE))
    about = (len(user) * 8).to_bytes(2, "big") + user + about + bytes.fromhex(PUBLIC_KEY[2:])
    e = int.from_bytes(_sm3(_sm3(about) + message), "big")
    r = (e + point[0]) % ORDER
    s = pow(1 + PRIVATE, -1, ORDER) * (NONCE - r * PRIVATE) % ORDER
    return f"{r:064x}{s:064x}"
