"""Publishing a world as a snapshot, the way `serving/` looks in a real home."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from tests.support.marts import MARTS, PRIVATE, columns_of, ddl
from tests.support.people import NOW
from tests.support.world import World, build_world

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"
MACROS = (
    "create macro marts.order_states_known_at(p_order_id, t_true, t_known) as table "
    "select s.* from marts.fct_order_states s join marts.fct_order_events e "
    "on e.event_id = s.event_id where s.order_id = p_order_id and s.occurred_at <= t_true "
    "and e.ingested_at <= t_known",
    "create macro marts.orders_at(t_true, t_known) as table "
    "select order_id, shop_id, headline_status from marts.fct_orders "
    "where placed_at <= least(t_true, t_known)",
    "create macro marts.stock_at(t_true, t_known) as table "
    "select sku, warehouse_id, on_hand_quantity, sellable_quantity, reserved_hard_quantity, "
    "reserved_soft_quantity, atp_quantity from marts.fct_stock_positions "
    "where last_moved_at <= least(t_true, t_known)",
    "create macro marts.money_at(t_true, t_known) as table "
    "select shop_id, currency_code, sum(payable_amount) as payable_amount, "
    "sum(captured_amount) as captured_amount, sum(refunded_amount) as refunded_amount, "
    "0 as gross_amount, 0 as fee_amount, 0 as paid_out_amount from marts.fct_orders "
    "where placed_at <= least(t_true, t_known) group by shop_id, currency_code",
)


def _fill(
    con: duckdb.DuckDBPyConnection, schema: str, relations: dict[str, str], world: World
) -> None:
    for relation, spec in relations.items():
        con.execute(ddl(schema, relation, spec))
        rows = world.tables.get(relation)
        if not rows:
            continue
        names = [name for name, _ in columns_of(spec)]
        frame = pd.DataFrame(rows).reindex(columns=names).astype(object)
        frame = frame.where(frame.notna(), None)
        con.register("given", frame)
        casts = ", ".join(f'"{name}"::{kind}' for name, kind in columns_of(spec))
        con.execute(f"insert into {schema}.{relation} select {casts} from given")
        con.unregister("given")


def _policies(con: duckdb.DuckDBPyConnection) -> None:
    """The seeds as they are in the repository."""
    for seed in sorted(SEEDS.glob("*.csv")):
        con.execute(
            f"create table policies.{seed.stem} as select * from read_csv(?, header = true)",
            [str(seed)],
        )


def publish(home: Path, world: World | None = None, *, build_id: str = "b001", at: datetime = NOW,
            failed: dict[str, Any] | None = None) -> Path:  # fmt: skip
    """Write a snapshot, its manifest, the pointer and the last attempt under `home`/serving."""
    serving = home / "serving"
    serving.mkdir(parents=True, exist_ok=True)
    path = serving / f"serving-{build_id}.duckdb"
    with duckdb.connect(str(path)) as con:
        for schema in ("marts", "policies", "private"):
            con.execute(f"create schema {schema}")
        filled = world or build_world()
        _fill(con, "marts", MARTS, filled)
        _policies(con)
        _fill(con, "private", PRIVATE, filled)
        for macro in MACROS:
            con.execute(macro)
    manifest = {
        "build_id": build_id,
        "published_at": (at - timedelta(minutes=3)).isoformat(),
        "as_of": at.isoformat(),
        "input_hash": "0" * 64,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "row_counts": {"marts.fct_orders": len(filled.tables["fct_orders"])},
        "gates": [{"name": "money balances", "ok": True, "detail": "0 rows"}],
    }
    (serving / f"serving-{build_id}.json").write_text(json.dumps(manifest), encoding="utf-8")
    attempt = failed or {
        "build_id": build_id,
        "at": at.isoformat(),
        "ok": True,
        "reason": "",
        "failed_gates": [],
    }
    (serving / "last_attempt.json").write_text(json.dumps(attempt), encoding="utf-8")
    (serving / "current").write_text(path.name + "\n", encoding="utf-8")
    return path
