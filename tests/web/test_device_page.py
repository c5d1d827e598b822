"""The page with which a committer makes its secret: alone, offline, equal to the protocol."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import segno
import segno.encoder

from anju.web.officer.ceremony_cards import DEVICE_PAGE, CardKind, read_card
from anju_rules.draws import Scheme, commit_secret
from anju_rules.hashing import digest
from anju_rules.values import Refusal
from tests.support.pages import overhang

if TYPE_CHECKING:
    from playwright.sync_api import Page

SEED = 20261122
DRAWS = ["YS-2026-D01", "YS-2026-D02"]


def dice(throws: int, *, seed: int = SEED) -> str:
    """Throw a die from a seed: every test sees the same throws."""
    faces = ""
    block = 0
    while len(faces) < throws:
        told = sha256(f"{seed}/{block}".encode()).digest()
        faces += "".join(str(byte % 6 + 1) for byte in told if byte < 252)
        block += 1
    return faces[:throws]


@pytest.fixture
def device(open_page: Callable[..., Any]) -> Page:
    opened = open_page(DEVICE_PAGE)
    opened.page.complaints = opened.complaints
    opened.page.asked = opened.requests
    return opened.page  # type: ignore[no-any-return]


def fill(page: Page, *, throws: str, who: str = "notary", scheme: str = "anju-draw-1") -> None:
    page.check(f'[name="scheme"][value="{scheme}"]')
    page.fill("#draws", "\n".join(DRAWS))
    page.fill("#who", who)
    page.fill("#throws", throws)
    page.click("#make")


def cards(page: Page, kind: str) -> list[str]:
    return [str(card.get_attribute("data-value")) for card in page.locator(f".paper.{kind}").all()]


@pytest.mark.req("DRW-2")
@pytest.mark.threat("T-06")
@pytest.mark.parametrize("scheme", list(Scheme))
def test_commitments_of_the_page_are_those_of_the_protocol(device: Page, scheme: Scheme) -> None:
    throws = dice(100)
    fill(device, throws=throws, scheme=scheme)
    secrets, commitments = cards(device, "secret"), cards(device, "commitment")
    assert len(secrets) == len(commitments) == len(DRAWS)
    for draw, secret, commitment in zip(DRAWS, secrets, commitments, strict=True):
        assert secret == digest(f"{draw}/notary/{throws}".encode()).hex()
        made = commit_secret(
            scheme=scheme, draw_id=draw, who="notary", secret=bytes.fromhex(secret)
        )
        assert commitment == made.hex()


def test_keyboard_hex_is_taken_as_dice_are(device: Page) -> None:
    material = sha256(b"a device of one's own").hexdigest()
    fill(device, throws=f"hex {material}")
    wanted = [digest(f"{draw}/notary/{material}".encode()).hex() for draw in DRAWS]
    assert cards(device, "secret") == wanted


def test_the_line_for_openssl_gives_the_secret(device: Page) -> None:
    fill(device, throws=dice(120))
    line = device.locator("#check").inner_text()
    told = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    if told.returncode:
        pytest.skip("this openssl has no SM3")
    assert told.stdout.split()[-1] == cards(device, "secret")[0]


NO_DICE = [
    (dice(99), "还差 1 次"),
    ("123456" * 20, "真的掷骰子"),
    ("6" * 120, "真的掷骰子"),
    (dice(100)[:-1] + "7", "只能有 1 到 6"),
    ("hex " + "ab" * 40, "至少 64 位"),
    ("hex " + "ab12cd34ef" * 6, "至少 64 位"),
]


def test_what_no_die_throws_makes_no_card(device: Page) -> None:
    for throws, words in NO_DICE:
        fill(device, throws=throws)
        assert words in device.locator("#told").inner_text(), throws
        assert device.locator(".paper").count() == 0


def test_three_hundred_series_of_dice_are_never_called_unreal(device: Page) -> None:
    series = [dice(100, seed=SEED + number) for number in range(300)]
    faults = device.evaluate("all => all.map(told => faultOf({kind: 'dice', told}))", series)
    assert faults == [""] * len(series), f"seed {SEED}"


def test_control_identities_that_the_protocol_does_not_spell_are_refused(device: Page) -> None:
    fill(device, throws=dice(100), who="Notary")
    assert "小写字母" in device.locator("#told").inner_text()
    assert device.locator(".paper").count() == 0


@pytest.mark.threat("T-06")
def test_nothing_is_loaded_and_nothing_can_be_sent(device: Page) -> None:
    fill(device, throws=dice(100))
    assert device.asked == [DEVICE_PAGE.as_uri()]  # type: ignore[attr-defined]
    assert device.complaints == []  # type: ignore[attr-defined]
    sent = device.evaluate("fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'refused')")
    assert sent == "refused"
    assert device.evaluate("localStorage.length + sessionStorage.length") == 0
    device.click("#forget")
    assert device.locator(".paper").count() == 0
    assert device.input_value("#throws") == ""


def test_codes_equal_segnos_module_for_module(
    device: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    # segno fills up to a whole byte even where the bits end at one; ISO/IEC 18004, 7.4.10 does not.
    monkeypatch.setattr(
        segno.encoder,
        "write_padding_bits",
        lambda bits, _version, length: bits.extend([0] * (-length % 8)),
    )
    texts = ["x" * length for length in (1, 14, 15, 40, 62, 84, 106, 122, 123, 152, 180, 181, 213)]
    card = "anju-commitment anju-draw-1 YS-2026-D01 notary " + "0f" * 32 + " 12ab"
    asked = [(text, place % 8) for place, text in enumerate([*texts, "密钥卡" * 9])]
    asked += [(card, mask) for mask in range(8)]
    drawn = device.evaluate("all => all.map(([text, mask]) => drawQr(text, mask))", asked)
    for (text, mask), code in zip(asked, drawn, strict=True):
        known = segno.make(
            text,
            mode="byte",
            encoding="utf-8",
            eci=False,
            error="m",
            mask=mask,
            boost_error=False,
            micro=False,
        )
        assert code["version"] == known.version
        assert code["rows"] == [list(row) for row in known.matrix], (text, mask)
    seen = {code["version"] for code in drawn}
    assert seen == set(range(1, 11))


def test_a_code_shows_the_mask_with_the_least_penalty(device: Page) -> None:
    points = device.evaluate(
        "text => [drawQr(text), ...[0,1,2,3,4,5,6,7].map(mask => drawQr(text, mask))]"
        ".map(one => one.points)",
        "anju-commitment anju-draw-1 YS-2026-D01 notary",
    )
    assert points[0] == min(points[1:])
    assert len(set(points)) > 1


def test_what_the_card_says_is_read_back_by_the_desk(device: Page) -> None:
    fill(device, throws=dice(100))
    for kind in CardKind:
        for draw, value in zip(DRAWS, cards(device, kind), strict=True):
            said = {"scheme": "anju-draw-1", "draw_number": draw, "who": "notary"}
            payload = f"anju-{kind} anju-draw-1 {draw} notary {value}"
            check = device.evaluate(
                "words => checkOf(...words)", [kind, "anju-draw-1", draw, "notary", value]
            )
            assert read_card(f"{payload} {check}", kind=kind, **said) == value
            assert read_card(f"{value} {check}", kind=kind, **said) == value
            spaced = " ".join(value[at : at + 4] for at in range(0, 64, 4))
            assert read_card(f"{spaced} {check}", kind=kind, **said) == value
            assert read_card(spaced.upper(), kind=kind, **said) == value
            for bad, code in (
                (f"{payload} 0000" if check != "0000" else f"{payload} 0001", "card-mistyped"),
                (value[:-1], "card-malformed"),
                (payload.replace("notary", "operator") + f" {check}", "card-of-another"),
            ):
                with pytest.raises(Refusal) as refused:
                    read_card(bad, kind=kind, **said)
                assert refused.value.code == f"ceremony.{code}"


@pytest.mark.threat("T-06")
def test_a_secret_held_up_where_a_commitment_belongs_is_told_apart() -> None:
    told = f"anju-secret anju-draw-1 YS-2026-D01 notary {'0f' * 32} 0000"
    with pytest.raises(Refusal) as refused:
        read_card(
            told,
            kind=CardKind.COMMITMENT,
            scheme="anju-draw-1",
            draw_number="YS-2026-D01",
            who="notary",
        )
    assert refused.value.code == "ceremony.secret-shown"
    assert "0f0f" not in str(refused.value.facts)


def test_the_page_fits_a_phone_and_prints_the_cards_alone(
    open_page: Callable[..., Any], tmp_path: Path
) -> None:
    page = open_page(DEVICE_PAGE, phone=True).page
    fill(page, throws=dice(100))
    assert overhang(page) <= 0
    page.emulate_media(media="print")
    assert not page.locator("#throws").is_visible()
    assert page.locator(".paper svg").first.is_visible()
    page.screenshot(path=tmp_path / "cards.png", full_page=True)
