"""Writes the digest of a day into the outbox: a file for each post, language and format.

`outbox/digests/<day>/<role>.<language>.html` and `.md`, whole or not at all; the same build and day
give the same bytes. Whoever sends them takes them from there. Run as `python -m dashboards.digest`
by the command line and by the schedule.
"""

from __future__ import annotations

import argparse
import html
import json
import sys
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from dashboards.components.format import Format, plain
from dashboards.labels import Labels
from dashboards.queries.digest import digest
from dashboards.queries.kpis import Kpis
from dashboards.queries.reports.shape import Report, Section
from dashboards.reader import Reader
from dashboards.warehouse import NoSnapshot, Snapshot, current_snapshot
from dashboards.words import Words
from orderhouse.access import Policy, get_policy
from orderhouse.settings import Settings, get_settings
from orderhouse.terms import LANGUAGES, terms_for

_STYLE = (
    "body{font:14px/1.5 system-ui,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;"
    "color:#0f172a;max-width:820px;margin:24px auto;padding:0 16px}h1{color:#0f766e;font-size:22px}"
    "h2{font-size:15px;margin:22px 0 6px}table{border-collapse:collapse;width:100%}"
    "th{background:#f1f5f9;color:#64748b;font-weight:400;font-size:12px}"
    "td,th{padding:4px 8px;border-bottom:1px solid #e2e8f0;text-align:right}"
    "td:first-child,th:first-child{text-align:left}p{color:#64748b;font-size:12px;margin:4px 0}"
)


def digest_of(
    snapshot: Snapshot, settings: Settings, policy: Policy, roles: Sequence[str], day: date
) -> Report:
    """The digest of some posts, of the whole business."""
    kpis = Kpis(
        Reader(snapshot, policy, tuple(roles), None),
        settings.reporting_zone,
        settings.reporting_currency,
    )
    return digest(kpis, day, roles)


def folder(settings: Settings, day: date) -> Path:
    """Where the digests of a day lie."""
    return settings.outbox_dir / "digests" / day.isoformat()


def write_all(settings: Settings, day: date) -> list[Path]:
    """Writes every post's digest in every language; returns the files.

    Raises:
        NoSnapshot: nothing is published yet.
    """
    snapshot, policy = current_snapshot(settings), get_policy()
    into = folder(settings, day)
    into.mkdir(parents=True, exist_ok=True)
    written = []
    for role in policy.roles:
        if not policy.digest_of([role]):
            continue
        report = digest_of(snapshot, settings, policy, [role], day)
        for language in LANGUAGES:
            words = words_of(snapshot, settings, language)
            for suffix, text in (
                ("html", as_html(words, report, snapshot, role, day)),
                ("md", as_markdown(words, report, snapshot, role, day)),
            ):
                path = into / f"{role}.{language}.{suffix}"
                part = path.with_name(f".{path.name}.part")
                part.write_text(text, encoding="utf-8")
                part.replace(path)
                written.append(path)
    return written


def words_of(snapshot: Snapshot, settings: Settings, language: str) -> Words:
    terms = terms_for(language)
    return Words(
        terms=terms,
        fmt=Format(language, ZoneInfo(settings.reporting_zone)),
        labels=Labels(terms, snapshot),
        reporting_currency=settings.reporting_currency,
    )


def _head(words: Words, snapshot: Snapshot, role: str, day: date) -> tuple[str, str]:
    t, manifest = words.terms, snapshot.manifest
    as_of = manifest.as_of or manifest.published_at
    title = t("digest.title", day=words.fmt.day(day), role=t.code("role", role))
    return title, t("digest.lead", time=words.fmt.time(as_of), build=manifest.build_id)


def _tables(words: Words, report: Report) -> list[tuple[Section, list[str], list[list[str]]]]:
    currency = words.currency_of(report)
    return [
        (
            section,
            [words.heading(column) for column in section.columns],
            [[words.written(cell, currency) for cell in row] for row in section.rows],
        )
        for section in report.sections
    ]


def as_html(words: Words, report: Report, snapshot: Snapshot, role: str, day: date) -> str:
    """A page of its own that fetches nothing."""
    title, lead = (html.escape(text) for text in _head(words, snapshot, role, day))
    parts = [
        f'<!doctype html><html lang="{words.terms.language}"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1><p>{lead}</p>"
    ]
    for section, heads, rows in _tables(words, report):
        parts.append(f"<h2>{html.escape(words.title(section))}</h2>")
        parts += [f"<p>{html.escape(words.terms(note))}</p>" for note in section.notes]
        if not rows:
            parts.append(f"<p>{html.escape(words.terms('digest.none'))}</p>")
            continue
        lines = [("th", heads), *(("td", row) for row in rows)]
        body = "".join(
            f"<tr>{''.join(f'<{tag}>{html.escape(text)}</{tag}>' for text in row)}</tr>"
            for tag, row in lines
        )
        parts.append(f"<table>{body}</table>")
    return "\n".join([*parts, "</body></html>\n"])


def as_markdown(words: Words, report: Report, snapshot: Snapshot, role: str, day: date) -> str:
    """The same for chat and terminals."""
    title, lead = _head(words, snapshot, role, day)
    lines = [f"# {plain(title)}", "", plain(lead)]
    for section, heads, rows in _tables(words, report):
        lines += ["", f"## {plain(words.title(section))}", ""]
        lines += [plain(words.terms(note)) + "\n" for note in section.notes]
        if not rows:
            lines.append(plain(words.terms("digest.none")))
            continue
        for row in (heads, ["---", *["---:"] * (len(heads) - 1)], *rows):
            is_rule = row[0] == "---"
            lines.append(f"| {' | '.join(text if is_rule else plain(text) for text in row)} |")
    return "\n".join([*lines, ""])


def yesterday(settings: Settings, now: datetime) -> date:
    """The last whole business day."""
    zone = ZoneInfo(settings.reporting_zone)
    return Format("en", zone).local(now).date() - timedelta(days=1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the digests of `--date` (default yesterday); prints the files as JSON."""
    parser = argparse.ArgumentParser(prog="dashboards.digest")
    parser.add_argument("--date", type=date.fromisoformat, default=None)
    settings = get_settings()
    day = parser.parse_args(arguments).date or yesterday(settings, settings.clock())
    try:
        files = write_all(settings, day)
    except NoSnapshot:
        sys.stderr.write("Nothing is published yet. Run: orderhouse build\n")
        return 1
    sys.stdout.write(json.dumps([str(path) for path in files]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
