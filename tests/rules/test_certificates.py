"""Certificates: their numbers, what they say, and the three answers of a verifier."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules.certificates.content import (
    CertificateContent,
    Ownership,
    RegistrationType,
    RightHolder,
    number_next,
    read_content,
    show_ladm,
)
from anju_rules.certificates.judging import (
    ISSUE_ACTION,
    LABELS,
    Answer,
    CertificateFile,
    CertificateVerdict,
    IssuerKey,
    LedgerProof,
    judge_certificate,
)
from anju_rules.certificates.register import (
    Entry,
    RegisterEntry,
    RegisterState,
    Status,
    fold_register,
)
from anju_rules.hashing import digest
from anju_rules.identifiers import check_certificate_number, check_unit_code
from anju_rules.ledger import Checkpoint, commit_body, hash_entry, write_note
from anju_rules.merkle import merkle_root, prove_inclusion
from anju_rules.notes import KeyKind, NoteKey, join_note, name_log
from anju_rules.values import AreaSqm, Refusal

ISSUED = datetime(2026, 6, 1, 9, tzinfo=UTC)
NOW = ISSUED + timedelta(hours=5)
DAY = timedelta(days=1)
REGISTRY = "11370100MB0000000X"
PUBLIC, OTHER = b"\x04" + bytes(64), b"\x04" + bytes(63) + b"\x01"
LOG = NoteKey(name_log(PUBLIC), KeyKind.SM2, PUBLIC)
KEY = IssuerKey(
    public=PUBLIC,
    authority=REGISTRY,
    name="济南市登记中心",
    county="370105",
    from_on=date(2026, 1, 1),
)
CONTENT = CertificateContent(
    number=check_certificate_number("鲁(2026)济南市不动产权第0000001号"),
    unit=check_unit_code("370105012002GB00001F00010751"),
    authority=REGISTRY,
    authority_name="济南市登记中心",
    registration=RegistrationType.TRANSFER,
    registered_on=ISSUED.date(),
    right="国有建设用地使用权/房屋所有权",
    ownership=Ownership.SOLE,
    holders=(RightHolder(name="张三", masked_number="3701**********002X"),),
    location="安居路 1 号 1 幢 751",
    use="住宅",
    area_sqm=AreaSqm(Decimal("89.50")),
)


def sign(public: bytes, message: bytes) -> bytes:
    """Stand in for SM2: what it proves is not the matter here."""
    return digest(public + message)


def holds(public: bytes, message: bytes, signature: bytes) -> bool:
    return signature == sign(public, message)


def is_log_signed(key: NoteKey, message: bytes, signature: bytes) -> bool:
    return holds(key.public, message, signature)


def prove(content: CertificateContent, **body: object) -> LedgerProof:
    """Put the issue of a certificate into a log of five entries."""
    header: dict[str, object] = {"action": ISSUE_ACTION, "target": "unit"}
    told: dict[str, object] = {"digest": content.digest, **body}
    leaf = hash_entry(header=header, commitment=commit_body(salt=bytes(16), body=told))
    leaves = [*(digest(bytes([n])) for n in range(3)), leaf, digest(b"last")]
    text = write_note(Checkpoint(LOG.name, len(leaves), merkle_root(leaves)))
    return LedgerProof(
        header=header,
        salt=bytes(16),
        body=told,
        index=3,
        path=prove_inclusion(leaves=leaves, index=3),
        note=join_note(text, [(LOG, sign(PUBLIC, text.encode()))]),
    )


def issue(content: CertificateContent = CONTENT, **more: Any) -> CertificateFile:
    told = {
        "record": content.show(),
        "public": PUBLIC,
        "signature": sign(PUBLIC, content.message),
        "proof": prove(content),
    }
    return CertificateFile(**{**told, **more})


def entry(kind: Entry, hours: int = 0, **more: Any) -> RegisterEntry:
    told = {
        "kind": kind, "number": CONTENT.number.text, "digest": CONTENT.digest,
        "at": ISSUED + timedelta(hours=hours), "clause": "registration-rules/21",
    }  # fmt: skip
    return RegisterEntry(**{**told, **more})


def standing(*entries: RegisterEntry, as_of: datetime = NOW) -> RegisterState | None:
    return fold_register([entry(Entry.ISSUE), *entries], as_of=as_of)


def judge(file: CertificateFile | None = None, **more: Any) -> CertificateVerdict:
    told: dict[str, Any] = {
        "keys": [KEY],
        "holds": holds,
        "log_key": LOG,
        "is_log_signed": is_log_signed,
        "state": standing(),
        "at": NOW,
        "freshest": DAY,
    }
    return judge_certificate(file or issue(), **{**told, **more})


def answers(verdict: CertificateVerdict) -> tuple[str, str, str]:
    return (
        verdict.intact.answer.value,
        verdict.in_force.answer.value,
        verdict.by_whom.answer.value,
    )


def unmet(verdict: CertificateVerdict) -> set[str]:
    questions = (verdict.intact, verdict.in_force, verdict.by_whom)
    return {one.code for question in questions for one in question.findings if not one.met}


REVOKED = entry(Entry.REVOKE, 1)
REPLACED = entry(Entry.REPLACE, 1, replaced_by="鲁(2026)济南市不动产权第0000002号")
PROOF = prove(CONTENT)
HALF: dict[str, object] = {"action": ISSUE_ACTION, "target": "\ud800"}
LOST = standing(REVOKED)
LIMITED = standing(entry(Entry.LIMIT, 1))
TOMORROW, YESTERDAY = date(2026, 6, 2), date(2026, 5, 31)
FORGED = replace(CONTENT, holders=(RightHolder(name="李四"),))


@pytest.mark.req("CRT-1", "CRT-2")
def test_a_true_certificate_in_force_is_good() -> None:
    verdict = judge()
    assert answers(verdict) == ("yes", "yes", "yes")
    assert verdict.is_good
    assert verdict.issuer == KEY


@pytest.mark.req("CRT-1")
@pytest.mark.parametrize(
    ("file", "more", "told", "code"),
    [
        (issue(record=FORGED.show()), {}, "no no yes", "altered"),
        (issue(signature=bytes(32)), {}, "no yes yes", "altered"),
        (issue(proof=None), {}, "unknown yes yes", "no-proof"),
        (issue(proof=prove(FORGED)), {}, "no yes yes", "proof-wrong"),
        (issue(proof=replace(PROOF, index=2)), {}, "no yes yes", "proof-wrong"),
        (issue(proof=replace(PROOF, note="x")), {}, "no yes yes", "proof-wrong"),
        (issue(proof=replace(PROOF, header={"action": "a.b"})), {}, "no yes yes", "proof-wrong"),
        (issue(proof=replace(PROOF, header=HALF)), {}, "no yes yes", "proof-wrong"),
        (issue(), {"state": None}, "yes unknown yes", "register-not-asked"),
        (issue(), {"state": standing(REVOKED)}, "yes no yes", "revoked"),
        (issue(), {"state": standing(REPLACED)}, "yes no yes", "replaced"),
        (issue(), {"state": standing(entry(Entry.SUSPEND, 1))}, "yes unknown yes", "suspended"),
        (issue(), {"state": standing(entry(Entry.LIMIT, 1))}, "yes limited yes", "limited"),
        (issue(), {"at": NOW + 2 * DAY, "state": LIMITED}, "yes unknown yes", "limited"),
        (issue(), {"at": NOW + 2 * DAY}, "yes unknown yes", "state-old"),
        (issue(), {"at": NOW - DAY}, "yes unknown yes", "state-old"),
        (issue(), {"at": NOW + 2 * DAY, "state": LOST}, "yes no yes", "revoked"),
        (issue(), {"keys": []}, "yes yes unknown", "key-unknown"),
        (issue(), {"keys": [replace(KEY, authority="another")]}, "yes yes no", "key-of-another"),
        (issue(), {"keys": [replace(KEY, from_on=TOMORROW)]}, "yes yes no", "key-not-then"),
        (issue(), {"keys": [replace(KEY, until_on=YESTERDAY)]}, "yes yes no", "key-not-then"),
        (issue(), {"log_key": replace(LOG, public=OTHER)}, "no yes yes", "proof-wrong"),
        (issue(record={}), {}, "no unknown unknown", "malformed"),
    ],
)  # fmt: skip
def test_the_three_answers_fail_apart(
    file: CertificateFile, more: dict[str, Any], told: str, code: str
) -> None:
    verdict = judge(file, **more)
    assert " ".join(answers(verdict)) == told
    assert f"certificates.{code}" in unmet(verdict)
    assert not verdict.is_good


@pytest.mark.req("CRT-1")
@pytest.mark.parametrize(
    "other",
    [
        replace(KEY, until_on=YESTERDAY, name="县登记中心"),
        replace(KEY, authority="another"),
        replace(KEY, county="370102", name="邻区登记中心"),
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_a_key_that_was_entered_twice_is_good_by_the_entry_that_fits(
    other: IssuerKey, *, is_first: bool
) -> None:
    """One installation has one key, for each of its counties and after every new entry."""
    keys = [other, KEY] if is_first else [KEY, other]
    verdict = judge(keys=keys)
    assert verdict.is_good
    assert verdict.issuer == KEY


@pytest.mark.req("CRT-1")
def test_a_registry_certifies_no_home_of_another_county() -> None:
    verdict = judge(keys=[replace(KEY, county="370102")])
    assert answers(verdict) == ("yes", "yes", "no")
    assert unmet(verdict) == {"certificates.key-of-other-county"}


@pytest.mark.req("CRT-1")
def test_a_forger_with_a_key_of_his_own_gets_no_yes_on_who() -> None:
    forged = issue(FORGED, public=OTHER, signature=sign(OTHER, FORGED.message))
    assert answers(judge(forged)) == ("yes", "no", "unknown")


def test_control_a_judge_that_believes_the_key_in_the_paper_is_fooled() -> None:
    forged = issue(FORGED, public=OTHER, signature=sign(OTHER, FORGED.message))
    believed = replace(KEY, public=OTHER)
    state = RegisterState(
        number=FORGED.number.text, digest=FORGED.digest, status=Status.IN_FORCE,
        since=ISSUED, clause="c", as_of=NOW,
    )  # fmt: skip
    assert judge(forged, keys=[believed], state=state).is_good


FIELDS = sorted(set(CONTENT.show()) - {"holders"})


@pytest.mark.req("CRT-2")
@given(st.sampled_from(FIELDS), st.one_of(st.text(max_size=30), st.integers(), st.none()))
def test_whatever_is_changed_in_the_record_is_never_intact(field: str, value: object) -> None:
    record = copy.deepcopy(CONTENT.show())
    record[field] = value
    verdict = judge(issue(record=record))
    if record == CONTENT.show():
        assert verdict.is_good
    else:
        assert verdict.intact.answer is Answer.NO
        assert verdict.in_force.answer is not Answer.YES


def with_holders(*holders: dict[str, Any], ownership: str) -> dict[str, object]:
    return {**CONTENT.show(), "holders": list(holders), "ownership": ownership}


def holder(name: Any = "甲") -> dict[str, Any]:
    return {"name": name, "number": "", "share": ""}


def part(share: str) -> dict[str, Any]:
    return {**holder(), "share": share}


def with_shares(*holders: dict[str, Any]) -> dict[str, object]:
    return with_holders(*holders, ownership="shares")


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ([], "malformed"),
        ({**CONTENT.show(), "registration": True}, "malformed"),
        ({**CONTENT.show(), "authority": 5}, "malformed"),
        ({**CONTENT.show(), "more": "x"}, "malformed"),
        ({**CONTENT.show(), "notes": "\ud800"}, "malformed"),
        ({**CONTENT.show(), "area_sqm": "0"}, "not-an-area"),
        ({**CONTENT.show(), "registered_on": "20260601"}, "malformed"),
        (with_holders(ownership="sole"), "no-holder"),
        (with_holders(holder(" "), ownership="sole"), "no-holder"),
        (with_holders(holder(7), ownership="sole"), "malformed"),
        (with_holders(holder(), holder(), ownership="sole"), "shares-not-whole"),
        (with_holders(holder(), ownership="joint"), "shares-not-whole"),
        (with_shares(part("1/2"), part("1/3")), "shares-not-whole"),
        (with_shares(part("2/4"), part("1/2")), "malformed"),
        (with_shares(part("1e99999999"), part("")), "malformed"),
        (with_shares(part("1/0"), part("")), "malformed"),
    ],
)  # fmt: skip
def test_a_record_that_no_registry_would_write_is_refused(record: object, code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        read_content(record)
    assert refusal.value.code == f"certificates.{code}"


def test_a_record_is_read_again_to_the_same_content() -> None:
    shared = replace(
        CONTENT,
        ownership=Ownership.SHARES,
        holders=(
            RightHolder(name="甲", share=Fraction(1, 3)),
            RightHolder(name="乙", share=Fraction(2, 3)),
        ),
        land_until=date(2090, 1, 1),
    )
    for content in (CONTENT, shared):
        assert read_content(content.show()) == content
    told: Any = show_ladm(shared)
    assert [right["share"] for right in told["LA_Right"]] == ["1/3", "2/3"]
    assert (
        told["LA_BAUnit"]["uID"] == told["LA_LegalSpaceBuildingUnit"]["suID"] == CONTENT.unit.text
    )
    assert {right["party"] for right in told["LA_Right"]} == {p["pID"] for p in told["LA_Party"]}


@pytest.mark.req("CRT-1")
def test_numbers_run_by_county_and_year_without_a_gap() -> None:
    first = number_next(province="鲁", place="济南市", year=2026, last=None)
    second = number_next(province="鲁", place="济南市", year=2026, last=first)
    assert (first.serial, second.serial) == (1, 2)
    assert number_next(province="鲁", place="济南市", year=2027, last=second).serial == 1
    for code, year, place, last in (
        ("certificates.year-runs-back", 2025, "济南市", first),
        ("certificates.other-county", 2026, "青岛市", first),
        ("certificates.series-full", 2026, "济南市", replace(first, serial=9_999_999)),
        ("identifier.certificate-year", 2014, "济南市", None),
    ):
        with pytest.raises(Refusal) as refusal:
            number_next(province="鲁", place=place, year=year, last=last)
        assert refusal.value.code == code


@pytest.mark.req("CRT-1")
@pytest.mark.parametrize(
    "entries",
    [
        [entry(Entry.ISSUE)],
        [REVOKED, entry(Entry.RESUME, 2)],
        [REVOKED, entry(Entry.SUSPEND, 2)],
        [REPLACED, entry(Entry.REVOKE, 2)],
        [entry(Entry.SUSPEND, 1), entry(Entry.REPLACE, 2, replaced_by="x")],
        [entry(Entry.RESUME, 1)],
        [entry(Entry.RELEASE, 1)],
        [entry(Entry.SUSPEND, 1), entry(Entry.RELEASE, 2)],
        [entry(Entry.LIMIT, 1), entry(Entry.RELEASE, 2), entry(Entry.RELEASE, 3)],
        [REVOKED, entry(Entry.LIMIT, 2)],
        [entry(Entry.SUSPEND, 2), entry(Entry.LIMIT, 3), entry(Entry.RESUME, 2)],
        [entry(Entry.REVOKE, -1)],
        [entry(Entry.REVOKE, 1, digest="other")],
        [entry(Entry.REVOKE, 1, replaced_by="x")],
        [entry(Entry.REPLACE, 1)],
        [entry(Entry.REPLACE, 1, replaced_by=CONTENT.number.text)],
        [entry(Entry.REVOKE, 1, clause=" ")],
    ],
)
def test_the_register_takes_nothing_that_cannot_follow(entries: list[RegisterEntry]) -> None:
    with pytest.raises(Refusal) as refusal:
        standing(*entries)
    assert refusal.value.code == "certificates.unlawful-entry"


def test_the_register_says_how_it_stood_at_a_moment() -> None:
    entries = (entry(Entry.SUSPEND, 1), entry(Entry.RESUME, 2), entry(Entry.REVOKE, 3))
    stood = [
        state.status if (state := standing(*entries, as_of=ISSUED + timedelta(hours=n))) else None
        for n in (-1, 0, 1, 2, 3)
    ]
    assert stood == [None, Status.IN_FORCE, Status.SUSPENDED, Status.IN_FORCE, Status.REVOKED]


@pytest.mark.req("CRT-1")
def test_what_limits_a_home_and_what_suspends_its_certificate_come_and_go_apart() -> None:
    entries = (
        entry(Entry.LIMIT, 1, clause="civil-code/220"),
        entry(Entry.SUSPEND, 2),
        entry(Entry.LIMIT, 3, clause="registration-rules/22"),
        entry(Entry.RESUME, 4),
        entry(Entry.RELEASE, 5),
    )
    stood = [standing(*entries, as_of=ISSUED + timedelta(hours=n)) for n in range(1, 6)]
    assert [(one.status.value, one.limit) for one in stood if one] == [
        ("limited", "civil-code/220"),
        ("suspended", "civil-code/220"),
        ("suspended", "registration-rules/22"),
        ("limited", "registration-rules/22"),
        ("in-force", ""),
    ]
    assert stood[3] is not None
    assert stood[3].clause == "registration-rules/22"


def test_every_certificate_says_what_it_is_not() -> None:
    assert [code.partition(".label-")[2] for code, _ in LABELS] == [
        "register-prevails", "no-statutory-seal", "ledger-time",
    ]  # fmt: skip
    assert all(clause for _, clause in LABELS)
