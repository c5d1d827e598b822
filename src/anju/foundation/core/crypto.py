"""SM2, SM3 and SM4 behind one interface, trusted once they pass the standards' own examples.

This is the only file that takes chance from the operating system (salts, nonces, key pairs).
Nothing that decides who gets what may come from here: that chance comes from the public draw.

Forms, fixed so that other programs can check ours:

* digest: 32 bytes (GB/T 32905).
* SM4-GCM: key 16, nonce 12 bytes; sealed text is ciphertext followed by a tag of 16 (RFC 8998).
* SM2 private key: 32 bytes. Public key: 65 bytes, ``04`` and the point's x and y; x and y alone
  (64) are taken too. Signature: 64 bytes, r and s, both big-endian, no DER. The signer's identifier
  is the default of GM/T 0009, ``1234567812345678`` (GB/T 32918.2 and .5).
"""

from __future__ import annotations

import os
import secrets
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Protocol
from uuid import UUID

import gmssl_fast
from cryptography import x509
from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from anju_rules.hashing import digest
from anju_rules.values import Refusal

SALT_BYTES = 16
SECRET_BYTES = 32
SM4_KEY_BYTES = 16
SM4_NONCE_BYTES = 12
SM4_TAG_BYTES = 16
SM2_PRIVATE_BYTES = 32
SM2_SIGNATURE_BYTES = 64
SM2_POINT_BYTES = 64
_UNCOMPRESSED = b"\x04"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """An SM2 key pair; the private key does not show in logs."""

    public: bytes
    """65 bytes: ``04``, x, y."""
    private: bytes = field(repr=False)
    """32 bytes, big-endian."""


class CryptoSelfTestFailed(Refusal):
    """A primitive does not give what its standard says: nothing may be sealed or signed with it."""

    def __init__(self, primitive: str) -> None:
        """Name the ``primitive`` and the check that failed, e.g. ``sm2-verify``."""
        super().__init__("crypto.self-test-failed", primitive=primitive)


class CryptoProvider(Protocol):
    """What a provider of the national algorithms offers: ours, or a licensed module or card."""

    def sm3(self, *, data: bytes) -> bytes:
        """Give the 32-byte digest of ``data``."""

    def sm4_gcm_encrypt(
        self, *, key: bytes, nonce: bytes, plaintext: bytes, associated: bytes = b""
    ) -> bytes:
        """Seal ``plaintext``; gives ciphertext and tag. A nonce serves once with a key."""

    def sm4_gcm_decrypt(
        self, *, key: bytes, nonce: bytes, sealed: bytes, associated: bytes = b""
    ) -> bytes:
        """Open what was sealed, or refuse with ``crypto.not-authentic``."""

    def sm2_sign(self, *, private_key: bytes, message: bytes) -> bytes:
        """Sign ``message``; gives 64 bytes, r and s."""

    def sm2_verify(self, *, public_key: bytes, message: bytes, signature: bytes) -> bool:
        """Whether ``signature`` is the key's over ``message``; malformed input is simply false."""

    def sm2_new_key(self) -> KeyPair:
        """Make a fresh key pair."""


