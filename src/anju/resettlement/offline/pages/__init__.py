"""The result as pages a person opens from a stick: no server, no network, nothing to install.

``write_pages`` reads the bundle's JSON files and writes ``index.html`` and ``assets/`` beside them.
A browser refuses to ``fetch`` from ``file://``, so the data go into scripts (``assets/data-*.js``),
one for each file of the bundle; what the page shows and checks is therefore the published data, and
nothing else.

The pages decide nothing. The figures at the top are counted here, so that they stand without
JavaScript too.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from anju.resettlement.offline.pages.data import read_bundle, write_data_scripts
from anju.resettlement.offline.pages.figures import count_figures
from anju.resettlement.offline.pages.markup import write_front

__all__ = ["STATIC_FILES", "write_pages"]

STATIC_FILES = (
    "style.css",
    "print.css",
    "sm3.js",
    "proofs.js",
    "words.js",
    "store.js",
    "lists.js",
    "facade.js",
    "sheet.js",
    "household.js",
    "checks.js",
    "checking.js",
    "app.js",
)
"""The files copied into ``assets/`` unchanged; scripts in the order in which they load."""


def write_pages(folder: Path) -> None:
    """Write ``index.html`` and ``assets/`` into a bundle folder, from the JSON files in it.

    ``folder`` must hold ``manifest.json``; a digest of a JSON file that it does not list yet is
    reckoned here, and digests of other files are left out of the page's copy: the manifest may be
    finished, with the pages' own digests, afterwards. The same JSON files give the same bytes.

    Refuses with ``pages.file-missing`` or ``pages.file-unreadable`` (fact ``file``).
    """
    bundle = read_bundle(folder)
    assets = folder / "assets"
    assets.mkdir(exist_ok=True)
    write_data_scripts(bundle, assets=assets)
    static = files(__package__) / "static"
    for name in STATIC_FILES:
        (assets / name).write_bytes((static / name).read_bytes())
    template = (static / "index.html").read_text(encoding="utf-8")
    front = write_front(template=template, bundle=bundle, figures=count_figures(bundle))
    (folder / "index.html").write_text(front, encoding="utf-8", newline="\n")
