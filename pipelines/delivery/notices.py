"""Telling people without being asked: urgent cases as they open, and each day's digest.

A notice names queues, orders and times, which every post may see; never a person or an amount. What
has been told is a line in `connections/notices.seen`; after a crash a notice comes again under its
key.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import smtplib
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from orderhouse.access import get_policy
from orderhouse.connections import MailConnection, WebhookConnection, load_connections
from orderhouse.failpoints import reach
from orderhouse.ledger import Mention, case_states, fresh_mentions, list_users, open_ledger
from orderhouse.settings import MissingCredential, Settings, named
from orderhouse.terms import terms_for
from pipelines.delivery.calls import Caller, Refused, Unreachable
from pipelines.delivery.webhooks import signed_headers
from pipelines.publish import current_build

log = logging.getLogger("orderhouse.progress")
Place = WebhookConnection | MailConnection
# What was open before is on people's desks already; a first round must not flood them.
_FRESH, _MOST, _SEVERE = timedelta(hours=24), 50, 1
# What happens all of a sudden concerns every post, not only the one that settles it.
_FOR_ALL = frozenset({"Q35"})
_CASES = """
    select items.item_id, items.queue_code, items.order_id, items.entity_id, items.opened_at,
        queues.name_zh, queues.name_en
    from marts.queue_items as items
    inner join policies.queues as queues using (queue_code)
    where items.severity = ? and items.opened_at > ? and items.opened_at <= ?
        and (items.closed_at is null or items.closed_at > ?)
    order by items.opened_at, items.item_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One text for one place. `about`: what counts as told once it is sent."""

    about: tuple[str, ...]
    subject: str
    text: str

    def key(self, place: Place) -> str:
        told = "|".join((place.name, *self.about))
        return "n-" + hashlib.sha256(told.encode()).hexdigest()[:32]


def notify_once(settings: Settings) -> int:
    """Sends what is new to every place that wants notices; returns how many left."""
    places = [p for p in load_connections(settings).of(Place) if p.notices]
    if not places:
        return 0
    sent, memory = 0, settings.connections_dir / "notices.seen"
    told = set(memory.read_text("utf-8").splitlines()) if memory.exists() else set()
    cases = _cases(settings)
    for place in places:
        for notice in _notices(settings, place, cases, told):
            try:
                _send(settings, place, notice)
            except (Refused, Unreachable, MissingCredential, OSError, smtplib.SMTPException):
                log.warning("%s: a notice could not be sent; it is tried again", place.name)
                break
            reach("notify.after_send")
            _remember(memory, [f"{place.name}|{one}" for one in notice.about])
            sent += 1
    return sent


def _cases(settings: Settings) -> list[dict[str, Any]]:
    """Urgent cases that opened lately and that nobody has decided."""
    build_id, now = current_build(settings), settings.clock()
    if build_id is None:
        return []
    path = settings.serving_dir / f"serving-{build_id}.duckdb"
    with duckdb.connect(str(path), read_only=True) as con:
        rows = con.execute(_CASES, [_SEVERE, now - _FRESH, now, now])
        names = [column[0] for column in rows.description or ()]
        found = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
    ledger = open_ledger(settings.ledger_address)
    try:
        states = case_states(ledger, [row["item_id"] for row in found])
    finally:
        ledger.close()
    return [row for row in found if not states[row["item_id"]].is_decided]


def _notices(
    settings: Settings, place: Place, cases: Sequence[Mapping[str, Any]], told: set[str]
) -> list[Notice]:
    notices = []
    if "urgent" in place.notices:
        role = get_policy().roles[place.role]
        fresh = [
            row for row in cases
            if (role.owns(row["queue_code"]) or row["queue_code"] in _FOR_ALL)
            and f"{place.name}|{row['item_id']}" not in told
        ]  # fmt: skip
        if fresh:
            notices.append(_urgent(settings, place, fresh[:_MOST]))
    if "mentions" in place.notices:
        notices += _mentions(settings, place, told)
    if "digest" in place.notices:
        notices += _digests(settings, place, told)
    return notices


def _urgent(settings: Settings, place: Place, rows: Sequence[Mapping[str, Any]]) -> Notice:
    t = terms_for(place.language)
    lines = [
        t("notice.case", queue=row[f"name_{place.language}"],
          what=row["order_id"] or row["entity_id"],
          opened=_local(settings, row["opened_at"]))
        for row in rows
    ]  # fmt: skip
    subject = t("notice.urgent", n=len(rows))
    return Notice(
        about=tuple(row["item_id"] for row in rows), subject=subject, text="\n".join(lines)
    )


def _mentions(settings: Settings, place: Place, told: set[str]) -> list[Notice]:
    """Who of the post was named where. What was said stays in the house."""
    ledger = open_ledger(settings.ledger_address)
    try:
        people = {user.user_id: user for user in list_users(ledger)}
        fresh = [
            one
            for one in fresh_mentions(ledger, settings.clock(), _FRESH)
            if place.role in people[one.user_id].roles and f"{place.name}|{_mark(one)}" not in told
        ][:_MOST]
    finally:
        ledger.close()
    if not fresh:
        return []
    t, queues = terms_for(place.language), _queue_names(settings, place.language)
    lines = [
        t("notice.mention", by=people[one.by].display_name,
          who=people[one.user_id].display_name, at=_local(settings, one.at),
          queue=queues.get(one.queue_code or "", one.queue_code),
          what=one.order_id or one.entity_id)
        for one in fresh
    ]  # fmt: skip
    subject = t("notice.mentions", n=len(fresh))
    return [Notice(about=tuple(map(_mark, fresh)), subject=subject, text="\n".join(lines))]


def _mark(one: Mention) -> str:
    return f"mention-{one.action_id}-{one.user_id}"


def _queue_names(settings: Settings, language: str) -> dict[str, str]:
    build_id = current_build(settings)
    if build_id is None:
        return {}
    path = settings.serving_dir / f"serving-{build_id}.duckdb"
    with duckdb.connect(str(path), read_only=True) as con:
        names = "name_zh" if language == "zh" else "name_en"
        rows = con.execute(f"select queue_code, {names} from policies.queues").fetchall()  # noqa: S608  two constants
    return dict(rows)


def _local(settings: Settings, at: datetime) -> str:
    zone = ZoneInfo(settings.reporting_zone)
    return f"{at.replace(tzinfo=ZoneInfo('UTC')).astimezone(zone):%m-%d %H:%M}"


def _digests(settings: Settings, place: Place, told: set[str]) -> list[Notice]:
    """The newest day's digest of the post, as it lies in the outbox."""
    days = sorted((settings.outbox_dir / "digests").glob("*"))
    path = days[-1] / f"{place.role}.{place.language}.md" if days else None
    if path is None or not path.exists():
        return []
    about = f"digest-{path.parent.name}"
    if f"{place.name}|{about}" in told:
        return []
    subject = terms_for(place.language)("notice.digest", day=path.parent.name)
    return [Notice(about=(about,), subject=subject, text=path.read_text("utf-8"))]