class OpenProvider:
    """The national algorithms from open libraries: gmssl-fast (SM2) and cryptography (SM4-GCM).

    Tamper evidence, not a statutory seal: those need a licensed module behind the same interface.
    """

    def sm3(self, *, data: bytes) -> bytes:
        """See :class:`CryptoProvider`."""
        return digest(data)

    def sm4_gcm_encrypt(
        self, *, key: bytes, nonce: bytes, plaintext: bytes, associated: bytes = b""
    ) -> bytes:
        """See :class:`CryptoProvider`; refuses wrong lengths with ``crypto.wrong-length``."""
        _refuse_wrong_length("key", key, SM4_KEY_BYTES)
        _refuse_wrong_length("nonce", nonce, SM4_NONCE_BYTES)
        if not _openssl_has_sm4_gcm():
            ciphertext, tag = gmssl_fast.SM4GCM(key, nonce).encrypt(plaintext, associated)
            return ciphertext + tag
        encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated)
        return encryptor.update(plaintext) + encryptor.finalize() + encryptor.tag

    def sm4_gcm_decrypt(
        self, *, key: bytes, nonce: bytes, sealed: bytes, associated: bytes = b""
    ) -> bytes:
        """See :class:`CryptoProvider`; refuses wrong lengths with ``crypto.wrong-length``."""
        _refuse_wrong_length("key", key, SM4_KEY_BYTES)
        _refuse_wrong_length("nonce", nonce, SM4_NONCE_BYTES)
        if len(sealed) < SM4_TAG_BYTES:
            raise Refusal("crypto.not-authentic")
        ciphertext, tag = sealed[:-SM4_TAG_BYTES], sealed[-SM4_TAG_BYTES:]
        try:
            if not _openssl_has_sm4_gcm():
                with _hush_native_trace():
                    return gmssl_fast.SM4GCM(key, nonce).decrypt(ciphertext, tag, associated)
            decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
            decryptor.authenticate_additional_data(associated)
            return decryptor.update(ciphertext) + decryptor.finalize()
        except (InvalidTag, gmssl_fast.GmsslAuthError) as error:
            raise Refusal("crypto.not-authentic") from error

    def sm2_sign(self, *, private_key: bytes, message: bytes) -> bytes:
        """See :class:`CryptoProvider`.

        Refuses with ``crypto.wrong-length``, or ``crypto.not-a-key`` if the number is not between 1
        and the curve's order less 2.
        """
        _refuse_wrong_length("private key", private_key, SM2_PRIVATE_BYTES)
        with _hush_native_trace():
            try:
                return gmssl_fast.SM2(private_key=private_key.hex()).sign(message)
            except (gmssl_fast.GmsslError, gmssl_fast.GmsslValueError) as error:
                raise Refusal("crypto.not-a-key") from error

    def sm2_verify(self, *, public_key: bytes, message: bytes, signature: bytes) -> bool:
        """See :class:`CryptoProvider`."""
        point = public_key.removeprefix(_UNCOMPRESSED) if len(public_key) % 2 else public_key
        if len(point) != SM2_POINT_BYTES or len(signature) != SM2_SIGNATURE_BYTES:
            return False
        with _hush_native_trace():
            try:
                return gmssl_fast.SM2(public_key=point.hex()).verify(message, signature)
            except (gmssl_fast.GmsslError, gmssl_fast.GmsslValueError):
                # The point is not on the curve: no key, so no signature of it.
                return False

    def sm2_new_key(self) -> KeyPair:
        """See :class:`CryptoProvider`."""
        pair = gmssl_fast.SM2.generate()
        private, public = pair.private_key_hex, pair.public_key_hex
        if private is None or public is None:
            raise CryptoSelfTestFailed("sm2-new-key")
        return KeyPair(public=bytes.fromhex(public), private=bytes.fromhex(private))


def _refuse_wrong_length(what: str, value: bytes, length: int) -> None:
    if len(value) != length:
        raise Refusal("crypto.wrong-length", what=what, length=len(value), expected=length)


@cache
def _openssl_has_sm4_gcm() -> bool:
    """Whether this machine's OpenSSL was built with SM4-GCM; some distributions leave it out."""
    try:
        Cipher(algorithms.SM4(bytes(SM4_KEY_BYTES)), modes.GCM(bytes(SM4_NONCE_BYTES))).encryptor()
    except UnsupportedAlgorithm:
        return False
    return True


@contextmanager
def _hush_native_trace() -> Iterator[None]:
    """Keep the native library's own trace of a refused signature off the reader's terminal.

    It writes source paths straight to descriptor 2, where a command's words should stand. With
    other threads running nothing is hushed: a line of theirs must never be lost.
    """
    if threading.active_count() > 1:
        yield
        return
    try:
        sys.stderr.flush()
        kept = os.dup(2)
    except (OSError, ValueError, AttributeError):
        yield
        return
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


