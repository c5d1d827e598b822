"""The bundle's JSON files, read for the pages and written again as scripts for ``file://``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from anju_rules.hashing import digest
from anju_rules.publication import LISTED_BY_NOBODY
from anju_rules.values import Refusal

if TYPE_CHECKING:
    from pathlib import Path

# One row of a published file. Its shape is fixed by the bundle's format, not by Python.
Row = dict[str, Any]

PROOFS_A_SCRIPT = 1000
"""How many rows' proofs one script holds; ``store.js`` counts with the same number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The published files, as they lie in the folder."""

    manifest: Row
    rules: Row
    units: list[Row]
    roster: list[Row]
    scores: list[Row]
    draws: list[Row]
    order: list[Row]
    choices: list[Row]
    ledger: Row
    turns: list[Row] | None
    """What happened in every turn, of a result that was chosen live."""
    digests: dict[str, str]
    """SM3 of each JSON file: what the manifest lists, or will list, of the published data."""


def read_bundle(folder: Path) -> Bundle:
    """Read the bundle in ``folder``; without ``scores.json`` there are no scores to show.

    Refuses with ``pages.file-missing`` or ``pages.file-unreadable`` (fact ``file``).
    """
    manifest = _read_json(folder, "manifest.json")
    return Bundle(
        manifest=manifest,
        digests=_digest_files(folder, listed=manifest.get("files", {})),
        rules=_read_json(folder, "rules.json"),
        units=_read_json(folder, "units.json"),
        roster=_read_json(folder, "roster.json"),
        scores=_read_json(folder, "scores.json", optional=True) or [],
        draws=_read_json(folder, "draws.json"),
        order=_read_json(folder, "order.json"),
        choices=_read_json(folder, "choices.json"),
        ledger=_read_json(folder, "ledger.json"),
        turns=_read_json(folder, "turns.json", optional=True),
    )


def _read_json(folder: Path, name: str, *, optional: bool = False) -> Any:  # noqa: ANN401 - JSON
    path = folder / name
    if not path.exists():
        if optional:
            return None
        raise Refusal("pages.file-missing", file=name)
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Refusal("pages.file-unreadable", file=name) from error


def _digest_files(folder: Path, *, listed: dict[str, str]) -> dict[str, str]:
    """Give the listed digest of every JSON file, and reckon it where the manifest has none yet."""
    digests = {name: hexed for name, hexed in listed.items() if name.endswith(".json")}
    for path in sorted(folder.glob("*.json")):
        if path.name not in digests and path.name not in LISTED_BY_NOBODY:
            digests[path.name] = digest(path.read_bytes()).hex()
    return digests


def write_data_scripts(bundle: Bundle, *, assets: Path) -> None:
    """Write ``data-<name>.js`` for every file of the bundle into ``assets``.

    The proofs are the bulk of ``choices.json`` and wanted only where one is opened: they go into
    scripts of their own, a thousand rows each, and the page puts them back before it checks the
    file's digest.
    """
    manifest = {**bundle.manifest, "files": bundle.digests}
    choices = [
        {key: value for key, value in row.items() if key != "proof"} for row in bundle.choices
    ]
    data: dict[str, object] = {
        "manifest": manifest,
        "rules": bundle.rules,
        "units": bundle.units,
        "roster": bundle.roster,
        "scores": bundle.scores,
        "draws": bundle.draws,
        "order": bundle.order,
        "choices": choices,
        "ledger": bundle.ledger,
    }
    if bundle.turns is not None:
        data["turns"] = bundle.turns
    proofs = [row.get("proof") for row in bundle.choices]
    for start in range(0, len(proofs), PROOFS_A_SCRIPT):
        data[f"proofs-{start // PROOFS_A_SCRIPT}"] = proofs[start : start + PROOFS_A_SCRIPT]
    for name, value in data.items():
        script = write_data_script(name=name, value=value)
        (assets / f"data-{name}.js").write_text(script, encoding="utf-8", newline="\n")


def write_data_script(*, name: str, value: object) -> str:
    r"""Write one value as a script that sets ``window.ANJU_<NAME>``.

    The JSON text goes through ``JSON.parse``: quicker than an object literal for large files, and
    ``__proto__`` is a plain key there. Every ``<``, ``>`` and ``&`` and the two line separators are
    escaped, so no text of the data can end a script or a line of it, wherever the script is put.

    >>> write_data_script(name="units", value=["</script>"])
    'window.ANJU_UNITS = JSON.parse("[\\"\\u003c/script\\u003e\\"]");\n'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    literal = json.dumps(text, ensure_ascii=False)
    for unsafe in "<>&\u2028\u2029":
        literal = literal.replace(unsafe, f"\\u{ord(unsafe):04x}")
    variable = f"ANJU_{name.upper().replace('-', '_')}"
    return f"window.{variable} = JSON.parse({literal});\n"
