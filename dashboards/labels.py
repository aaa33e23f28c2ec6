"""Labels of codes: the catalogue's first, then the names the published policies carry.

A new event type, rule or promise is one seed row with its two names; it needs no entry here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.warehouse import Snapshot
from orderhouse.terms import Terms

# domain -> (policy relation, its code column, what its two texts are called)
SEEDED = {
    "queue": ("queues", "queue_code", "name"),
    "event": ("event_types", "event_type", "name"),
    "rule": ("review_rules", "rule_code", "name"),
    "hold_type": ("hold_types", "hold_type", "name"),
    "sla": ("sla_policies", "sla_code", "name"),
    "recon": ("recon_definitions", "recon_code", "name"),
    "channel": ("channels", "channel", "name"),
    "metric": ("metric_catalogue", "metric_code", "name"),
    "meaning": ("metric_catalogue", "metric_code", "definition"),
    "component": ("money_components", "component_code", "name"),
    "campaign": ("campaigns", "campaign_code", "name"),
    "review_outcome": ("review_outcomes", "outcome_code", "name"),
    "threshold": ("thresholds", "threshold_code", "name"),
    "explanation": ("recon_explanations", "explanation_code", "name"),
    "age_band": ("recon_age_bands", "band_code", "name"),
}

# What the detail of an event may be a code of; the first that knows it names it. Where two would,
# the event says which is meant.
DETAILS = (
    "detail", "carrier_state", "rule", "effect", "verb", "hold_type", "incident_kind",
    "complaint_level", "invoice_type", "return_problem", "liable_party", "line_kind", "role",
    "break", "break_state", "carrier", "reason",
)  # fmt: skip
DETAILS_OF = {
    "CHANNEL_STATUS_SEEN": "source_state",
    "SHIP_CONFIRMED_TO_CHANNEL": "source_state",
    "RETURN_RECEIVED": "return_problem",
    "ORDER_CANCELLED": "cancel_cause",
    "ORDER_EXPIRED_UNPAID": "cancel_cause",
    "HOLD_APPLIED": "hold_type",
    "HOLD_RELEASED": "hold_type",
}


def _seeded(snapshot: Snapshot) -> dict[tuple[str, str], dict[str, str]]:
    """Both names of every code the policies of this build name; read once a build."""
    if "labels" not in snapshot.memo:
        found: dict[tuple[str, str], dict[str, str]] = {}
        for domain, (relation, column, text) in SEEDED.items():
            for row in _rows(snapshot, relation):
                names = {"zh": row.get(f"{text}_zh"), "en": row.get(f"{text}_en")}
                if row.get(column) and all(names.values()):
                    found.setdefault((domain, str(row[column])), names)
        snapshot.memo["labels"] = found
    return snapshot.memo["labels"]


def _rows(snapshot: Snapshot, relation: str) -> list[dict[str, Any]]:
    present = snapshot.rows(
        "select 1 as found from information_schema.tables "
        "where table_schema = 'policies' and table_name = ?",
        [relation],
    )
    if not present:
        return []
    return snapshot.rows(f"select * from policies.{relation}")  # noqa: S608  constant


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels in one language, for one build."""

    terms: Terms
    snapshot: Snapshot | None

    def first(self, domains: Sequence[str], code: Any) -> str:
        """The label in the first of several domains that knows the code."""
        said = (self(domain, code) for domain in domains)
        return next((label for label in said if label != str(code)), str(code))

    def detail(self, event_type: str, code: Any) -> str:
        """What an event says besides its type."""
        own = DETAILS_OF.get(event_type)
        return self.first((own, *DETAILS) if own else DETAILS, code)

    def __call__(self, domain: str, code: Any) -> str:
        if code is None or code == "":
            return "–"
        if self.terms.has(f"{domain}:{code}") or self.snapshot is None:
            return self.terms.code(domain, code)
        found = _seeded(self.snapshot).get((domain, str(code)))
        return found[self.terms.language] if found else str(code)
