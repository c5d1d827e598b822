"""The static copy's page: plain HTML with a style sheet beside it, no script, nothing to load.

It is made from the document alone, so that everybody makes the same bytes of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from html import escape
from typing import Any

from anju.foundation.core.clock import CHINA

STYLE_FILE = "notice.css"
STYLE = """\
:root { color-scheme: light dark; --wall: #fbfaf6; --paper: #fff; --ink: #1f2a2e;
  --line: #e3dfd4; --slate: #4d5a60; --seal: #b3301b; --jade: #0b6b5d; }
@media (prefers-color-scheme: dark) {
  :root { --wall: #14191b; --paper: #1c2325; --ink: #eef0ea; --line: #343d40;
    --slate: #b2bcbf; --seal: #ff8f78; --jade: #63c8b3; } }
* { box-sizing: border-box; }
html { font: 18px/1.7 "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC",
  "Microsoft YaHei", system-ui, sans-serif; color: var(--ink); background: var(--wall);
  font-variant-numeric: tabular-nums; }
body { max-width: 860px; margin: 0 auto; padding: 24px 16px 48px; }
header { border-bottom: 3px solid var(--ink); padding-bottom: 12px; margin-bottom: 20px; }
h1 { font: 700 1.7rem/1.3 "Noto Serif CJK SC", "Songti SC", serif; margin: 4px 0; }
h2 { font: 700 1.15rem/1.4 "Noto Serif CJK SC", "Songti SC", serif; margin: 28px 0 8px; }
p { margin: 0 0 10px; overflow-wrap: anywhere; } a { color: var(--jade); }
.muted { color: var(--slate); } .sign { text-align: right; margin-top: 20px; }
.scroll { overflow-x: auto; background: var(--paper); border: 1px solid var(--line);
  border-radius: 10px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; padding: 8px 12px; border-bottom: 1px solid var(--line);
  vertical-align: top; min-width: 5.5em; }
thead th { color: var(--slate); font-weight: 500; white-space: nowrap; }
tbody tr:last-child > * { border-bottom: 0; }
.seal { border: 2px solid var(--seal); color: var(--seal); border-radius: 4px; padding: 0 6px;
  font-weight: 700; }
@media print { html { background: #fff; font-size: 12pt; } }
"""
_COUNTING = {"calendar": "自然日", "working": "工作日"}
_CHECK = (
    '这个文件夹的名字就是<a href="manifest.json">清单</a>的 SM3 指纹，'
    "清单里写着每个文件的指纹；指纹写进了存证日志，"
    '<a href="signature.json">签名</a>和<a href="proof.json">存证证明</a>在旁边'
    "（证明要等日志签出以后才有）。公示有没有延长、撤回，请按编号看网站的公示栏。"
)


def china_day(at: datetime) -> date:
    """Give the day in China at a moment: notices run by its days."""
    return at.astimezone(CHINA).date()


def write_page(told: Mapping[str, Any]) -> bytes:
    """Write the page of a document."""
    term = told["term"]
    moment = datetime.fromisoformat(told["published_at"]).astimezone(CHINA)
    published = f"{moment.year} 年 {moment.month} 月 {moment.day} 日"
    lines = [
        "<!doctype html>",
        '<html lang="zh-Hans"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(told['title'])}</title>",
        f'<link rel="stylesheet" href="{STYLE_FILE}"></head><body>',
        f'<header><div class="muted">{escape(told["place"])} · 公示 {escape(told["number"])}</div>',
        f"<h1>{escape(told['title'])}</h1></header>",
        *(f"<p>{escape(text)}</p>" for text in told["paragraphs"]),
        *_table(told),
        *_annexes(told),
        "<h2>公示多久</h2>",
        f"<p>{_say_term(term)}</p>",
        "<h2>有意见怎么提</h2>",
        f"<p>{escape(told['channel'])}</p>",
        *_clauses(told["clauses"]),
        *_predecessor(told["predecessor"]),
        f'<p class="sign">{escape(told["issuer"])}<br>{published}</p>',
        '<h2><span class="seal">证</span> 这一页是不是原样</h2>',
        f'<p class="muted">{_CHECK}</p>',
        "</body></html>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _say_term(term: Mapping[str, Any]) -> str:
    moves = "最后一天是休息日的，顺延到下一个工作日；" if term["ends_on_working_day"] else ""
    return (
        f"公示期 {term['length']} 个{_COUNTING[term['counting']]}，"
        f"从第一次真正公开看得到的第二天起算；{moves}有一天看不到，就延长一天。"
    )


def _table(told: Mapping[str, Any]) -> Iterable[str]:
    if not told["rows"]:
        return
    heads = "".join(f'<th scope="col">{escape(column["label"])}</th>' for column in told["columns"])
    yield f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>'
    for row in told["rows"]:
        yield "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
    yield "</tbody></table></div>"
    yield '<p class="muted">姓名、号码按规定作了遮盖。</p>'


def _annexes(told: Mapping[str, Any]) -> Iterable[str]:
    if told["annexes"]:
        yield "<h2>附件</h2><ul>"
        for annex in told["annexes"]:
            yield f'<li><a href="{annex["file"]}">{escape(annex["title"])}</a></li>'
        yield "</ul>"


def _clauses(clauses: list[str]) -> Iterable[str]:
    if clauses:
        yield f'<p class="muted">依据：{escape("；".join(clauses))}</p>'


def _predecessor(told: Mapping[str, Any] | None) -> Iterable[str]:
    if told is not None:
        yield f"<p>本公示代替已撤回的公示 {escape(told['number'])}，公示期重新计算。</p>"
