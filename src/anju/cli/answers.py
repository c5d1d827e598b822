"""How every command answers: lines for a person, or one JSON object for a machine."""

from __future__ import annotations

import json as json_module
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import NoReturn

import typer

from anju.foundation.core.words import say
from anju_rules.values import Refusal


def answer(payload: Mapping[str, object], *, json: bool, lines: Iterable[str]) -> None:
    """Print ``payload`` as one JSON object, or ``lines`` for a person."""
    if json:
        typer.echo(json_module.dumps(payload, ensure_ascii=False))
        return
    for line in lines:
        typer.echo(line)


def refuse(refusals: Refusal | Sequence[Refusal], *, json: bool) -> NoReturn:
    """Say why nothing was done, and leave with exit code 1."""
    listed = [refusals] if isinstance(refusals, Refusal) else list(refusals)
    if json:
        told = [
            {
                "code": refusal.code,
                "facts": {name: str(value) for name, value in refusal.facts.items()},
                "message": say(refusal.code, refusal.facts),
            }
            for refusal in listed
        ]
        typer.echo(json_module.dumps({"refused": told}, ensure_ascii=False))
    else:
        for refusal in listed:
            sys.stderr.write(say(refusal.code, refusal.facts) + "\n")
    raise typer.Exit(code=1)
