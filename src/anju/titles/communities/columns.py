"""The columns of a community's tables, and the clerk's words in them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from anju.foundation.exchange.cells import Column
from anju.foundation.exchange.faults import Fault, shown
from anju.foundation.exchange.tables import Row

USES = {
    "住宅": "home",
    "成套住宅": "home",
    "住房": "home",
    "车位": "parking",
    "车库": "parking",
    "商铺": "shop",
    "商业": "shop",
    "公共": "common",
    "公共配套": "common",
    "共用": "common",
}
STATES = {
    "未办": "none",
    "未办证": "none",
    "首次登记": "first",
    "已首次登记": "first",
    "已办": "titled",
    "已办证": "titled",
    "已发证": "titled",
}
USE_WORDS: Mapping[str, str] = {
    "home": "住宅",
    "parking": "车位",
    "shop": "商铺",
    "common": "公共",
}
STATE_WORDS: Mapping[str, str] = {"none": "未办证", "first": "首次登记", "titled": "已办证"}
_AREA_MOST = 100_000
_FLOOR_LEAST, _FLOOR_MOST = -9, 200
_YUAN_MOST = 10_000_000
HOME_COLUMNS = (
    Column(key="building", header="楼栋", required=True),
    Column(key="room", header="房号", required=True),
    Column(key="use", header="用途", may_lack=True, words=USES),
    Column(
        key="floor",
        header="楼层",
        kind="integer",
        may_lack=True,
        least=_FLOOR_LEAST,
        most=_FLOOR_MOST,
    ),
    Column(key="unit_code", header="不动产单元号", may_lack=True),
    Column(
        key="contracted_sqm",
        header="合同面积",
        kind="decimal",
        may_lack=True,
        least=Decimal("0.0001"),
        most=_AREA_MOST,
        most_decimals=4,
    ),
    Column(
        key="price",
        header="单价",
        kind="decimal",
        may_lack=True,
        least=0,
        most=_YUAN_MOST,
        most_decimals=2,
    ),
    Column(key="title_state", header="办证状态", may_lack=True, words=STATES),
    Column(key="name", header="权利人", may_lack=True),
    Column(key="paper", header="证件种类", may_lack=True),
    Column(key="identity_number", header="证件号", may_lack=True),
    Column(key="share", header="份额", may_lack=True),
    Column(key="phone", header="电话", may_lack=True),
)
"""What a table of homes may have, in the order of the template; two columns it must have."""
SURVEY_COLUMNS = (
    Column(key="unit_code", header="不动产单元号", may_lack=True),
    Column(key="building", header="楼栋", may_lack=True),
    Column(key="room", header="房号", may_lack=True),
    Column(
        key="floor",
        header="楼层",
        kind="integer",
        may_lack=True,
        least=_FLOOR_LEAST,
        most=_FLOOR_MOST,
    ),
    Column(
        key="registered_sqm",
        header="实测面积",
        kind="decimal",
        required=True,
        least=Decimal("0.0001"),
        most=_AREA_MOST,
        most_decimals=4,
    ),
)
"""A survey names each home by its code or by building and number, and says its area."""
HEADERS: Mapping[str, str] = {
    column.key: column.header for column in (*HOME_COLUMNS, *SURVEY_COLUMNS)
}
"""Our key of a column → the clerk's header."""


def fault_at(
    row: Row, key: str, rule: str, *, file: str, value: object = "", **facts: object
) -> Fault:
    """Give the fault of one cell."""
    return Fault(
        file=file,
        row=row.number,
        column=HEADERS[key],
        value=shown(value),
        rule=rule,
        facts=facts,
    )
