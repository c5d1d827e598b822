"""Files stay short, and name no registry."""

from __future__ import annotations

import warnings

from tests.architecture.source_files import ROOT, kept_files, place, python_files

MOST_LINES = 500
ONE_FILE_BY_PURPOSE = {"src/anju/resettlement/offline/standalone/verify_bundle.py": 1_000}
"""Files that must travel alone and so cannot be split, each with a budget and a decision record."""
MANY_LINES = 400
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs"),
        ("npmmirror", "com"),
        ("deb", "debian", "org"),
        ("snapshot", "debian", "org"),
        ("crates", "io"),
    )
)


def over(lengths: dict[str, int], limit: int) -> dict[str, int]:
    """Give the files with more lines than the limit."""
    return {name: lines for name, lines in lengths.items() if lines > limit}


def named_registries(text: str) -> list[str]:
    """Give the hosts of package registries that a text names."""
    return [host for host in REGISTRIES if host in text.lower()]


def test_no_file_is_longer_than_its_budget() -> None:
    lengths = {
        place(file): len(file.read_text(encoding="utf-8").splitlines())
        for file in python_files("src", "tests", "tools", "bench")
    }
    for name, lines in sorted(over(lengths, MANY_LINES).items()):
        print(f"{name}: {lines} lines; over {MANY_LINES} it should become a folder")  # noqa: T201
    assert over(lengths, MOST_LINES).keys() <= ONE_FILE_BY_PURPOSE.keys()
    assert all(lengths[name] <= budget for name, budget in ONE_FILE_BY_PURPOSE.items())


def test_control_a_long_file_is_found() -> None:
    assert over({"a.py": 500, "b.py": 501}, MOST_LINES) == {"b.py": 501}


def test_no_file_names_a_registry() -> None:
    found = {}
    for file in kept_files():
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        hosts = named_registries(text)
        if hosts:
            found[place(file)] = hosts
    assert found == {}


def test_control_a_named_registry_is_found() -> None:
    assert named_registries("--index-url https://" + REGISTRIES[0].upper() + "/simple")
    assert not named_registries("pip install --require-hashes -r requirements/run.txt")


def test_locks_pin_every_line_with_a_hash() -> None:
    for file in sorted((ROOT / "requirements").glob("*.txt")):
        assert unhashed(file.read_text(encoding="utf-8")) == [], place(file)


def test_control_an_unpinned_line_is_found() -> None:
    assert unhashed("rich==15.0.0\n") == ["rich==15.0.0"]
    assert unhashed("rich>=15 \\\n    --hash=sha256:00\n") == ["rich>=15"]
    assert unhashed("rich==15.0.0 \\\n    --hash=sha256:00\n    # via typer\n") == []


def unhashed(lock: str) -> list[str]:
    """Give the requirements of a lock that lack an exact version or a hash."""
    joined = [line.strip() for line in lock.replace("\\\n", " ").splitlines()]
    wanted = [line for line in joined if line and not line.startswith("#")]
    return [
        line.split("--hash")[0].strip()
        for line in wanted
        if "==" not in line.split("--hash")[0].split(";")[0] or "--hash=sha256:" not in line
    ]


def test_warnings_are_errors_here() -> None:
    try:
        warnings.warn("planted", UserWarning, stacklevel=1)
    except UserWarning:
        return
    message = "a planted warning went by: filterwarnings=error is not in force"
    raise AssertionError(message)
