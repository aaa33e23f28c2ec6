"""The style guide as assertions: each message names the file to write or change."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingestion.records import STREAMS
from tests.dbt_project.fold import PROJECT, manifest

MODELS = PROJECT / "models"
LAYERS = ("staging", "intermediate", "marts", "private")
# The log is folded by intermediate models; conditions read the clocks, positions and breaks
# that are published, because an item must say what the mart says.
READ_BY_INTERMEDIATE = {
    "fct_order_events", "fct_entity_events", "fct_sla_clocks", "fct_stock_demand",
    "fct_stock_positions", "fct_stock_reservations", "fct_stock_alerts", "fct_stock_counts",
    "fct_order_lines",
    "fct_stock_drifts", "fct_stock_lots", "fct_shipments", "fct_recon_breaks", "fct_orders",
    "fct_after_sales_cases", "fct_order_states", "fct_settlement_lines", "fct_refunds",
    "fct_invoices",
    "fct_channel_stock", "fct_loads", "agg_daily_channel_orders",
    "fct_supplier_lines", "fct_supplier_statements", "fct_recon_turns",
}  # fmt: skip
NAMES = {
    "staging": r"stg_[a-z_]+",
    "intermediate": r"int_[a-z_]+__[a-z_]+|int_touched_[a-z]+|int_events|cond_[a-z_]+",
    "marts": r"(fct|dim|agg)_[a-z_]+|queue_items",
    "private": r"[a-z_]+",
}


@cache
def _models() -> list[Any]:
    return [node for node in manifest().nodes.values() if node.resource_type == "model"]


def _layer(node: Any) -> str:
    return str(node.original_file_path).split("/")[1]


def _sql(node: Any) -> str:
    text = (PROJECT / node.original_file_path).read_text(encoding="utf-8")
    return re.sub(r"(--[^\n]*|\{#.*?#\})", "", text, flags=re.S)


def _ids(nodes: list[Any]) -> list[str]:
    return [node.name for node in nodes]


def _every_model() -> Any:
    return pytest.mark.parametrize("path", sorted(MODELS.rglob("*.sql")), ids=lambda p: p.stem)


def test_models_read_only_the_layer_below() -> None:
    allowed = {
        "staging": set(),
        "intermediate": {"staging", "intermediate"},
        "marts": {"intermediate", "marts", "staging"},
        "private": {"staging", "intermediate"},
    }
    by_id = {node.unique_id: node for node in _models()}
    wrong = []
    for node in _models():
        for parent_id in node.depends_on.nodes:
            parent = by_id.get(parent_id)
            if parent is None or _layer(parent) in allowed[_layer(node)]:
                continue
            if _layer(node) == "intermediate" and parent.name in READ_BY_INTERMEDIATE:
                continue
            wrong.append(f"{node.name} reads {parent.name}")
    assert wrong == [], f"read the layer below instead: {wrong}"


def test_every_stream_has_its_staging_model() -> None:
    staged = {node.name for node in _models() if _layer(node) == "staging"}
    missing = [f"models/staging/stg_{name}.sql" for name in STREAMS if f"stg_{name}" not in staged]
    assert missing == [], f"write {missing}"


def test_names_follow_the_style_guide() -> None:
    wrong = [n.name for n in _models() if not re.fullmatch(NAMES[_layer(n)], n.name)]
    assert wrong == [], f"rename {wrong}: see docs of names in style"


@_every_model()
def test_a_model_has_its_yaml_beside_it(path: Path) -> None:
    beside = path.with_suffix(".yml")
    assert beside.exists(), f"write {beside}"
    described = {m["name"]: m for m in yaml.safe_load(beside.read_text("utf-8"))["models"]}
    assert path.stem in described, f"describe {path.stem} in {beside}"
    assert described[path.stem].get("description"), f"describe {path.stem} in {beside}"


@_every_model()
def test_a_model_stays_short_and_portable(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 120, f"{path.name} holds two ideas: split it"
    code = re.sub(r"(--[^\n]*|\{#.*?#\})", "", text, flags=re.S).lower()
    for banned in (
        r"\bnow\(", r"current_(date|timestamp)", r"\bqualify\b", r"group by all", r"\* exclude",
        r"\basof\b", r"\banti join\b", r"\bcount_if\b", r"\bdateadd\b", r"\bany_value\b",
        r"select distinct on", r"->>",
    ):  # fmt: skip
        assert not re.search(banned, code), f"{path.name} uses {banned}: see scale-out"


def test_stored_models_have_a_test_of_their_grain() -> None:
    tested = {
        node.attached_node
        for node in manifest().nodes.values()
        if getattr(node, "test_metadata", None) and node.test_metadata.name == "grain"
    }  # fmt: skip
    missing = [
        f"{node.original_file_path[:-4]}.yml"
        for node in _models()
        if node.config.materialized != "ephemeral" and node.unique_id not in tested
    ]
    assert missing == [], f"state the grain in {missing}"


def test_marts_have_an_enforced_contract_and_describe_every_column() -> None:
    marts = [node for node in _models() if _layer(node) == "marts"]
    assert [n.name for n in marts if not n.config.contract.enforced] == []
    silent = [
        f"{node.name}.{column.name}"
        for node in marts
        for column in node.columns.values()
        if not column.description or not column.data_type
    ]
    assert silent == [], f"describe {silent}"


def test_money_stands_beside_its_currency() -> None:
    wrong = [
        node.name
        for node in _models()
        if _layer(node) == "marts"
        and any(name.endswith("_amount") or name == "amount" for name in node.columns)
        and "currency_code" not in node.columns
    ]
    assert wrong == [], f"add currency_code to {wrong}"


def test_money_quantities_and_moments_have_the_types_of_the_house() -> None:
    types = {"_amount": "decimal(18, 4)", "_quantity": "decimal(18, 4)", "_at": "timestamp",
             "_date": "date"}  # fmt: skip
    wrong = [
        f"{node.name}.{column.name} is {column.data_type}"
        for node in _models()
        if _layer(node) == "marts"
        for column in node.columns.values()
        for suffix, data_type in types.items()
        if column.name.endswith(suffix) and column.data_type != data_type
    ]
    assert wrong == []


def test_every_seed_is_described() -> None:
    seeds = [node for node in manifest().nodes.values() if node.resource_type == "seed"]
    assert [node.name for node in seeds if not node.description] == []
    untyped = [
        node.name
        for node in seeds
        if set(node.config.column_types)
        != set((PROJECT / node.original_file_path).read_text("utf-8").split("\n")[0].split(","))
    ]
    assert untyped == [], f"give every column of {untyped} its type in seeds/_seeds.yml"


def test_every_queue_has_a_condition_and_every_condition_a_queue() -> None:
    queues = (PROJECT / "seeds/queues.csv").read_text("utf-8").splitlines()[1:]
    coded = {line.split(",")[0] for line in queues}
    conditions = [node for node in _models() if node.name.startswith("cond_")]
    found = {code for node in conditions for code in re.findall(r"condition\('(Q\d+)'", _sql(node))}
    assert found == coded
    items = (MODELS / "marts/queues/queue_items.sql").read_text("utf-8")
    assert [n.name for n in conditions if f"'{n.name}'" not in items] == []


def test_every_event_type_of_the_fold_is_in_the_seed() -> None:
    seed = (PROJECT / "seeds/event_types.csv").read_text("utf-8").splitlines()[1:]
    typed = {line.split(",")[0] for line in seed}
    used: set[str] = set()
    for path in ("macros/event_marks.sql", "seeds/sla_events.csv", "seeds/allowed_transitions.csv",
                 "seeds/event_codes.csv"):  # fmt: skip
        text = (PROJECT / path).read_text("utf-8")
        used |= set(re.findall(r"\b(?:ORDER|PAYMENT|REVIEW|HOLD|AS|RETURN|REFUND|COD|QC|TRACK|"
                               r"DELIVERED|HANDED|PICK|PACKED)_[A-Z_]+\b", text))  # fmt: skip
    states = {"AT_PICKUP_POINT", "REFUND_WITHOUT_INSPECTION", "REFUND_WITHOUT_PAYMENT",
              "PICKUP_OVERDUE", "QC_DONE", "COD_DUE"}  # fmt: skip
    assert used - typed - states - {"DELIVERED_BEFORE_SHIPPED"} == set()


def test_thresholds_in_use_are_in_the_seed() -> None:
    seed = (PROJECT / "seeds/thresholds.csv").read_text("utf-8").splitlines()[1:]
    known = {line.split(",")[0] for line in seed}
    text = "".join(_sql(node) for node in _models())
    assert set(re.findall(r"threshold\('([a-z_]+)'\)", text)) <= known
