"""Reading a plan for a command: all faults said at once, and nothing done if there is one."""

from __future__ import annotations

import json as json_module
import sys
from collections.abc import Mapping
from pathlib import Path

import typer

from anju.cli.answers import refuse
from anju.foundation.exchange.faults import describe_fault
from anju.resettlement.offline.plan import Plan, PlanFaults, read_plan
from anju_rules.values import Refusal


def read_plan_or_refuse(
    folder: Path, *, json: bool, overrides: Mapping[str, Path] | None = None
) -> Plan:
    """Read a plan folder; list every fault and leave with exit code 1 where there is any."""
    try:
        return read_plan(folder, overrides=overrides or {})
    except PlanFaults as found:
        if json:
            told = [
                {
                    "file": fault.file,
                    "row": fault.row,
                    "column": fault.column,
                    "value": fault.value,
                    "rule": fault.rule,
                    "message": describe_fault(fault),
                }
                for fault in found.faults
            ]
            typer.echo(json_module.dumps({"faults": told}, ensure_ascii=False))
        else:
            for fault in found.faults:
                sys.stderr.write(describe_fault(fault) + "\n")
            sys.stderr.write(f"共 {len(found.faults)} 处错误，没有写入任何内容。\n")
        raise typer.Exit(code=1) from found
    except Refusal as refusal:
        refuse(refusal, json=json)
