"""SM3, ``enc`` and canonical JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules import hashing, sm3_pure
from anju_rules.values import Refusal
from tests.support.real_data import real_data


@pytest.mark.req("DRW-5")
@pytest.mark.parametrize("digest", [hashing.digest, sm3_pure.digest])
def test_the_standards_examples_come_out(digest: hashing.Digest) -> None:
    vectors = json.loads(real_data("vectors/sm3_sm4.json").read_text())["sm3"]
    assert len(vectors) == 2
    for vector in vectors:
        assert digest(vector["msg_utf8"].encode()).hex() == vector["digest"]


@pytest.mark.req("DRW-5")
@given(st.binary(max_size=300))
def test_our_own_sm3_equals_the_libraries(data: bytes) -> None:
    assert sm3_pure.digest(data) == hashing.digest(data)


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_digesting_many_equals_digesting_each(messages: list[bytes]) -> None:
    assert hashing.digest_each(messages) == [hashing.digest(message) for message in messages]


@given(st.lists(st.binary(max_size=8), max_size=5), st.lists(st.binary(max_size=8), max_size=5))
def test_no_two_lists_of_parts_have_one_encoding(one: list[bytes], other: list[bytes]) -> None:
    assert (hashing.encode(*one) == hashing.encode(*other)) == (one == other)


def test_joining_parts_without_lengths_would_confuse_them() -> None:
    assert b"".join([b"ab", b"c"]) == b"".join([b"a", b"bc"])
    assert hashing.encode(b"ab", b"c") != hashing.encode(b"a", b"bc")


def test_canonical_json_is_as_the_rfc_has_it() -> None:
    for name in ("arrays", "french", "structures", "values"):
        told = json.loads(real_data(f"vectors/jcs/input/{name}.json").read_text(encoding="utf-8"))
        wanted = real_data(f"vectors/jcs/output/{name}.json").read_bytes().strip()
        assert hashing.canonical(told) == wanted


@pytest.mark.parametrize("value", [{1: "a"}, float("nan"), "\ud800", 2**60, {"a": object()}])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(Refusal) as refused:
        hashing.canonical(value)
    assert refused.value.code == "value.not-canonical"


@pytest.mark.parametrize("text", ["", "AB" * 32, "ab" * 31, " " + "ab" * 32, "ab" * 32 + "\n", 7])
def test_a_digest_has_one_spelling(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        hashing.bytes_from_hex(text)
    assert refused.value.code == "value.not-a-digest"