# The examples of the standards, complete so that nothing has to be looked up.
_SM3_EXAMPLES = (
    (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
    (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
)
"""GB/T 32905-2016, appendix A."""
_SM4_KEY = bytes.fromhex("0123456789abcdeffedcba9876543210")
_SM4_NONCE = bytes.fromhex("00001234567800000000abcd")
_SM4_ASSOCIATED = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
_SM4_PLAIN = b"".join(
    bytes([value]) * 8 for value in (0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0xEE, 0xAA)
)
_SM4_SEALED = bytes.fromhex(
    "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
    "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
    "83de3541e4c2b58177e065a9bf7b62ec"
)
"""RFC 8998, appendix A.1."""
_SM2_PUBLIC = bytes.fromhex(
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
_SM2_MESSAGE = b"message digest"
_SM2_SIGNATURE = bytes.fromhex(
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)
"""GB/T 32918.5-2017, appendix A.2: the recommended curve, identifier 1234567812345678."""


def self_test(provider: CryptoProvider) -> None:
    """Ask ``provider`` for the standards' examples; anything else than they say is refused.

    Raises:
        CryptoSelfTestFailed: the first primitive that fails, also where it raises.

    """
    checks = (
        ("sm3", _sm3_holds),
        ("sm4-gcm-encrypt", _sm4_seals),
        ("sm4-gcm-decrypt", _sm4_opens),
        ("sm2-verify", _sm2_verifies),
        ("sm2-sign", _sm2_signs),
    )
    for primitive, holds in checks:
        try:
            passed = holds(provider)
        except Exception as error:
            # Whatever a broken primitive raises, it must not be used.
            raise CryptoSelfTestFailed(primitive) from error
        if not passed:
            raise CryptoSelfTestFailed(primitive)


def _sm3_holds(provider: CryptoProvider) -> bool:
    return all(provider.sm3(data=data).hex() == expected for data, expected in _SM3_EXAMPLES)


def _sm4_seals(provider: CryptoProvider) -> bool:
    sealed = provider.sm4_gcm_encrypt(
        key=_SM4_KEY, nonce=_SM4_NONCE, plaintext=_SM4_PLAIN, associated=_SM4_ASSOCIATED
    )
    return sealed == _SM4_SEALED


def _sm4_opens(provider: CryptoProvider) -> bool:
    def opens(sealed: bytes, associated: bytes) -> bytes | None:
        try:
            return provider.sm4_gcm_decrypt(
                key=_SM4_KEY, nonce=_SM4_NONCE, sealed=sealed, associated=associated
            )
        except Refusal:
            return None

    return (
        opens(_SM4_SEALED, _SM4_ASSOCIATED) == _SM4_PLAIN
        # Each of the three parts changed by one bit must stay shut.
        and opens(_flip_bit(_SM4_SEALED, 0), _SM4_ASSOCIATED) is None
        and opens(_flip_bit(_SM4_SEALED, len(_SM4_SEALED) - 1), _SM4_ASSOCIATED) is None
        and opens(_SM4_SEALED, _flip_bit(_SM4_ASSOCIATED, 0)) is None
    )


def _sm2_verifies(provider: CryptoProvider) -> bool:
    def verifies(message: bytes, signature: bytes) -> bool:
        return provider.sm2_verify(public_key=_SM2_PUBLIC, message=message, signature=signature)

    return (
        verifies(_SM2_MESSAGE, _SM2_SIGNATURE)
        and not verifies(_flip_bit(_SM2_MESSAGE, 0), _SM2_SIGNATURE)
        and not verifies(_SM2_MESSAGE, _flip_bit(_SM2_SIGNATURE, 0))
        and not verifies(_SM2_MESSAGE, _flip_bit(_SM2_SIGNATURE, SM2_SIGNATURE_BYTES - 1))
    )


def _sm2_signs(provider: CryptoProvider) -> bool:
    """Sign and verify with a fresh key, twice: equal r would give the private key away."""
    pair, other = provider.sm2_new_key(), provider.sm2_new_key()
    first, second = (
        provider.sm2_sign(private_key=pair.private, message=_SM2_MESSAGE) for _ in range(2)
    )
    return (
        pair.private != other.private
        and first[:32] != second[:32]
        and all(
            provider.sm2_verify(public_key=pair.public, message=_SM2_MESSAGE, signature=signature)
            for signature in (first, second)
        )
    )


def _flip_bit(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@cache
def tested_provider() -> CryptoProvider:
    """Give the provider, tested once in this process, at its first use.

    Raises:
        CryptoSelfTestFailed: a primitive does not pass; the next call tests again.

    """
    provider = OpenProvider()
    self_test(provider)
    return provider


_HMAC_BLOCK_BYTES = 64
_INNER_PAD = bytes(place ^ 0x36 for place in range(256))
_OUTER_PAD = bytes(place ^ 0x5C for place in range(256))


def hmac_sm3(*, key: bytes, data: bytes) -> bytes:
    """Give the 32-byte HMAC of ``data`` over SM3 (RFC 2104, GB/T 15852.2)."""
    block = (digest(key) if len(key) > _HMAC_BLOCK_BYTES else key).ljust(_HMAC_BLOCK_BYTES, b"\0")
    return digest(block.translate(_OUTER_PAD) + digest(block.translate(_INNER_PAD) + data))


def ed25519_public(*, seed: bytes) -> bytes:
    """Give the 32-byte public key of a seed of 32 bytes (RFC 8032)."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def ed25519_sign(*, seed: bytes, message: bytes) -> bytes:
    """Sign ``message``; gives 64 bytes. Beside SM2, for readers whose tools know only this."""
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def ed25519_verify(*, public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` is the key's over ``message``; malformed input is simply false."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def new_paper_key(*, name: str, begins: datetime, ends: datetime) -> bytes:
    """Make a key for signing papers (ECDSA, P-256) with a certificate of its own; both as PEM.

    PDF readers know this curve and not SM2. Nobody vouches for it but whoever pins it.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    use = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign"),
        False,
    )
    certificate = (
        x509.CertificateBuilder(subject_name=subject, issuer_name=subject)
        .public_key(key.public_key())
        .serial_number(new_id().int >> 1)
        .not_valid_before(begins.astimezone(UTC))
        .not_valid_after(ends.astimezone(UTC))
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=True,
                encipher_only=False,
                decipher_only=False,
                **use,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + certificate.public_bytes(Encoding.PEM)


def open_paper_key(told: bytes) -> tuple[bytes, bytes]:
    """Give key (PKCS#8) and certificate of :func:`new_paper_key`, DER; or ``ValueError``."""
    key = load_pem_private_key(told, password=None)
    certificate = x509.load_pem_x509_certificate(told)
    return (
        key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        certificate.public_bytes(Encoding.DER),
    )


def point_of_certificate(certificate: bytes) -> bytes:
    """Give the public point of a paper's certificate: 65 bytes, ``04``, x, y."""
    public = x509.load_der_x509_certificate(certificate).public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise Refusal("crypto.not-a-key")
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def new_id() -> UUID:
    """Give a fresh random identifier (UUID version 4), which tells nothing and orders nothing."""
    return UUID(bytes=secrets.token_bytes(16), version=4)


def new_salt() -> bytes:
    """Give 16 fresh bytes, for a commitment."""
    return secrets.token_bytes(SALT_BYTES)


def new_secret() -> bytes:
    """Give 32 fresh bytes: what a committer to a draw puts on its card, in a rehearsal.

    In a real draw every committer makes its own off the platform.
    """
    return secrets.token_bytes(SECRET_BYTES)


def new_nonce() -> bytes:
    """Give 12 fresh bytes, for one SM4-GCM sealing."""
    return secrets.token_bytes(SM4_NONCE_BYTES)


def new_key_pair() -> KeyPair:
    """Give a fresh SM2 key pair, from the tested provider."""
    return tested_provider().sm2_new_key()