def _send(settings: Settings, place: Place, notice: Notice) -> None:
    if isinstance(place, MailConnection):
        _mail(place, notice)
        return
    key = notice.key(place)
    said = {"idempotency_key": key, "role": place.role, "subject": notice.subject,
            "text": notice.text}  # fmt: skip
    body = json.dumps(said, ensure_ascii=False, sort_keys=True).encode()
    secret = named(place.secret).get_secret_value()
    caller = Caller(timeout_seconds=place.timeout_seconds)
    try:
        headers = signed_headers(secret, key, settings.clock(), body)
        caller.call("POST", place.url, content=body, headers=headers)
    finally:
        caller.close()


def _mail(place: MailConnection, notice: Notice) -> None:
    message = EmailMessage()
    message["Subject"], message["From"] = notice.subject, place.sender
    message["To"] = ", ".join(place.to)
    message["Message-ID"] = f"<{notice.key(place)}@{place.sender.partition('@')[2]}>"
    message.set_content(notice.text)
    context = ssl.create_default_context()
    server = (
        smtplib.SMTP_SSL(place.host, place.port, timeout=place.timeout_seconds, context=context)
        if place.security == "tls"
        else smtplib.SMTP(place.host, place.port, timeout=place.timeout_seconds)
    )
    try:
        if place.security == "starttls":
            server.starttls(context=context)
        if place.user and place.password:
            server.login(
                named(place.user).get_secret_value(), named(place.password).get_secret_value()
            )
        server.send_message(message)
    finally:
        with suppress(smtplib.SMTPException):
            server.quit()


def _remember(memory: Path, lines: Sequence[str]) -> None:
    memory.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with memory.open("a", encoding="utf-8") as stream:
        stream.write("".join(f"{line}\n" for line in lines))
        stream.flush()
        os.fsync(stream.fileno())
