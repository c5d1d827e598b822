"""SM2, SM3 and SM4 pass the standards' examples, and a provider that does not is refused."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable

import gmssl_fast
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju.foundation.core import crypto
from anju.foundation.core.crypto import (
    CryptoProvider,
    CryptoSelfTestFailed,
    KeyPair,
    OpenProvider,
    new_key_pair,
    new_nonce,
    new_salt,
    new_secret,
    self_test,
)
from anju_rules.values import Refusal
from tests.support.real_data import real_data

KEY, NONCE = bytes(range(16)), bytes(range(12))
SM2_PUBLIC = bytes.fromhex(
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
SM2_SIGNATURE = bytes.fromhex(
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)


def flip(data: bytes, place: int = 0) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


class WrongDigest(OpenProvider):
    def sm3(self, *, data: bytes) -> bytes:
        return flip(super().sm3(data=data))


class OtherDigest(OpenProvider):
    def sm3(self, *, data: bytes) -> bytes:
        return hashlib.sha256(data).digest()


class WrongSealing(OpenProvider):
    def sm4_gcm_encrypt(
        self, *, key: bytes, nonce: bytes, plaintext: bytes, associated: bytes = b""
    ) -> bytes:
        return flip(
            super().sm4_gcm_encrypt(
                key=key, nonce=nonce, plaintext=plaintext, associated=associated
            ),
            40,
        )


class IgnoresAssociated(OpenProvider):
    """Opens by the ciphertext alone, whatever stands in the tag and the associated data."""

    def sm4_gcm_decrypt(
        self, *, key: bytes, nonce: bytes, sealed: bytes, associated: bytes = b""
    ) -> bytes:
        del associated
        stream = self.sm4_gcm_encrypt(key=key, nonce=nonce, plaintext=bytes(len(sealed) - 16))
        return bytes(left ^ right for left, right in zip(sealed[:-16], stream, strict=False))


class WrongOpening(OpenProvider):
    def sm4_gcm_decrypt(
        self, *, key: bytes, nonce: bytes, sealed: bytes, associated: bytes = b""
    ) -> bytes:
        return flip(
            super().sm4_gcm_decrypt(key=key, nonce=nonce, sealed=sealed, associated=associated)
        )


class SaysYes(OpenProvider):
    def sm2_verify(self, *, public_key: bytes, message: bytes, signature: bytes) -> bool:
        del public_key, message, signature
        return True


class SaysNo(OpenProvider):
    def sm2_verify(self, *, public_key: bytes, message: bytes, signature: bytes) -> bool:
        del public_key, message, signature
        return False


class WrongSigning(OpenProvider):
    def sm2_sign(self, *, private_key: bytes, message: bytes) -> bytes:
        return flip(super().sm2_sign(private_key=private_key, message=message), 63)


class SameNonce(OpenProvider):
    """Signs the same message twice with one nonce: the private key could be computed."""

    def __init__(self) -> None:
        self.signed: dict[tuple[bytes, bytes], bytes] = {}

    def sm2_sign(self, *, private_key: bytes, message: bytes) -> bytes:
        asked = (private_key, message)
        if asked not in self.signed:
            self.signed[asked] = super().sm2_sign(private_key=private_key, message=message)
        return self.signed[asked]


class SameKey(OpenProvider):
    def __init__(self) -> None:
        self.pair = super().sm2_new_key()

    def sm2_new_key(self) -> KeyPair:
        return self.pair


class UnfitKey(OpenProvider):
    def sm2_new_key(self) -> KeyPair:
        return KeyPair(public=super().sm2_new_key().public, private=super().sm2_new_key().private)


class Absent(OpenProvider):
    def sm3(self, *, data: bytes) -> bytes:
        raise RuntimeError(len(data))


@pytest.mark.req("DRW-5")
def test_the_open_provider_passes_the_standards_examples() -> None:
    self_test(OpenProvider())
    assert isinstance(crypto.tested_provider(), OpenProvider)
    assert crypto.tested_provider() is crypto.tested_provider()


@pytest.mark.req("DRW-5")
@pytest.mark.parametrize(
    ("broken", "primitive"),
    [
        (WrongDigest, "sm3"),
        (OtherDigest, "sm3"),
        (Absent, "sm3"),
        (WrongSealing, "sm4-gcm-encrypt"),
        (WrongOpening, "sm4-gcm-decrypt"),
        (IgnoresAssociated, "sm4-gcm-decrypt"),
        (SaysYes, "sm2-verify"),
        (SaysNo, "sm2-verify"),
        (WrongSigning, "sm2-sign"),
        (SameNonce, "sm2-sign"),
        (SameKey, "sm2-sign"),
        (UnfitKey, "sm2-sign"),
    ],
)
def test_a_provider_with_one_broken_primitive_is_refused(
    broken: Callable[[], CryptoProvider], primitive: str
) -> None:
    with pytest.raises(CryptoSelfTestFailed) as caught:
        self_test(broken())
    assert caught.value.code == "crypto.self-test-failed"
    assert caught.value.facts == {"primitive": primitive}


@pytest.mark.req("DRW-5")
def test_a_broken_provider_is_never_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    crypto.tested_provider.cache_clear()
    monkeypatch.setattr(crypto, "OpenProvider", WrongSigning)
    try:
        for _ in range(2):
            with pytest.raises(CryptoSelfTestFailed):
                new_key_pair()
    finally:
        crypto.tested_provider.cache_clear()


@pytest.mark.req("DRW-5")
def test_with_the_self_test_off_the_broken_provider_would_be_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def pass_anything(provider: CryptoProvider) -> None:
        del provider

    crypto.tested_provider.cache_clear()
    monkeypatch.setattr(crypto, "OpenProvider", WrongSigning)
    monkeypatch.setattr(crypto, "self_test", pass_anything)
    try:
        assert isinstance(crypto.tested_provider(), WrongSigning)
    finally:
        crypto.tested_provider.cache_clear()


@pytest.mark.req("DRW-5")
def test_sm3_and_sm4_give_the_published_values() -> None:
    vectors = json.loads(real_data("vectors/sm3_sm4.json").read_text(encoding="utf-8"))
    for case in vectors["sm3"]:
        assert OpenProvider().sm3(data=case["msg_utf8"].encode()).hex() == case["digest"]
    block = vectors["sm4_ecb_one_block"]
    key, plain = bytes.fromhex(block["key"]), bytes.fromhex(block["plain"])
    sealed = gmssl_fast.SM4(key, mode="ecb").encrypt(plain)
    assert sealed[:16].hex() == block["cipher"]


@pytest.mark.req("DRW-5")
def test_sm4_holds_after_a_million_rounds() -> None:
    """GB/T 32907, example 2: the block is encrypted with the same key a million times."""
    algorithms = pytest.importorskip("cryptography.hazmat.primitives.ciphers.algorithms")
    ciphers = pytest.importorskip("cryptography.hazmat.primitives.ciphers")
    block = bytes.fromhex("0123456789abcdeffedcba9876543210")
    mode = ciphers.modes.ECB()
    encryptor = ciphers.Cipher(algorithms.SM4(block), mode).encryptor()
    for _ in range(1_000_000):
        block = encryptor.update(block)
    assert block.hex() == "595298c7c6fd271f0402f804c33d3f66"


@pytest.mark.req("DRW-5")
@pytest.mark.parametrize("public", [SM2_PUBLIC, SM2_PUBLIC[1:]])
def test_the_standards_own_sm2_signature_verifies(public: bytes) -> None:
    provider = OpenProvider()
    message = b"message digest"
    assert provider.sm2_verify(public_key=public, message=message, signature=SM2_SIGNATURE)
    assert not provider.sm2_verify(public_key=public, message=b"", signature=SM2_SIGNATURE)


@pytest.mark.req("DRW-5")
@given(message=st.binary(max_size=200), place=st.integers(0, 63), bit=st.integers(0, 7))
def test_a_signature_verifies_and_any_changed_bit_breaks_it(
    message: bytes, place: int, bit: int
) -> None:
    provider = OpenProvider()
    pair = provider.sm2_new_key()
    signature = provider.sm2_sign(private_key=pair.private, message=message)
    changed = bytearray(signature)
    changed[place] ^= 1 << bit
    assert len(signature) == 64
    assert provider.sm2_verify(public_key=pair.public, message=message, signature=signature)
    for other_message, other_signature in (
        (message, bytes(changed)),
        (message + b"\x00", signature),
    ):
        assert not provider.sm2_verify(
            public_key=pair.public, message=other_message, signature=other_signature
        )


@pytest.mark.parametrize(
    ("public", "signature"),
    [
        (b"", SM2_SIGNATURE),
        (SM2_PUBLIC[:-1], SM2_SIGNATURE),
        (b"\x05" + SM2_PUBLIC[1:], SM2_SIGNATURE),
        (b"\x11" * 64, SM2_SIGNATURE),
        (bytes(64), SM2_SIGNATURE),
        (SM2_PUBLIC, b""),
        (SM2_PUBLIC, SM2_SIGNATURE + b"\x00"),
        (SM2_PUBLIC, bytes(64)),
        (SM2_PUBLIC, b"\xff" * 64),
    ],
)
def test_a_malformed_key_or_signature_is_no_signature(public: bytes, signature: bytes) -> None:
    assert not OpenProvider().sm2_verify(
        public_key=public, message=b"message digest", signature=signature
    )


REFUSE_ONE = """
from anju.foundation.core.crypto import OpenProvider
public, signature = (bytes.fromhex(text) for text in {told})
print(OpenProvider().sm2_verify(public_key=public, message=b"other", signature=signature))
"""


def test_a_refused_signature_leaves_nothing_on_the_terminal() -> None:
    """In a process of its own, as a command is: beside other threads nothing is hushed."""
    told = (SM2_PUBLIC.hex(), SM2_SIGNATURE.hex())
    ran = subprocess.run(
        [sys.executable, "-c", REFUSE_ONE.format(told=told)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.stdout, ran.stderr) == ("False\n", "")


@given(plaintext=st.binary(max_size=100), associated=st.binary(max_size=40), data=st.data())
def test_sealed_text_opens_and_any_changed_bit_keeps_it_shut(
    plaintext: bytes, associated: bytes, data: st.DataObject
) -> None:
    provider = OpenProvider()
    sealed = provider.sm4_gcm_encrypt(
        key=KEY, nonce=NONCE, plaintext=plaintext, associated=associated
    )
    opened = provider.sm4_gcm_decrypt(key=KEY, nonce=NONCE, sealed=sealed, associated=associated)
    assert opened == plaintext
    changed = flip(sealed, data.draw(st.integers(0, len(sealed) - 1)))
    for other_sealed, other_associated in ((changed, associated), (sealed, associated + b"x")):
        with pytest.raises(Refusal) as caught:
            provider.sm4_gcm_decrypt(
                key=KEY, nonce=NONCE, sealed=other_sealed, associated=other_associated
            )
        assert caught.value.code == "crypto.not-authentic"


def test_where_openssl_lacks_sm4_gcm_the_other_library_gives_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    provider = OpenProvider()
    usual = provider.sm4_gcm_encrypt(key=KEY, nonce=NONCE, plaintext=b"home", associated=b"row")
    monkeypatch.setattr(crypto, "_openssl_has_sm4_gcm", lambda: False)
    other = provider.sm4_gcm_encrypt(key=KEY, nonce=NONCE, plaintext=b"home", associated=b"row")
    assert other == usual
    self_test(provider)


@pytest.mark.parametrize("length", [0, 15, 17])
def test_keys_and_nonces_of_another_length_are_refused(length: int) -> None:
    provider = OpenProvider()
    wrong = bytes(length)
    calls: tuple[Callable[[], object], ...] = (
        lambda: provider.sm4_gcm_encrypt(key=wrong, nonce=NONCE, plaintext=b""),
        lambda: provider.sm4_gcm_encrypt(key=KEY, nonce=wrong, plaintext=b""),
        lambda: provider.sm4_gcm_decrypt(key=wrong, nonce=NONCE, sealed=bytes(16)),
        lambda: provider.sm4_gcm_decrypt(key=KEY, nonce=wrong, sealed=bytes(16)),
        lambda: provider.sm2_sign(private_key=wrong, message=b""),
    )
    for call in calls:
        with pytest.raises(Refusal) as caught:
            call()
        assert caught.value.code == "crypto.wrong-length"


@pytest.mark.parametrize("number", [bytes(32), b"\xff" * 32])
def test_a_number_outside_the_curves_order_is_no_key(number: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        OpenProvider().sm2_sign(private_key=number, message=b"list")
    assert caught.value.code == "crypto.not-a-key"


def test_sealed_text_shorter_than_its_tag_is_refused() -> None:
    with pytest.raises(Refusal) as caught:
        OpenProvider().sm4_gcm_decrypt(key=KEY, nonce=NONCE, sealed=bytes(15))
    assert caught.value.code == "crypto.not-authentic"


def test_salts_nonces_and_keys_are_fresh_and_private_keys_do_not_show() -> None:
    assert {len(new_salt()) for _ in range(8)} == {16}
    assert len({new_salt() for _ in range(64)}) == 64
    assert len({new_nonce() for _ in range(64)}) == 64
    assert {len(new_secret()) for _ in range(8)} == {32}
    assert len({new_secret() for _ in range(64)}) == 64
    first, second = new_key_pair(), new_key_pair()
    assert first != second
    assert (len(first.public), len(first.private)) == (65, 32)
    assert first.private.hex() not in repr(first)
    assert repr(first.private) not in repr(first)
