"""Reading a law from a table, as ``tomllib`` gives it; every refusal names the path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from anju_rules.policy.table import PolicyTable, refuse_at
from anju_rules.policy.types import Certainty
from anju_rules.procedures.reading import read_words
from anju_rules.procedures.types import Words
from anju_rules.statutes.types import Clause, Guard, Item, ItemKind, Statute

_CERTAINTIES = ("C", "M", "P", "U")


def read_statute(table: Mapping[str, object]) -> Statute:
    """Read one edition of a law.

    Raises :class:`~anju_rules.values.Refusal` with a ``policy.*`` or ``statute.*`` code and the
    ``path`` of the fault: an unknown key, a clause twice, a clause without items, a bad check.
    """
    top = PolicyTable(table, path="")
    code = top.take_word("code")
    certainty = cast("Certainty", top.take_one_of("certainty", _CERTAINTIES))
    statute = Statute(
        code=code,
        title=read_words(top, "title"),
        source=top.take_text("source"),
        edition=top.take_date("edition"),
        clauses=_read_clauses(top, law=code, certainty=certainty),
    )
    top.close()
    return statute


def _read_clauses(table: PolicyTable, *, law: str, certainty: Certainty) -> dict[str, Clause]:
    clauses: dict[str, Clause] = {}
    names: set[str] = set()
    for line in table.take_tables("clauses"):
        clause = _read_clause(line, law=law, certainty=certainty)
        if names & clause.names:
            refuse_at(line.path_of("number"), "policy.duplicate", value=clause.code)
        names |= clause.names
        clauses[clause.code] = clause
    return clauses


def _read_clause(table: PolicyTable, *, law: str, certainty: Certainty) -> Clause:
    code = f"{law}/{table.take_text('number')}"
    title = read_words(table, "title")
    cited_as = table.take_texts("cited_as") if table.has("cited_as") else ()
    touches = table.take_texts("touches") if table.has("touches") else ()
    items = tuple(
        _read_item(line, code=f"{code}#{place}", certainty=certainty)
        for place, line in enumerate(table.take_tables("items"), start=1)
    )
    if not items:
        refuse_at(table.path_of("items"), "statute.no-items", clause=code)
    table.close()
    return Clause(code=code, title=title, items=items, cited_as=cited_as, touches=touches)


def _read_item(table: PolicyTable, *, code: str, certainty: Certainty) -> Item:
    kind = ItemKind(table.take_one_of("kind", tuple(ItemKind)))
    text = Words(zh=table.take_text("zh"), en=table.take_text("en"))
    told = table.take_text("check")
    guard, _, check = told.partition(":")
    if guard not in set(Guard) or bool(check) is (guard == Guard.HUMAN):
        refuse_at(table.path_of("check"), "statute.bad-check", value=told)
    if table.has("certainty"):
        certainty = cast("Certainty", table.take_one_of("certainty", _CERTAINTIES))
    table.close()
    return Item(
        code=code, kind=kind, text=text, guard=Guard(guard), check=check, certainty=certainty
    )
