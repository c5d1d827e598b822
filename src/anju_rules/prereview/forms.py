"""What each kind of paper should hold: its headings, its parts, its fields with their labels."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from anju_rules.identifiers import CERTIFICATE_RULE, IDENTITY_STANDARD, UNIT_STANDARD
from anju_rules.prereview.types import Field, PaperKind

MATERIALS = "registration-rules/16"
"""What an applicant hands in."""
EXAMINED = "registration-rules/18"
"""What the office looks at: whether material and facts agree."""
TAXED = "deed-tax-law/11"
"""No proof of tax, no registration."""


class Among(StrEnum):
    """How the people of a paper must stand to those of the case."""

    SAME = "same"
    """Just these: the buyers of a contract."""
    ONE = "one"
    """One of them: the holder of a card, who paid a tax."""
    ALL = "all"
    """All of them, and others may: the members of a family's book."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """A field of a form: at which labels its value stands."""

    field: Field
    labels: tuple[str, ...]
    clause: str
    among: Among = Among.SAME
    is_needed: bool = True
    """Whether its absence is a doubt even where the case has nothing to compare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPart:
    """A page or block that must be there, known by any of its signs."""

    code: str
    signs: tuple[str, ...]
    clause: str = MATERIALS


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A kind of paper."""

    headings: tuple[str, ...]
    fields: tuple[FormField, ...]
    parts: tuple[FormPart, ...]
    is_prose: bool = False
    """Whether its labels also occur in sentences: a name then stands behind a colon only."""


_UNIT = ("不动产单元号", "不动产单元代码", "不动产单元编号")
_AREA = ("房屋建筑面积", "实测建筑面积", "建筑面积")
_NUMBERS = (
    "公民身份证件编号",
    "公民身份号码",
    "身份证件号码",
    "身份证号码",
    "证件号码",
    "身份证号",
)

FORMS: dict[PaperKind, Form] = {
    PaperKind.TITLE_CERTIFICATE: Form(
        headings=("不动产权证书", "不动产权证"),
        fields=(
            FormField(field=Field.CERTIFICATE_NUMBER, labels=(), clause=CERTIFICATE_RULE),
            FormField(field=Field.NAME, labels=("权利人",), clause=EXAMINED),
            FormField(field=Field.UNIT_CODE, labels=_UNIT, clause=UNIT_STANDARD),
            FormField(field=Field.AREA, labels=_AREA, clause=EXAMINED),
        ),
        parts=(
            FormPart(code="holder-page", signs=("权利人", "共有情况")),
            FormPart(code="notes-page", signs=("附记", "权利其他状况")),
        ),
    ),
    PaperKind.PURCHASE_CONTRACT: Form(
        headings=("商品房买卖合同", "房屋买卖合同"),
        fields=(
            FormField(field=Field.NAME, labels=("买受人",), clause=EXAMINED),
            FormField(field=Field.IDENTITY_NUMBER, labels=_NUMBERS, clause=IDENTITY_STANDARD),
            FormField(field=Field.AREA, labels=_AREA, clause=EXAMINED),
            FormField(
                field=Field.AMOUNT, labels=("总价款", "房屋总价", "合同总价"), clause=EXAMINED
            ),
            FormField(field=Field.DATE, labels=("签订日期", "签订时间"), clause=EXAMINED),
        ),
        parts=(
            FormPart(code="parties-page", signs=("出卖人", "统一社会信用代码")),
            FormPart(code="price-page", signs=("总价款", "计价方式")),
            FormPart(code="signature-page", signs=("买受人(签字)", "买受人(签章)", "出卖人(签章)")),
        ),
        is_prose=True,
    ),
    PaperKind.IDENTITY_CARD: Form(
        headings=("居民身份证",),
        fields=(
            FormField(
                field=Field.IDENTITY_NUMBER,
                labels=("公民身份号码",),
                clause=IDENTITY_STANDARD,
                among=Among.ONE,
            ),
            FormField(field=Field.NAME, labels=("姓名",), clause=EXAMINED, among=Among.ONE),
            FormField(field=Field.VALID_UNTIL, labels=("有效期限", "有效期"), clause=MATERIALS),
        ),
        parts=(
            FormPart(code="portrait-side", signs=("公民身份号码", "住址")),
            FormPart(code="emblem-side", signs=("签发机关", "有效期限")),
        ),
    ),
    PaperKind.TAX_PROOF: Form(
        headings=("税收完税证明", "契税完税证明"),
        fields=(
            FormField(
                field=Field.NAME,
                labels=("纳税人名称", "纳税人姓名"),
                clause=TAXED,
                among=Among.ONE,
            ),
            FormField(
                field=Field.IDENTITY_NUMBER,
                labels=("纳税人识别号",),
                clause=IDENTITY_STANDARD,
                among=Among.ONE,
            ),
            FormField(
                field=Field.AMOUNT,
                labels=("金额合计", "实缴(退)金额", "实缴金额"),
                clause=TAXED,
            ),
            FormField(field=Field.DATE, labels=("填发日期",), clause=TAXED),
        ),
        parts=(FormPart(code="deed-tax-line", signs=("契税",), clause=TAXED),),
    ),
    PaperKind.SURVEY_REPORT: Form(
        headings=("房屋测绘报告", "房产测绘报告", "房屋面积测算成果", "不动产测绘报告"),
        fields=(
            FormField(field=Field.UNIT_CODE, labels=_UNIT, clause=UNIT_STANDARD),
            FormField(field=Field.AREA, labels=_AREA, clause=EXAMINED),
            FormField(field=Field.DATE, labels=("测绘日期", "完成日期"), clause=EXAMINED),
        ),
        parts=(
            FormPart(code="surveyor", signs=("测绘单位", "测绘资质")),
            FormPart(code="floor-plan", signs=("分户图", "房产分户图", "平面图")),
        ),
    ),
    PaperKind.HOUSEHOLD_REGISTER: Form(
        headings=("居民户口簿", "常住人口登记卡"),
        fields=(
            FormField(field=Field.NAME, labels=("姓名",), clause=EXAMINED, among=Among.ALL),
            FormField(
                field=Field.IDENTITY_NUMBER,
                labels=_NUMBERS,
                clause=IDENTITY_STANDARD,
                among=Among.ALL,
            ),
        ),
        parts=(
            FormPart(code="head-page", signs=("户主姓名", "户别", "户号")),
            FormPart(code="member-page", signs=("常住人口登记卡", "与户主关系")),
        ),
    ),
}
"""Every kind of paper, as offices print them."""

