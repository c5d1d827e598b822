"""What scanning does to a paper: askew, blurred, noisy, stamped over, small, on its side."""

from __future__ import annotations

from io import BytesIO
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

from tests.support.scan_forms import MadePaper, font

_PAPER = (246, 245, 240)
_RED = (200, 30, 40)
_OFFICE, _PHONE = 50, 85
"""In a hundred: a scanner at an office; a phone's photograph; the rest a copy of a copy."""


def wear_paper(made: MadePaper, random: Random) -> bytes:
    """Give the file that is handed in: a picture of one page, a PDF of several."""
    luck = random.randrange(100)
    worn = [_wear(page, random, luck=luck) for page in made.pages]
    out = BytesIO()
    if len(worn) > 1:
        quality = random.randrange(55, 90)
        worn[0].save(out, "PDF", save_all=True, append_images=worn[1:], quality=quality)
    elif luck < _OFFICE and random.randrange(2):
        worn[0].save(out, "PNG")
    else:
        worn[0].save(out, "JPEG", quality=random.randrange(45, 92))
    return out.getvalue()


def _wear(page: Image.Image, random: Random, *, luck: int) -> Image.Image:
    page = page.copy()
    if random.randrange(3) == 0:
        page = stamp(page, random)
    if luck < _OFFICE:
        page = _turn(page, random.uniform(-1.2, 1.2))
        page = page.filter(ImageFilter.GaussianBlur(random.uniform(0, 0.7)))
        page = _noise(page, random, share=random.uniform(0, 0.05))
        page = _shrink(page, random.uniform(0.85, 1.0))
    elif luck < _PHONE:
        page = _lean(page, random)
        page = _turn(page, random.uniform(-3.0, 3.0))
        page = _shade(page, random)
        page = page.filter(ImageFilter.GaussianBlur(random.uniform(0.2, 1.1)))
        page = _noise(page, random, share=random.uniform(0.02, 0.08))
        page = _shrink(page, random.uniform(0.8, 1.0))
    else:
        page = page.convert("L").convert("RGB")
        page = ImageEnhance.Contrast(page).enhance(random.uniform(0.55, 0.9))
        page = _turn(page, random.uniform(-2.0, 2.0))
        page = page.filter(ImageFilter.GaussianBlur(random.uniform(0.5, 1.2)))
        page = _noise(page, random, share=random.uniform(0.04, 0.12))
        page = _shrink(page, random.uniform(0.62, 0.8))
    if random.randrange(100) < 8:
        page = page.rotate(random.choice((90, 180, 270)), expand=True)
    return page


def stamp(page: Image.Image, random: Random) -> Image.Image:
    """Press a round red seal on a page, its ink see-through."""
    seal = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    draw, ink = ImageDraw.Draw(seal), (*_RED, random.randrange(90, 170))
    draw.ellipse((8, 8, 292, 292), outline=ink, width=8)
    draw.text((70, 60), "孝感市安和", font=font(32), fill=ink)
    draw.text((118, 115), "★", font=font(60), fill=ink)
    draw.text((86, 205), "业务专用章", font=font(26), fill=ink)
    seal = seal.rotate(random.uniform(-25, 25))
    across = random.randrange(80, max(81, page.width - 380))
    down = random.randrange(80, max(81, page.height - 380))
    pressed = page.convert("RGBA")
    pressed.alpha_composite(seal, (across, down))
    return pressed.convert("RGB")


def _turn(page: Image.Image, degrees: float) -> Image.Image:
    return page.rotate(degrees, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=_PAPER)


def _lean(page: Image.Image, random: Random) -> Image.Image:
    """Hold the camera not quite level."""
    wide, high = page.size
    off = [random.uniform(-0.018, 0.018) for _ in range(8)]
    corners = [
        *(off[0] * wide, off[1] * high),
        *(off[2] * wide, high + off[3] * high),
        *(wide + off[4] * wide, high + off[5] * high),
        *(wide + off[6] * wide, off[7] * high),
    ]
    return page.transform(
        page.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=_PAPER
    )


def _shade(page: Image.Image, random: Random) -> Image.Image:
    """Let the light fall from one side."""
    light = Image.linear_gradient("L").rotate(random.choice((0, 90, 180, 270)))
    light = light.point([150 + value * 105 // 255 for value in range(256)])
    return ImageChops.multiply(page, light.resize(page.size).convert("RGB"))


def _noise(page: Image.Image, random: Random, *, share: float) -> Image.Image:
    wide, high = page.size
    grain = Image.frombytes("L", (wide, high), random.randbytes(wide * high)).convert("RGB")
    return Image.blend(page, grain, share)


def _shrink(page: Image.Image, share: float) -> Image.Image:
    size = (int(page.width * share), int(page.height * share))
    return page.resize(size, Image.Resampling.BILINEAR)
