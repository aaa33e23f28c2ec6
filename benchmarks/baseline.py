"""The hand-written script that answers what the marts answer, and the comparison of both."""

from __future__ import annotations

from pathlib import Path

import duckdb

from orderhouse.settings import PROJECT_ROOT

SCRIPT = Path(__file__).with_name("baseline.sql")
SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"

# The queues and reconciliations whose rules the script spells out again; the marts answer more.
COVERED_QUEUES = (
    "Q01", "Q02", "Q04", "Q06", "Q07", "Q11", "Q14", "Q17", "Q23", "Q24", "Q25", "Q33", "Q36",
)  # fmt: skip
COVERED_RECONCILIATIONS = ("RC1", "RC2")

# Of these only what is open: the script asks what is wrong now, not what ever was.
OPEN_ONLY = ("Q01", "Q02", "Q11", "Q33")

# What is compared: the columns of each mart that the script answers too.
ANSWERS = {
    "fct_orders": (
        "order_id, headline_status, order_status, payment_status, fulfilment_status, "
        "logistics_status, after_sales_status, payable_amount, captured_amount, refunded_amount, "
        "shipped_quantity, delivered_quantity, placed_at, paid_at, shipped_at, delivered_at"
    ),
    "fct_stock_positions": (
        "sku, warehouse_id, on_hand_quantity, reserved_hard_quantity, atp_quantity, drift_quantity"
    ),
    "agg_recon_totals": (
        "recon_code, recon_date, currency_code, left_count, left_amount, right_count, "
        "right_amount, matched_count, matched_amount, break_count, break_amount"
    ),
    "agg_daily_channel_orders": (
        "order_date, channel, shop_id, currency_code, placed_count, paid_count, valid_count, "
        "cancelled_count, shipped_count, delivered_count, refunded_count, placed_amount, "
        "gross_amount, discount_amount, returns_amount, net_amount, shipping_amount, tax_amount, "
        "item_quantity"
    ),
    "queue_items": "queue_code, entity_type, entity_id, opened_at, closed_at",
}


REVIEW_EVENTS = """
    create table answers.policies.review_events as
    select order_id, event_type, occurred_at as moment, detail_code as detail
    from marts.marts.fct_order_events
    where event_type in ('REVIEW_ENTERED', 'ORDER_BLOCKED', 'REVIEW_PASSED', 'REVIEW_REJECTED',
        'HOLD_APPLIED', 'HOLD_RELEASED', 'HOLD_LAPSED', 'ORDER_CONFIRMED')
"""


def run_baseline(warehouse: Path, marts: Path, target: Path) -> None:
    """Answers everything from the loaded `warehouse` into a new file `target`.

    What review said of the orders is read from `marts`: the script knows no rules of review.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    con = duckdb.connect(
        config={
            "threads": 2, "memory_limit": "50%", "preserve_insertion_order": False,
            "temp_directory": str(target.parent / "spill"),
        }
    )  # fmt: skip
    with con:
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"attach '{warehouse}' as warehouse (read_only)")
        con.execute(f"attach '{target}' as answers")
        con.execute("create schema answers.policies")
        for seed in sorted(SEEDS.glob("*.csv")):
            con.execute(
                f"create table answers.policies.{seed.stem} as "
                f"from read_csv('{seed}', header = true)"
            )
        con.execute(f"attach '{marts}' as marts (read_only)")
        con.execute(REVIEW_EVENTS)
        con.execute("detach marts")
        con.execute("use warehouse")
        for statement in con.extract_statements(SCRIPT.read_text(encoding="utf-8")):
            con.execute(statement)


def disagreements(marts: Path, answers: Path) -> dict[str, list[tuple[object, ...]]]:
    """mart -> rows only one of both has, each with the side that has it; nothing where equal."""
    found: dict[str, list[tuple[object, ...]]] = {}
    with duckdb.connect() as con:
        con.execute(f"attach '{marts}' as ours (read_only)")
        con.execute(f"attach '{answers}' as theirs (read_only)")
        for mart, columns in ANSWERS.items():
            ours = f"select {columns} from ours.marts.{mart}"
            theirs = f"select {columns} from theirs.{mart}"
            if mart == "queue_items":
                # When a difference came up again is not replayed here.
                once = (
                    "(queue_code <> 'Q33' or "
                    "entity_id not in (select break_id from ours.marts.fct_recon_turns))"
                )
                theirs += f" where {once}"
                # The script knows payments of bills, the silence of parcels, files; no feeds, no
                # columns of them, no checks.
                ours += (
                    f" where {once} and queue_code in {COVERED_QUEUES} "
                    "and entity_type not in ('claim', 'feed', 'listing', 'shape', 'check') "
                    f"and (closed_at is null or queue_code not in {OPEN_ONLY}) "
                    "and (queue_code <> 'Q33' or entity_id in "
                    "(select break_id from ours.marts.fct_recon_breaks "
                    f"where recon_code in {COVERED_RECONCILIATIONS}))"
                )
            if mart == "agg_recon_totals":
                ours += f" where recon_code in {COVERED_RECONCILIATIONS}"
            rows = con.execute(
                f"select 'marts' as side, * from ({ours} except all {theirs}) union all "
                f"select 'script', * from ({theirs} except all {ours}) order by 2, 3, 4, 1"
            ).fetchall()
            if rows:
                found[mart] = rows
    return found
