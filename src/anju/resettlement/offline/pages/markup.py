"""The part of the page that stands even without JavaScript. All text is escaped."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from anju.resettlement.offline.pages.data import Bundle, Row
    from anju.resettlement.offline.pages.figures import Figures

STATIC_ROWS = 200
"""How many results the page lists where JavaScript is off; the whole is in ``choices.json``."""

_PLACEHOLDER = re.compile(r"\{\{([a-z_]+)\}\}")
SAY_TURN = {
    "waiting": "等待现场选房",
    "called": "正在选房",
    "chosen": "已选定",
    "missed": "过号，没有选房",
    "waived": "放弃选房",
    "returned": "过号或缓选，等本批最后再选",
}
"""What became of a turn, in the reader's words; ``words.js`` says the same."""
_MODES = {"score": "量化评分", "lottery": "摇号选房"}
_REHEARSAL_PILL = '<span class="pill amber">演练</span>'
_REHEARSAL_BAND = (
    '<p class="rehearsal" role="note"><b>演练</b>'
    "<span>这里的签号、顺序和房源分配都不产生任何效力</span></p>"
)
_REHEARSAL_CLAIM = "<li>这是一次<b>演练</b>，用的是过去的信标；它不能、也不会被当作正式结果。</li>"


def escape(value: object) -> str:
    """Make any value safe as text and as a quoted attribute.

    >>> escape('<img onerror="x">')
    '&lt;img onerror=&quot;x&quot;&gt;'
    """
    return html.escape(str(value), quote=True)


def write_front(*, template: str, bundle: Bundle, figures: Figures) -> str:
    """Fill ``index.html``: heading, figures, draws and, without JavaScript, the first results."""
    project = bundle.manifest["project"]
    rehearsal = bool(bundle.manifest["rehearsal"])
    mode = _MODES.get(project["mode"], project["mode"])
    parts = {
        "title": escape(f"{'【演练】' if rehearsal else ''}{project['name']} · 分房结果"),
        "rehearsal_pill": _REHEARSAL_PILL if rehearsal else "",
        "rehearsal_band": _REHEARSAL_BAND if rehearsal else "",
        "rehearsal_claim": _REHEARSAL_CLAIM if rehearsal else "",
        "project": escape(f"{project['name']} · 项目编号 {project['code']} · {mode}"),
        "sentence": _write_sentence(figures.sentence),
        "progress": _write_progress(figures),
        "figures": _write_figures(figures),
        "draws": "".join(_write_draw(row) for row in bundle.draws)
        or '<p class="empty">这个项目没有摇号。</p>',
        "static_results": _write_static_results(bundle),
        "root": escape(bundle.manifest.get("root", "")),
        "size": f"{int(bundle.manifest.get('size', 0)):,}",
        "rules_version": escape(bundle.manifest.get("rules_version", "")),
    }
    return _PLACEHOLDER.sub(lambda found: parts[found[1]], template)


def _write_sentence(sentence: str) -> str:
    """Let a heading break between its clauses only, so that no word of it is cut on a phone."""
    clauses = re.findall(r"[^，]+，?", sentence)
    return "".join(f"<span>{escape(clause)}</span>" for clause in clauses)


def _write_progress(figures: Figures) -> str:
    """Draw the bar: chosen in jade, waiting hatched. An SVG, as the page allows no inline style."""
    if not figures.households:
        return ""
    done = figures.placed * 1000 // figures.households
    said = escape(f"{figures.households:,} 户中 {figures.placed:,} 户已选定")
    return (
        '<svg class="progress" viewBox="0 0 1000 14" preserveAspectRatio="none" role="img"'
        f' aria-label="{said}"><defs><pattern id="hatch" width="8" height="8"'
        ' patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect class="p-ground" width="8" height="8"/><rect class="p-line" width="3" height="8"/>'
        "</pattern></defs>"
        '<rect width="1000" height="14" fill="url(#hatch)"/>'
        f'<rect class="p-done" width="{done}" height="14"/></svg>'
        f'<p class="keys"><span><i class="k-done"></i>已选定 {figures.placed:,} 户</span>'
        f'<span><i class="k-wait"></i>{figures.waiting_for} {figures.waiting:,} 户</span></p>'
    )


