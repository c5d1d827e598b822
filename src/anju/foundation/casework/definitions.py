"""Procedures as stored: each version once, as a canonical table that never changes."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from importlib import resources
from uuid import UUID

from anju.foundation.casework.models import ProcedureRecord
from anju.foundation.core.crypto import new_id
from anju_rules.hashing import canonical, digest
from anju_rules.procedures.reading import read_procedure
from anju_rules.procedures.types import Procedure, Words
from anju_rules.values import Refusal

_DATE = "effective_on"


def lay_procedure(*, table: Mapping[str, object], at: datetime) -> UUID:
    """Store a definition inside the caller's operation, and give its id.

    The same content again gives the same id. Refuses with ``casework.procedure-changed`` another
    content under a version that stands, and like
    :func:`~anju_rules.procedures.reading.read_procedure`.
    """
    return _lay(_told_from(table), at=at)


def lay_default_procedure(*, code: str, at: datetime) -> UUID:
    """Store the definition that comes with the platform; refuses ``casework.unknown-procedure``."""
    return _lay(_read_default(code), at=at)


@lru_cache(maxsize=64)
def default_title(*, code: str) -> Words:
    """Give the title of a procedure that comes with the platform, as it reads today.

    Refuses with ``casework.unknown-procedure``.
    """
    return read_procedure(tomllib.loads(_default_text(code))).title


def stored_procedure(procedure_id: UUID) -> Procedure:
    """Give a stored definition; it cannot have changed since it was read."""
    return _known(procedure_id)


@lru_cache(maxsize=256)
def _known(procedure_id: UUID) -> Procedure:
    kept = ProcedureRecord.objects.get(id=procedure_id)
    return read_procedure(
        {**kept.definition, _DATE: date.fromisoformat(str(kept.definition[_DATE]))}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """A definition as it is stored."""

    code: str
    version: str
    digest: str
    table: Mapping[str, object]


def _told_from(table: Mapping[str, object]) -> _Told:
    procedure = read_procedure(table)
    told = {name: _written(value) for name, value in table.items()}
    return _Told(
        code=procedure.code,
        version=procedure.version,
        digest=digest(canonical(told)).hex(),
        table=told,
    )


def _lay(told: _Told, *, at: datetime) -> UUID:
    found = ProcedureRecord.objects.filter(code=told.code, version=told.version)
    kept = found.values_list("id", "digest").first()
    if kept is None:
        fresh = ProcedureRecord(
            id=new_id(),
            code=told.code,
            version=told.version,
            digest=told.digest,
            definition=told.table,
            stored_at=at,
        )
        # Two who store at once: the second finds what the first stored.
        ProcedureRecord.objects.bulk_create([fresh], ignore_conflicts=True)
        kept = found.values_list("id", "digest").get()
    if kept[1] != told.digest:
        raise Refusal("casework.procedure-changed", procedure=told.code, version=told.version)
    return kept[0]


def _written(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


@lru_cache(maxsize=64)
def _read_default(code: str) -> _Told:
    return _told_from(tomllib.loads(_default_text(code)))


def _default_text(code: str) -> str:
    file = resources.files("anju").joinpath("procedures", f"{code}.toml")
    if not code.replace("-", "").isalnum() or not file.is_file():
        raise Refusal("casework.unknown-procedure", procedure=code)
    return file.read_text(encoding="utf-8")
