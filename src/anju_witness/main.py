"""``anju-witness``: set up, run, and show what a witness holds."""

from __future__ import annotations

import argparse
import signal
import sys
import tomllib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from threading import Event

from anju_rules.values import Refusal
from anju_witness.asking import ask_head, hand_in
from anju_witness.clock import read_seconds
from anju_witness.folder import (
    Head,
    cosign,
    hold_folder,
    list_evidence,
    read_head,
    read_own_key,
    read_settings,
    set_up,
)

SECONDS_BETWEEN = 1.0
_LONGEST_WAIT = 30.0
REFUSED = 1
"""The exit code of a witness that will not start."""


@dataclass(slots=True)
class Round:
    """One witness at work; what it must not forget stands in its folder alone."""

    folder: Path
    url: str = ""
    """Where to ask instead of the address in its settings."""
    handed_size: int = 0
    _said: str = field(default="", init=False)

    def go(self) -> Head:
        """Ask, cosign, hand in, once; gives the head it vouches for."""
        url = self.url or read_settings(self.folder).url
        head = read_head(self.folder, key=read_own_key(self.folder))
        offer = ask_head(url, since=head.size)
        if offer is not None:
            head = cosign(self.folder, note=offer.note, path=offer.path, seconds=read_seconds())
        if head.size != self.handed_size:
            # Also what was signed before a crash and never arrived.
            hand_in(url, size=head.size, signature=head.signature)
            self.handed_size = head.size
        return head

    def say(self, words: str) -> None:
        """Say what changed; the same once more is not said again."""
        if words != self._said:
            _tell(words)
        self._said = words


def run(folder: Path, *, every: float, once: bool, url: str = "") -> int:
    """Work until told to stop; gives the exit code.

    A witness that cannot know what it signed refuses to start, and stops if it comes to that later.
    """
    with ExitStack() as stack:
        try:
            key = read_own_key(folder)
            read_settings(folder)
            read_head(folder, key=key)
            stack.enter_context(hold_folder(folder))
        except Refusal as refusal:
            _tell(say(refusal))
            return REFUSED
        return _work(Round(folder, url), name=key.name, every=every, once=once)


def _work(turn: Round, *, name: str, every: float, once: bool) -> int:
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    wait = 0.0
    while not stop.wait(wait):
        wait = every
        try:
            turn.go()
            turn.say(f"{name} 正在见证")
        except Refusal as refusal:
            turn.say(say(refusal))
            if refusal.code in _ENDS:
                return REFUSED
            if refusal.code == "witness.log-away":
                wait = min(_LONGEST_WAIT, every * 3)
            if once:
                return REFUSED
        if once:
            return 0
    return 0


_ENDS = frozenset(
    {
        "witness.head-lost",
        "witness.head-unreadable",
        "witness.key-broken",
        "witness.key-readable-by-others",
        "witness.key-unreadable",
        "witness.not-set-up",
        "witness.settings-unreadable",
    }
)
"""After these a witness must not go on."""


def show(folder: Path, *, what: str) -> int:
    """Print the public keys, the last head with its lines, or the files of evidence."""
    key = read_own_key(folder)
    if what == "key":
        lines = [public.write() for public in key.public_keys]
    elif what == "head":
        head = read_head(folder, key=key)
        lines = [(head.note + head.signature).rstrip("\n")] if head.note else []
    else:
        lines = [str(file) for file in list_evidence(folder)]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


def say(refusal: Refusal) -> str:
    """Put a refusal into words, its code behind them."""
    words = tomllib.loads(resources.files("anju_witness").joinpath("words.toml").read_text("utf-8"))
    template = words.get(refusal.code, {}).get("zh", "")
    try:
        told = template.format(**refusal.facts)
    except (KeyError, IndexError):
        told = template
    return f"{told}（{refusal}）" if told else str(refusal)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit code."""
    told = _parser().parse_args(arguments)
    folder = Path(told.folder)
    try:
        if told.command == "init":
            key = set_up(folder, name=told.name, log=told.log, url=told.url)
            sys.stdout.write("".join(f"{public.write()}\n" for public in key.public_keys))
            return 0
        if told.command == "run":
            return run(folder, every=told.every, once=told.once, url=told.url)
        return show(folder, what=told.command)
    except Refusal as refusal:
        _tell(say(refusal))
        return REFUSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="anju-witness", description="存证日志的见证人。")
    commands = parser.add_subparsers(dest="command", required=True)
    init = commands.add_parser("init", help="设立：生成自己的密钥，记下日志的公钥和网址")
    run_ = commands.add_parser("run", help="持续见证，Ctrl-C 停止")
    rest = [
        commands.add_parser("key", help="打印公钥，写进各方的见证名单"),
        commands.add_parser("head", help="打印最后见证的存证点"),
        commands.add_parser("evidence", help="列出留下的分叉证据"),
    ]
    for each in (init, run_, *rest):
        each.add_argument("folder", metavar="文件夹", help="见证人自己的文件夹")
    init.add_argument("--name", required=True, help="见证人的名字（英文字母、数字）")
    init.add_argument("--log", required=True, help="公告上的存证公钥")
    init.add_argument("--url", required=True, help="平台的公开网址，如 https://anju.example")
    run_.add_argument("--url", default="", help="平台的公开网址，代替设立时记下的")
    run_.add_argument("--every", type=float, default=SECONDS_BETWEEN, help="每隔几秒看一次")
    run_.add_argument("--once", action="store_true", help="只看一次")
    return parser


def _tell(words: str) -> None:
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()