def _write_figures(figures: Figures) -> str:
    reserved = f"，其中预留 {figures.reserved:,}" if figures.reserved else ""
    shown = (
        (figures.households, "户参加"),
        (figures.placed, "户已选定"),
        (figures.left, f"套剩余 / 共 {figures.homes:,} 套{reserved}"),
        (figures.batches, "个批次"),
    )
    return "".join(
        f"<div><dt>{escape(label)}</dt><dd>{number:,}</dd></div>" for number, label in shown
    )


def _write_draw(row: Row) -> str:
    """Show one draw: who committed, what the beacon was, and the seed that follows."""
    given, expected = row["input"], row["expected"]
    commitments: Mapping[str, str] = expected["commitments"]
    committers = "".join(
        f"<tr><th scope=row>{escape(_say_committer(who['who']))}</th>"
        f"<td><code>{escape(commitments.get(who['who'], ''))}</code></td></tr>"
        for who in given["committers"]
    )
    beacon = "".join(f"<li><code>{escape(part)}</code></li>" for part in given["beacon"])
    facts = _write_facts(
        (
            ("冻结时刻", _say_moment(given["freeze_at"])),
            ("信标时刻", _say_moment(given["beacon_at"])),
            ("信标写法", given["beacon_rule"]),
            ("作废规则", given["redraw_rule"]),
        )
    )
    roots = _write_digests(
        (("名单根 R", expected["R"]), ("争议户根 P", expected["P"]), ("公告 A", expected["A"]))
    )
    return (
        f'<article class="draw"><h3>{escape(row["stratum"])}</h3>'
        f'<p class="muted">第 {escape(given["draw_id"])} 号 · {len(given["lines"]):,} 户 · '
        f"{len(given['committers'])} 位承诺人</p>"
        f'<p class="seed"><span>种子</span><code>{escape(expected["seed"])}</code></p>'
        f"<details><summary>承诺、信标与名单根</summary>{facts}"
        f'<h4>信标（{len(given["beacon"])} 段，缺一不可）</h4><ol class="beacon">{beacon}</ol>'
        f'<h4>事先封存的承诺</h4><table class="digests">{committers}</table>'
        f"{roots}</details></article>"
    )


def _write_facts(pairs: Iterable[tuple[str, str]]) -> str:
    told = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in pairs
    )
    return f'<dl class="facts">{told}</dl>'


def _write_digests(pairs: Iterable[tuple[str, str]]) -> str:
    rows = "".join(
        f"<tr><th scope=row>{escape(name)}</th><td><code>{escape(value)}</code></td></tr>"
        for name, value in pairs
    )
    return f'<h4>名单根与公告</h4><table class="digests">{rows}</table>'


def _say_committer(who: str) -> str:
    """Say a committer's role in the reader's words; an unknown role stays as it is."""
    known = {"operator": "承办单位", "notary": "公证处", "supervisor": "监督部门"}
    if who.startswith("rep-"):
        return f"被征收人代表 {who.removeprefix('rep-')}"
    return known.get(who, who)


def _say_moment(moment: str) -> str:
    """Shorten ``2026-11-23T17:00:00+08:00`` for reading; anything else stays as it is."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):00\+08:00", moment)
    return f"{found[1]} {found[2]}（北京时间）" if found else moment


def _write_static_results(bundle: Bundle) -> str:
    names = {row["ticket"]: row["name"] for row in bundle.roster}
    rows = "".join(
        f"<tr><td>{escape(row['place'])}</td><td>{escape(row['ticket'])}</td>"
        f"<td>{escape(names.get(row['ticket'], ''))}</td>"
        f"<td>{escape('、'.join(row['units'])) or SAY_TURN[row.get('state', 'waiting')]}</td>"
        f"<td>{escape(row['area_sqm'])}</td></tr>"
        for row in bundle.choices[:STATIC_ROWS]
    )
    shown = min(STATIC_ROWS, len(bundle.choices))
    return (
        f"<p>浏览器没有开启 JavaScript，下面列出前 {shown:,} 行，"
        f"共 {len(bundle.choices):,} 行。全部结果在同一文件夹的 <code>choices.json</code>，"
        "名单在 <code>order.json</code>，房源在 <code>units.json</code>。</p>"
        '<table class="plain"><thead><tr><th>顺序</th><th>票号</th><th>姓名</th>'
        f"<th>房源</th><th>面积 ㎡</th></tr></thead><tbody>{rows}</tbody></table>"
    )
