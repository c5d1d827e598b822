"""Papers as offices print them, made here: what stands on each is known, and so what is wrong.

A paper is drawn from a case: what the case knows, and what the paper says instead. Everybody and
everything on it is invented. The truth of a paper is a word for each point that a pre-review
speaks of: ``agrees`` or ``there`` are fine, every other word is something to look at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw, ImageFont
from stdnum.cn import ric

from anju_rules.prereview.types import Field, Known, KnownPerson, PaperKind
from anju_rules.values import AreaSqm, Fen

TODAY = date(2026, 9, 1)
A4 = (1240, 1754)
"""A sheet at 150 dots an inch."""
_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
)
_SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗"
    "郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢"
)
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚"
    "桂英建国华文玉梅志红春燕海波鹏飞云辉宇晨雪婷浩然俊峰子轩欣怡"
)
_COUNTIES = ("420902", "420921", "420981", "370105", "320102", "110105")
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
Ink = tuple[int, int, int]
BLACK: Ink = (25, 25, 30)

FINE = frozenset({"agrees", "there"})
"""The words of a truth that leave nothing to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadePaper:
    """A paper before it is worn: clean pages, what the case knows, and the truth."""

    kind: PaperKind
    """What the case expects."""
    pages: tuple[Image.Image, ...] = field(repr=False)
    known: Known
    truth: dict[str, str]
    """For each point its word."""


