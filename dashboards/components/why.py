"""Why a case is here: a sentence from its rule and facts, written when it is read.

The marts carry names, values, operators and thresholds. The words come from the catalogue, so an
old case changes language with its reader. Values are data: whoever shows the sentence treats it as
plain text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from dashboards.components.format import NOTHING, Format
from dashboards.labels import Labels
from orderhouse.terms import Terms

# Facts whose value is a code of a domain that has labels.
CODED = {
    "last_state_code": "carrier_state",
    "norm_state": "carrier_state",
    "state": "carrier_state",
    "break_type": "break",
    "closed_by": "break_state",
    "reason_code": "reason",
    "sla_code": "sla",
    "rule_code": "rule",
    "recon_code": "recon",
    "headline_status": "headline",
    "payment_status": "payment",
    "channel": "channel",
    "deviation_code": "deviation",
    "case_kind": "case_kind",
    "return_problem": "return_problem",
    "refund_anomaly": "refund_anomaly",
    "complaint_level": "complaint_level",
    "late_promise": "sla",
    "supply_problem": "supply_problem",
    "statement_problem": "statement_problem",
    "channel_state": "channel_state",
    "hold_type": "hold_type",
    "event_type": "event",
    "incident_kind": "incident_kind",
    "sent_verb": "verb",
    "delivery_code": "delivery",
    "conflict_code": "state_conflict",
    "oms_state": "source_state",
    "wms_state": "source_state",
    "carrier_state": "source_state",
    "finance_state": "source_state",
    "check_verdict": "check_verdict",
}
# Facts that list several codes of a domain.
LISTED = {"roles": "role", "role_conflict": "role"}
# Said by the sentence already, or only there to write another fact.
HIDDEN = frozenset({"currency_code", "sla_code", "rule_code", "file_name"})


def sentence(item: Mapping[str, Any], terms: Terms, labels: Labels, fmt: Format) -> str:
    """One line: what the rule saw, with the values and the limits it compared them with."""
    lead = _lead(item, item.get("why") or {}, terms, labels, fmt)
    facts = _facts(item, terms, labels, fmt)
    return terms("why.sentence", lead=lead, facts=facts) if facts else lead


def brief(item: Mapping[str, Any], terms: Terms, labels: Labels, fmt: Format) -> str:
    """For a narrow column beside the queue's name: what differs from case to case."""
    facts = _facts(item, terms, labels, fmt)
    is_timed = bool((item.get("why") or {}).get("clock")) and item.get("queue_code") != "Q07"
    if is_timed or not facts:
        return _lead(item, item.get("why") or {}, terms, labels, fmt)
    return facts


def _facts(item: Mapping[str, Any], terms: Terms, labels: Labels, fmt: Format) -> str:
    currency, why = item.get("currency_code"), item.get("why") or {}
    told = [fact for fact in why.get("facts", ()) if _is_worth_telling(fact)]
    said = [fact_text(fact, terms, labels, fmt, currency) for fact in told]
    return terms("why.join").join(said)


def _lead(
    item: Mapping[str, Any], why: Mapping[str, Any], terms: Terms, labels: Labels, fmt: Format
) -> str:
    """The queue's own words, with its clock's times where it has one."""
    queue, clock = item.get("queue_code"), why.get("clock") or {}
    started, due = _moment(clock.get("started_at")), _moment(clock.get("due_at"))
    if started and due and terms.has(f"why.{queue}.clock"):
        return terms(f"why.{queue}.clock", started=fmt.time(started), due=fmt.time(due))
    if terms.has(kind := f"why.{queue}.{item.get('entity_type')}"):
        return terms(kind)
    return terms(f"why.{queue}") if terms.has(f"why.{queue}") else labels("queue", queue)


def _is_worth_telling(fact: Mapping[str, Any]) -> bool:
    """Not a condition that holds: `missing price = 0` says nothing about why a case is here."""
    name, operator = str(fact.get("name") or ""), fact.get("op")
    value, limit = fact.get("value"), fact.get("threshold")
    if name in HIDDEN or value in (None, ""):
        return False
    number, bound = _number(value), _number(limit)
    if operator == "=":
        return number != bound if number is not None and bound is not None else value != limit
    if operator == "<=" and not name.endswith("_minutes"):
        return number is None or bound is None or number > bound
    return True


def fact_text(
    fact: Mapping[str, Any], terms: Terms, labels: Labels, fmt: Format, currency: str | None
) -> str:
    """`应付 ¥6,230.00（超过 ¥5,000.00）`; a review rule's own name goes before it."""
    rule, _, name = str(fact.get("name") or "").rpartition(".")
    label = fact_label(name, terms)
    if name.startswith("missing_"):
        return label
    shown = value_text(name, fact.get("value"), labels, fmt, currency)
    said = terms("why.fact", name=label, value=shown)
    limit, operator = fact.get("threshold"), fact.get("op")
    if _has_limit(fact) and terms.has(f"operator:{operator}"):
        bound = value_text(name, limit, labels, fmt, currency)
        told = terms(f"operator:{operator}", limit=bound)
        said = terms("why.fact_limit", name=label, value=shown, limit=told)
    return terms("why.sentence", lead=labels("rule", rule), facts=said) if rule else said


def _has_limit(fact: Mapping[str, Any]) -> bool:
    """A limit worth saying: there is one, it is not zero, and it is not the value itself."""
    limit = fact.get("threshold")
    if limit in (None, "") or limit == fact.get("value") or fact.get("op") == "=":
        return False
    return _number(limit) != 0


def fact_label(name: str, terms: Terms) -> str:
    """What a fact is called; a new one without a label is its own name."""
    return terms.code("fact", name) if terms.has(f"fact:{name}") else name.replace("_", " ")


def value_text(name: str, value: Any, labels: Labels, fmt: Format, currency: str | None) -> str:
    """A fact's value by what its name says it is."""
    if value is None or value == "":
        return NOTHING
    if name in LISTED:
        codes = re.split(r"[|+]", str(value))
        return " + ".join(labels(LISTED[name], code) for code in codes)
    if name in CODED:
        return labels(CODED[name], value)
    number = _number(value)
    if number is not None:
        return _numeric(name, number, fmt, currency)
    if name.endswith("_at"):
        moment = _moment(value)
        return fmt.time(moment) if moment else str(value)
    return labels("value", value) if isinstance(value, str) else str(value)


def _numeric(name: str, number: Decimal, fmt: Format, currency: str | None) -> str:
    if name.endswith("_amount"):
        return fmt.money(number, currency)
    if name.endswith("_ratio"):
        return fmt.ratio(number)
    if name.endswith("_minutes"):
        return fmt.duration(timedelta(minutes=float(number)))
    if name.endswith("_hours"):
        return fmt.duration(timedelta(hours=float(number)))
    return fmt.quantity(number)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _moment(value: Any) -> datetime | None:
    if not value:
        return None
    try:
        return datetime.fromisoformat(str(value).replace("Z", "+00:00")).replace(tzinfo=None)
    except ValueError:
        return None
