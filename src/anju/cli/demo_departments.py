"""The demo's departments: one simulator on this machine, and a register about the demo's people.

They attest nothing to anybody: in service each department answers from its own house, with a key
that was handed over with its responsibility agreement (docs/algorithms/department-exchange.md).
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping
from pathlib import Path

from anju.cli.supervisor import Program
from anju.config.environment import Environment
from anju_departments.keys import keep_keys
from anju_departments.main import ASKER, DEPARTMENTS, KEYS, REGISTER
from anju_departments.register import Facts, write_register
from anju_departments.serving import url_of

HOST = "127.0.0.1"
DELAY_SECONDS, ERRORS, CONTRADICTIONS = 30, 5, 2
"""How troublesome the demo's departments are: an answer takes up to so long; shares in percent."""
_EVERY = 97
"""Of so many households one is told about as each of the plants below."""
_OTHER_HOLDER, _RESETTLED, _SPLIT, _NO_HARDSHIP = 13, 31, 53, 71
"""At these places the departments know something else than the household states."""


def departments_folder(home: Path) -> Path:
    """Say where the demo's departments keep their keys and their register."""
    return home / "departments"


def departments_program(environment: Environment) -> Program:
    """Give the demo's departments: one program, which knows its own folder alone."""
    return Program(
        name="departments",
        command=(
            *(sys.executable, "-m", "anju_departments", str(departments_folder(environment.home))),
            *("--host", HOST, "--port", str(environment.departments_port)),
            *("--delay", str(DELAY_SECONDS), "--errors", str(ERRORS)),
            *("--contradictions", str(CONTRADICTIONS)),
        ),
    )


def keep_demo_departments(environment: Environment) -> None:
    """Set up what is missing of the demo's departments, and list them under their port.

    A list with anybody else's key stays as it is: real departments are never written over.
    """
    from anju.foundation.core.keys import read_key_pair  # noqa: PLC0415
    from anju.foundation.exchange.departments.addresses import (  # noqa: PLC0415 - Django's settings
        Address,
        addresses_file,
        exchange_key_file,
        read_addresses,
        write_addresses,
    )

    folder, home = departments_folder(environment.home), environment.home
    keys = keep_keys(folder / KEYS, DEPARTMENTS)
    asker = read_key_pair(exchange_key_file(home)).public
    (folder / ASKER).write_text(asker.hex() + "\n", encoding="ascii")
    if not (folder / REGISTER).exists():
        write_register(folder / REGISTER, {})
    file, ours = addresses_file(home), {key.public for key in keys.values()}
    if file.exists():
        listed = read_addresses(file.read_text(encoding="utf-8")).values()
        if any(address.public_key not in ours for address in listed):
            return
    addresses = {
        code: Address(
            department=code,
            url=url_of(code, host=HOST, port=environment.departments_port),
            public_key=key.public,
        )
        for code, key in keys.items()
    }
    file.write_text(write_addresses(addresses), encoding="utf-8")


def write_demo_register(home: Path) -> None:
    """Write what the demo's departments know: mostly what its households state of themselves."""
    with (home / "plan" / "households.csv").open(encoding="utf-8-sig", newline="") as stream:
        records = {
            row["身份证号"]: _records_of(row, place)
            for place, row in enumerate(csv.DictReader(stream))
        }
    write_register(departments_folder(home) / REGISTER, records)


def _records_of(row: Mapping[str, str], place: int) -> dict[str, Facts]:
    """Give what departments have on record of one household of the plan's table."""
    plant, address = place % _EVERY, f"{row['街道']}柳岸村 {place + 1} 号"
    is_others = plant == _OTHER_HOLDER
    told: dict[str, Facts] = {
        "household-register": {
            "household_number": f"HJ{place + 1:06d}",
            "head_name": row["户主"],
            "head_identity_number": row["身份证号"],
            "address": address,
            "persons": row["户籍人口"],
            "member_identity_numbers": row["身份证号"],
            "split_on": "2026-03-02" if plant == _SPLIT else "",
        },
        "title-record": {
            "title_number": f"演示（2009）不动产权第{place + 1:07d}号",
            "holder_name": "周他人" if is_others else row["户主"],
            "holder_identity_number": "" if is_others else row["身份证号"],
            "address": address,
            "area_sqm": row["原住房面积(㎡)"],
            "is_seized": "no",
        },
    }
    if plant == _RESETTLED:
        told["resettlement-record"] = {
            "project": "北湖片区改造（2015）",
            "address": "北湖家园 3 幢 2-502",
            "resettled_on": "2015-09-18",
        }
    if row["低保"] == "是" and plant != _NO_HARDSHIP:
        told["hardship-record"] = {"grade": "低保", "valid_until": "2027-12-31"}
    return told