@dataclass(slots=True, kw_only=True)
class Sheet:
    """A page being drawn, and the points that stand on it."""

    image: Image.Image
    points: set[str] = field(default_factory=set)
    face: int = 0
    down: int = 150

    def write(self, text: str, *, left: int = 120, size: int = 30, ink: Ink = BLACK) -> None:
        """Write a line and go on to the next."""
        ImageDraw.Draw(self.image).text(
            (left, self.down), text, font=font(size, face=self.face), fill=ink
        )
        self.down += size * 2

    def head(self, text: str, *, size: int = 52) -> None:
        """Write a heading in the middle."""
        wide = ImageDraw.Draw(self.image).textlength(text, font=font(size, face=self.face))
        self.write(text, left=int(self.image.width - wide) // 2, size=size)

    def rows(self, rows: Sequence[tuple[str, str]], *, left: int, split: int, right: int) -> None:
        """Draw a ruled table of labels and values."""
        draw, high = ImageDraw.Draw(self.image), 84
        for label, value in rows:
            draw.rectangle((left, self.down, right, self.down + high), outline=BLACK, width=2)
            draw.line((split, self.down, split, self.down + high), fill=BLACK, width=2)
            draw.text((left + 16, self.down + 26), label, font=font(28, face=self.face), fill=BLACK)
            draw.text(
                (split + 18, self.down + 26), value, font=font(28, face=self.face), fill=BLACK
            )
            self.down += high
        self.down += 40


def find_font(number: int = 0) -> Path | None:
    """Give a Chinese font of this machine; None where there is none."""
    there = [Path(name) for name in _FONTS if Path(name).is_file()]
    return there[number % len(there)] if there else None


@cache
def font(size: int, *, face: int = 0) -> ImageFont.FreeTypeFont:
    """Give one of the machine's Chinese fonts in a size."""
    return ImageFont.truetype(str(find_font(face)), size)


def blank(random: Random, size: tuple[int, int] = A4) -> Sheet:
    """Give an empty page."""
    return Sheet(image=Image.new("RGB", size, (252, 251, 247)), face=random.choice((0, 1)))


def make_person(random: Random) -> KnownPerson:
    """Invent a person."""
    name = random.choice(_SURNAMES) + "".join(random.sample(_GIVEN, random.choice((1, 2, 2))))
    born = date(1945, 1, 1) + timedelta(days=random.randrange(22_000))
    number = random.choice(_COUNTIES) + born.strftime("%Y%m%d") + f"{random.randrange(1000):03d}"
    end = ric.calc_check_digit(f"{number}0")
    return KnownPerson(name=name, identity_number=f"{number}{end}")


def make_known(random: Random) -> Known:
    """Invent a case: one or two owners and their home."""
    county = random.choice(_COUNTIES)
    unit = (
        f"{county}{random.randrange(1, 90):03d}{random.randrange(1, 90):03d}G"
        f"{random.choice('BS')}{random.randrange(1, 9999):05d}F{random.randrange(1, 60):04d}"
        f"{random.randrange(1, 400):04d}"
    )
    area = Decimal(random.randrange(4_500, 18_000)) / 100
    return Known(
        people=tuple(make_person(random) for _ in range(random.choice((1, 1, 2)))),
        unit_code=unit,
        certificate_number=f"鄂(2026)孝感市不动产权第{random.randrange(1, 99999):07d}号",
        area_sqm=AreaSqm(area),
        amount_fen=Fen(random.randrange(20_000_000, 180_000_000, 100)),
        dated_on=date(2025, 1, 1) + timedelta(days=random.randrange(600)),
        today=TODAY,
    )


def spell_capitals(fen: int) -> str:
    """Write whole yuan in capitals, as a contract does."""
    words, yuan = "", fen // 100
    for unit, group in (("万", yuan // 10_000), ("", yuan % 10_000)):
        part = ""
        for ten, name in ((1000, "仟"), (100, "佰"), (10, "拾"), (1, "")):
            digit = group // ten % 10
            if digit:
                part += _DIGITS[digit] + name
            elif (part or (words and group)) and not part.endswith("零") and group % ten:
                part += "零"
        words += part + unit if group else ""
    return words + "元整"


def written_date(day: date) -> str:
    """Write a date as contracts do."""
    return f"{day.year}年{day.month}月{day.day}日"


def draw_contract(says: Known, random: Random) -> list[Sheet]:
    """Draw a contract of sale: parties, home and price, signatures."""
    first, second, third = blank(random), blank(random), blank(random)
    first.head("商品房买卖合同（预售）")
    first.write(f"合同编号：XG{random.randrange(10**9):09d}", size=26)
    first.write("出卖人：孝感安和房地产开发有限公司")
    first.write("统一社会信用代码：91420900MA49D6QR2U", size=28)
    for person in says.people:
        first.write(f"买受人：{person.name}")
        first.write("证件类型：居民身份证", size=28)
        first.write(f"证件号码：{person.identity_number}")
    first.write("第一条  项目建设依据", size=28)
    first.write("出卖人以出让方式取得位于孝感市槐荫大道的建设用地使用权。", size=26)
    first.points |= {"parties-page", Field.NAME, Field.IDENTITY_NUMBER}
    second.write("第三条  商品房基本情况", size=30)
    if says.area_sqm is not None:
        inner = says.area_sqm * 83 // 100
        second.write(
            f"该商品房预测建筑面积{says.area_sqm}平方米，其中套内建筑面积{inner}平方米。", size=28
        )
    else:
        second.write("该商品房预测建筑面积________平方米。", size=28)
    second.write("第六条  计价方式与价款", size=30)
    if says.amount_fen is not None:
        yuan = f"{says.amount_fen // 100:,}"
        second.write(f"总价款：人民币{yuan}.00元", size=30)
        second.write(f"（大写：{spell_capitals(says.amount_fen)}）", size=28)
    else:
        second.write("总价款：人民币____________元", size=30)
    second.write("第九条  买受人逾期付款的违约责任", size=30)
    second.write("买受人未按照约定时间付款的，自逾期之日起按日计算违约金。", size=26)
    second.points |= {"price-page", Field.AREA, Field.AMOUNT}
    third.write("第二十条  本合同自双方签字或者盖章之日起生效。", size=28)
    third.down = 700
    third.write("出卖人（签章）：", size=30)
    third.write("买受人（签字）：", size=30)
    third.write(
        f"签订日期：{written_date(says.dated_on)}" if says.dated_on else "签订日期：", size=30
    )
    third.points |= {"signature-page", Field.DATE}
    for number, sheet in enumerate((first, second, third), 1):
        sheet.down = 1650
        sheet.write(f"第 {number} 页  共 3 页", left=540, size=24)
    return [first, second, third]


def draw_certificate(says: Known, random: Random) -> list[Sheet]:
    """Draw a title certificate's opened pages."""
    sheet = blank(random, (1754, 1240))
    sheet.write("不动产权证书", left=330, size=44)
    sheet.down = 110
    sheet.write(says.certificate_number, left=120, size=28)
    sheet.down = 240
    area = f"{says.area_sqm}㎡" if says.area_sqm is not None else ""
    rows = [
        ("权利人", "、".join(person.name for person in says.people)),
        ("共有情况", "共同共有" if len(says.people) > 1 else "单独所有"),
        ("坐落", f"孝感市槐荫大道{random.randrange(1, 300)}号安和苑{random.randrange(1, 20)}栋"),
        ("不动产单元号", says.unit_code),
        ("权利类型", "国有建设用地使用权/房屋所有权"),
        ("用途", "城镇住宅用地/住宅"),
        ("面积", f"房屋建筑面积：{area}"),
        ("使用期限", "2020年05月01日起2090年04月30日止"),
    ]
    sheet.rows(rows, left=70, split=290, right=900)
    sheet.down = 200
    sheet.write("附记", left=1250, size=32)
    sheet.write("登记原因：买卖", left=980, size=26)
    sheet.points |= {"holder-page", "notes-page"}
    sheet.points |= {Field.CERTIFICATE_NUMBER, Field.NAME, Field.UNIT_CODE, Field.AREA}
    return [sheet]


def draw_identity_card(says: Known, random: Random) -> list[Sheet]:
    """Draw the copy of both sides of a card, twice as large as life."""
    sheet, person = blank(random), says.people[0]
    number = person.identity_number
    draw = ImageDraw.Draw(sheet.image)
    draw.rounded_rectangle((150, 150, 1090, 740), radius=30, outline=(120, 130, 150), width=3)
    sheet.down = 200
    sheet.write(f"姓名  {person.name}", left=200, size=32)
    sheet.write(f"性别  {random.choice('男女')}   民族  汉", left=200, size=32)
    born = (number or "420902197001011234")[6:14]
    sheet.write(f"出生  {born[:4]} 年 {int(born[4:6])} 月 {int(born[6:])} 日", left=200, size=32)
    sheet.write("住址  湖北省孝感市孝南区书院街", left=200, size=32)
    draw.rectangle((800, 210, 1030, 520), fill=(205, 205, 210))
    sheet.down = 640
    sheet.write(f"公民身份号码   {number}", left=200, size=34)
    draw.rounded_rectangle((150, 850, 1090, 1440), radius=30, outline=(120, 130, 150), width=3)
    sheet.down = 920
    sheet.head("中华人民共和国", size=42)
    sheet.head("居民身份证", size=58)
    sheet.down = 1240
    sheet.write("签发机关  孝感市公安局孝南分局", left=330, size=32)
    # A card whose time is over knows no today.
    issued = date(2012, 3, 4) if says.today is None else date(2016, 3, 4)
    until = issued.replace(year=issued.year + (10 if says.today is None else 20))
    sheet.write(f"有效期限  {issued:%Y.%m.%d}-{until:%Y.%m.%d}", left=330, size=32)
    sheet.points |= {"portrait-side", "emblem-side", Field.NAME, Field.IDENTITY_NUMBER}
    sheet.points.add(Field.VALID_UNTIL)
    return [sheet]


def draw_tax_proof(says: Known, random: Random) -> list[Sheet]:
    """Draw a proof of deed tax paid."""
    sheet, person = blank(random), says.people[0]
    sheet.head("中华人民共和国")
    sheet.head("税收完税证明")
    sheet.write(f"No. 3420{random.randrange(10**8):08d}", left=760, size=26)
    day = written_date(says.dated_on) if says.dated_on else ""
    sheet.write(f"填发日期：{day}    税务机关：孝南区税务局", size=26)
    sheet.rows(
        [("纳税人识别号", person.identity_number), ("纳税人名称", person.name)],
        left=100,
        split=400,
        right=1140,
    )
    paid = f"{says.amount_fen // 100:,}.00" if says.amount_fen is not None else ""
    sheet.rows(
        [
            ("税种", "契税"),
            ("品目名称", "商品住房买卖"),
            ("税款所属时期", "2026-01-01至2026-12-31"),
        ],
        left=100,
        split=400,
        right=1140,
    )
    capitals = f"（大写）{spell_capitals(says.amount_fen)}  " if says.amount_fen is not None else ""
    sheet.rows([("金额合计", f"{capitals}¥{paid}")], left=100, split=300, right=1140)
    sheet.points |= {"deed-tax-line", Field.NAME, Field.IDENTITY_NUMBER, Field.AMOUNT, Field.DATE}
    return [sheet]


def draw_survey(says: Known, random: Random) -> list[Sheet]:
    """Draw a survey: a table, and the plan of the home."""
    first, second = blank(random), blank(random)
    first.head("房屋测绘报告")
    rows = [
        ("不动产单元号", says.unit_code),
        ("房屋坐落", f"孝感市天仙路{random.randrange(1, 200)}号"),
        ("实测建筑面积", f"{says.area_sqm}平方米" if says.area_sqm is not None else ""),
        ("分摊建筑面积", f"{random.randrange(900, 2500) / 100:.2f}平方米"),
        ("测绘日期", written_date(says.dated_on) if says.dated_on else ""),
        ("测绘单位", "孝感市房产测绘队"),
    ]
    first.rows(rows, left=100, split=400, right=1140)
    second.head("房产分户图", size=44)
    draw = ImageDraw.Draw(second.image)
    draw.rectangle((300, 400, 900, 1000), outline=BLACK, width=4)
    draw.line((600, 400, 600, 1000), fill=BLACK, width=4)
    draw.text((400, 650), "客厅", font=font(30), fill=BLACK)
    draw.text((700, 650), "卧室", font=font(30), fill=BLACK)
    first.points |= {"surveyor", Field.UNIT_CODE, Field.AREA, Field.DATE}
    second.points |= {"floor-plan"}
    for number, sheet in enumerate((first, second), 1):
        sheet.down = 1650
        sheet.write(f"第{number}页 共2页", left=540, size=24)
    return [first, second]


def draw_register(says: Known, random: Random) -> list[Sheet]:
    """Draw a family's book: its head page, and a page for each member."""
    head = blank(random)
    head.head("居民户口簿")
    rows = [("户别", "家庭户口"), ("户主姓名", says.people[0].name), ("户号", "420902001")]
    head.rows(rows, left=150, split=450, right=1090)
    head.points.add("head-page")
    members = []
    for place, person in enumerate((*says.people, make_person(random))):
        sheet = blank(random)
        sheet.head("常住人口登记卡", size=46)
        relation = "户主" if place == 0 else "家人"
        sheet.rows(
            [
                ("姓名", person.name),
                ("户主或与户主关系", relation),
                ("性别", random.choice("男女")),
                ("公民身份证件编号", person.identity_number),
            ],
            left=150,
            split=470,
            right=1090,
        )
        sheet.points |= {"member-page", Field.NAME, Field.IDENTITY_NUMBER}
        members.append(sheet)
    return [head, *members]


DRAWN: dict[PaperKind, Callable[[Known, Random], list[Sheet]]] = {
    PaperKind.TITLE_CERTIFICATE: draw_certificate,
    PaperKind.PURCHASE_CONTRACT: draw_contract,
    PaperKind.IDENTITY_CARD: draw_identity_card,
    PaperKind.TAX_PROOF: draw_tax_proof,
    PaperKind.SURVEY_REPORT: draw_survey,
    PaperKind.HOUSEHOLD_REGISTER: draw_register,
}
