"""Why a case is here: a sentence from its rule and facts, written when it is read.

The marts carry names, values, operators and thresholds. The words come from the catalogue, so an
old case changes language with its reader. Values are data: whoever shows the sentence treats it as
plain text.
"""

from __future__ import annotations

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
    "reason_code": "reason",
    "sla_code": "sla",
    "rule_code": "rule",
    "recon_code": "recon",
    "headline_status": "headline",
    "payment_status": "payment",
    "channel": "channel",
    "deviation_code": "deviation",
}
# Said by the sentence already, or only there to write another fact.
HIDDEN = frozenset({"currency_code", "sla_code", "rule_code"})


def sentence(item: Mapping[str, Any], terms: Terms, labels: Labels, fmt: Format) -> str:
    """One line: what the rule saw, with the values and the limits it compared them with."""
    why = item.get("why") or {}
    lead = _lead(item, why, terms, labels)
    facts = [fact for fact in why.get("facts", ()) if fact.get("name") not in HIDDEN]
    currency = _currency(item, why)
    said = [fact_text(fact, terms, labels, fmt, currency) for fact in facts]
    if not said:
        return lead
    return terms("why.sentence", lead=lead, facts=terms("why.join").join(said))


def _lead(item: Mapping[str, Any], why: Mapping[str, Any], terms: Terms, labels: Labels) -> str:
    rule = str(why.get("rule") or "")
    if rule.startswith("RV"):
        return labels("rule", rule)
    key = f"why.{item.get('queue_code')}"
    return terms(key) if terms.has(key) else labels("queue", item.get("queue_code"))


def _currency(item: Mapping[str, Any], why: Mapping[str, Any]) -> str | None:
    said = [f.get("value") for f in why.get("facts", ()) if f.get("name") == "currency_code"]
    return said[0] if said else item.get("currency_code")


def fact_text(
    fact: Mapping[str, Any], terms: Terms, labels: Labels, fmt: Format, currency: str | None
) -> str:
    """`应付金额 6,230 元（超过 5,000 元）`."""
    name = str(fact.get("name") or "")
    shown = value_text(name, fact.get("value"), labels, fmt, currency)
    label = fact_label(name, terms)
    limit, operator = fact.get("threshold"), str(fact.get("op") or "")
    if limit is None or limit == "" or not terms.has(f"operator:{operator}"):
        return terms("why.fact", name=label, value=shown)
    bound = value_text(name, limit, labels, fmt, currency)
    said = terms(f"operator:{operator}", limit=bound)
    return terms("why.fact_limit", name=label, value=shown, limit=said)


def fact_label(name: str, terms: Terms) -> str:
    return terms.code("fact", name) if terms.has(f"fact:{name}") else name.replace("_", " ")


def value_text(name: str, value: Any, labels: Labels, fmt: Format, currency: str | None) -> str:
    """A fact's value by what its name says it is."""
    if value is None or value == "":
        return NOTHING
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
    try:
        return datetime.fromisoformat(str(value).replace("Z", "+00:00")).replace(tzinfo=None)
    except ValueError:
        return None