BESIDE = (
    *(
        "性别",
        "民族",
        "出生日期",
        "出生",
        "住址",
        "曾用名",
        "籍贯",
        "户主或与户主关系",
        "与户主关系",
    ),
    *("户主姓名", "户别", "户号", "共有情况", "坐落", "权利类型", "权利性质", "用途", "使用期限"),
    *("权利其他状况", "附记", "出卖人", "法定代表人", "联系电话", "套内建筑面积", "分摊面积"),
    *("证件类型", "证件种类", "单价", "税种", "税款所属时期", "测绘单位", "测绘资质"),
    *(
        "签发机关",
        "通讯地址",
        "统一社会信用代码",
        "分摊建筑面积",
        "宗地面积",
        "房屋坐落",
        "税务机关",
    ),
    *("登记机构", "合同编号", "填票人", "丘号", "结构", "所在层", "专有建筑面积", "婚姻状况"),
)
"""Other labels that stand on these papers: a value ends where one of them begins."""

MATERIAL_KINDS: dict[str, PaperKind] = {
    "contract-record": PaperKind.PURCHASE_CONTRACT,
    "household-book-copy": PaperKind.HOUSEHOLD_REGISTER,
    "household-register": PaperKind.HOUSEHOLD_REGISTER,
    "identity-copy": PaperKind.IDENTITY_CARD,
    "identity-proof": PaperKind.IDENTITY_CARD,
    "payment-record": PaperKind.TAX_PROOF,
    "purchase-contract": PaperKind.PURCHASE_CONTRACT,
    "sale-contract": PaperKind.PURCHASE_CONTRACT,
    "survey-report-paper": PaperKind.SURVEY_REPORT,
    "survey-result": PaperKind.SURVEY_REPORT,
    "tax-proof-paper": PaperKind.TAX_PROOF,
    "title-certificate": PaperKind.TITLE_CERTIFICATE,
}
"""Which kind of paper a material of a procedure is; of the others nothing is read."""
