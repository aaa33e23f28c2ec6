"""Reading marts under the policy: a column that is not allowed is never in the SELECT list.

Every query of the app goes through `Reader`. Values are bound, identifiers come from the policy
file or from constants in `queries/`, and the row scope of a person's shops is added here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from dashboards.warehouse import Snapshot
from orderhouse.access import Policy
from orderhouse.ledger import Denied

# How a relation is cut down to somebody's shops; a relation without an entry has no shop.
SHOP_RELATIONS = frozenset(
    {
        "fct_orders",
        "fct_order_events",
        "fct_order_milestones",
        "fct_order_source_states",
        "fct_sla_clocks",
        "fct_recon_breaks",
        "fct_recon_turns",
        "fct_recon_suggestions",
        "queue_items",
        "agg_daily_channel_orders",
        "agg_feed_watermarks",
        "fct_loads",
        "fct_load_streams",
        "fct_quarantine",
        "fct_unknown_codes",
        "fct_control_totals",
        "fct_payments",
        "fct_refunds",
        "fct_after_sales_cases",
        "fct_settlement_lines",
        "fct_order_money",
        "agg_feed_horizons",
        "fct_order_costs",
        "fct_payouts",
        "fct_invoices",
        "fct_supplier_lines",
        "fct_stock_unallocated",
    }
)
ORDER_RELATIONS = frozenset(
    {
        "fct_order_lines",
        "fct_order_states",
        "fct_shipments",
        "fct_review_hits",
        "fct_stock_demand",
        "fct_decisions",
        "fct_carrier_choices",
    }
)
# Totals over every shop are not for people who may see only some.
WHOLE_BUSINESS = frozenset(
    {
        "agg_recon_totals",
        "fct_recon_matches",
        "agg_breach_calibration",
        "fct_supplier_statements",
        "agg_supplier_balances",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Conditions joined by `and`; `clauses` are constants of the code, `params` bind to them."""

    clauses: tuple[str, ...] = ()
    params: tuple[Any, ...] = ()

    def also(self, clause: str, *params: Any) -> Where:
        return Where(clauses=(*self.clauses, clause), params=(*self.params, *params))

    @property
    def sql(self) -> str:
        return " and ".join(self.clauses) if self.clauses else "true"


@dataclass(frozen=True, slots=True)
class Reader:
    """The marts as one person may see them."""

    snapshot: Snapshot
    policy: Policy
    roles: tuple[str, ...]
    shops: tuple[str, ...] | None

    def columns(self, relation: str, wanted: Iterable[str] | None = None) -> list[str]:
        """Columns of a relation this person may read, that the snapshot has."""
        allowed = self.policy.visible_columns(self.roles, relation)
        present = self.snapshot.columns(relation)
        chosen = [name for name in allowed if name in present]
        if wanted is not None:
            asked = list(wanted)
            chosen = [name for name in asked if name in set(chosen)]
        if not chosen:
            raise Denied("ledger.not_allowed", verb="read", queue=relation)
        return chosen

    def may_read(self, relation: str, column: str) -> bool:
        return column in self.policy.visible_columns(self.roles, relation)

    def scope(self, relation: str, where: Where) -> Where:
        """`where` cut down to this person's shops."""
        if self.shops is None:
            return where
        shops = list(self.shops)
        if relation in SHOP_RELATIONS:
            return where.also("shop_id in (select unnest(?::varchar[]))", shops)
        if relation in ORDER_RELATIONS:
            return where.also(
                "order_id in (select o.order_id from marts.fct_orders as o "
                "where o.shop_id in (select unnest(?::varchar[])))",
                shops,
            )
        if relation in WHOLE_BUSINESS:
            return where.also("false")
        return where

    def select(
        self,
        relation: str,
        columns: Sequence[str] | None = None,
        where: Where | None = None,
        *,
        order: str = "",
        limit: int | None = None,
        offset: int = 0,
    ) -> list[dict[str, Any]]:
        """Rows of one mart. `order` is a constant of the code, never a value."""
        chosen = self.columns(relation, columns)
        scoped = self.scope(relation, where or Where())
        names = ", ".join(f'"{name}"' for name in chosen)
        sql = f"select {names} from marts.{relation} where {scoped.sql}"  # noqa: S608  allow-listed
        params = list(scoped.params)
        if order:
            sql += f" order by {order}"
        if limit is not None:
            sql += " limit ? offset ?"
            params += [limit, offset]
        return self.snapshot.rows(sql, params)

    def count(self, relation: str, where: Where | None = None) -> int:
        self.columns(relation)
        scoped = self.scope(relation, where or Where())
        sql = f"select count(*) as n from marts.{relation} where {scoped.sql}"  # noqa: S608
        return self.snapshot.rows(sql, scoped.params)[0]["n"]

    def count_of_order(self, order_id: str) -> int:
        """1 if the order exists and belongs to this person's shops, else 0."""
        return self.count("fct_orders", Where().also("order_id = ?", order_id))

    def query(
        self, sql: str, params: Sequence[Any] = (), beside: Mapping[str, pa.Table] | None = None
    ) -> list[dict[str, Any]]:
        """A query made in `queries/` from constants and allowed columns."""
        return self.snapshot.rows(sql, params, beside)
