"""The demo business is the same for the same plan, and wrong only where its labels say so."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from ingestion.demo import DemoPlan, generate
from ingestion.demo.people import american, chinese
from ingestion.demo.taobao_files import GENERATIONS

PLAN = DemoPlan(orders=2_000, seed=3)


def digest(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        total.update(path.relative_to(folder).as_posix().encode())
        total.update(path.read_bytes())
    return total.hexdigest()


@pytest.fixture(scope="module")
def business(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    generate(PLAN, folder)
    return folder


def labels(folder: Path) -> pl.DataFrame:
    return pl.read_csv(folder / "labels.csv", schema_overrides={"order_id": pl.String})


def shopify_orders(folder: Path) -> dict[int, dict]:
    newest: dict[int, dict] = {}
    for path in sorted((folder / "files/shopify/shopify").glob("orders-*.jsonl")):
        for line in path.read_text().splitlines():
            try:
                order = json.loads(line)
            except json.JSONDecodeError:
                continue  # a broken row, one of the labelled faults
            known = newest.get(order["id"])
            if known is None or order["updated_at"] >= known["updated_at"]:
                newest[order["id"]] = order
    return newest


def test_the_same_plan_gives_the_same_bytes(business: Path, tmp_path: Path) -> None:
    generate(PLAN, tmp_path)
    assert digest(tmp_path) == digest(business)


def test_nobody_shares_a_phone_or_an_address_by_chance() -> None:
    """Risk lists name people by them: a stranger with the same would be stopped too."""
    buyers = np.concatenate([np.arange(30_000), 2_000_000 + np.arange(30_000)])
    for people in (american, chinese):
        found = people(buyers)
        assert found["phone"].n_unique() == found["address"].n_unique() == len(buyers)


def test_another_seed_is_another_business(business: Path, tmp_path: Path) -> None:
    generate(DemoPlan(orders=2_000, seed=4), tmp_path)
    assert digest(tmp_path) != digest(business)


def test_every_label_names_an_entity_that_a_file_mentions_or_leaves_out_on_purpose(
    business: Path,
) -> None:
    order_labels = labels(business).filter(pl.col("entity_type") == "order")
    exported = {f"shopify-{number}" for number in shopify_orders(business)}
    on_shopify = order_labels.filter(pl.col("order_id").str.starts_with("shopify-"))
    missing = set(on_shopify["order_id"]) - exported
    assert missing == set(on_shopify.filter(pl.col("queue_code") == "Q01")["order_id"])


def test_a_file_is_labelled_broken_exactly_when_its_bytes_are(business: Path) -> None:
    marked = set(labels(business).filter(pl.col("fault") == "broken_row")["entity_id"])
    by_hash = {
        hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (business / "files").rglob("*")
        if path.is_file()
    }
    assert marked
    assert marked <= by_hash


def test_nothing_in_the_files_happens_after_the_present(business: Path) -> None:
    present = PLAN.until.isoformat()
    newest = max(
        datetime.fromisoformat(order["updated_at"]).astimezone().isoformat()
        for order in shopify_orders(business).values()
    )
    assert datetime.fromisoformat(newest).timestamp() <= PLAN.until_s, present


def test_money_of_every_shopify_order_adds_up(business: Path) -> None:
    for order in shopify_orders(business).values():
        goods = sum(
            round(float(line["price"]) * 100) * line["quantity"] for line in order["line_items"]
        )
        discounts = sum(round(float(line["total_discount"]) * 100) for line in order["line_items"])
        shipping = sum(round(float(line["price"]) * 100) for line in order["shipping_lines"])
        assert goods - discounts + shipping == round(float(order["total_price"]) * 100)


def test_stock_never_goes_below_zero(business: Path) -> None:
    moves = pl.concat(
        pl.read_csv(path, truncate_ragged_lines=True, infer_schema=False)
        for path in sorted((business / "files/wms/tb").glob("movements-*.csv"))
    ).filter(pl.col("movement_no").is_not_null())
    running = (
        moves.unique("movement_no")
        .with_columns(pl.col("qty").cast(pl.Int64), number=pl.col("movement_no").str.slice(1))
        .sort("moved_at", pl.col("number").cast(pl.Int64))
        .with_columns(held=pl.col("qty").cum_sum().over("sku"))
    )
    assert running["held"].min() >= 0


def test_the_header_generations_have_the_published_numbers_of_columns() -> None:
    assert {name: len(header) for name, header in GENERATIONS.items()} == {
        "2015": 38,
        "2017": 46,
        "2018": 56,
        "2020": 61,
    }


def test_half_of_all_sales_fall_on_few_articles(business: Path) -> None:
    sold = pl.Series(
        [line["sku"] for o in shopify_orders(business).values() for line in o["line_items"]]
    )
    counts = sold.value_counts(sort=True)["count"]
    assert counts.head(len(counts) // 4).sum() > 0.5 * counts.sum()


def test_a_box_that_names_nothing_holds_what_a_case_of_its_shop_waits_for(business: Path) -> None:
    """So that matching goods to cases by hand has something to match."""
    boxes = pl.concat(
        [pl.read_csv(path, infer_schema=False).with_columns(shop=pl.lit(path.parent.name))
         for path in (business / "files/wms").glob("*/returns-*.csv")]
    )  # fmt: skip
    columns = ["case_no", "kind", "step", "sku", "event_time"]
    steps = pl.concat(
        [pl.read_csv(path, infer_schema=False).select(*columns, shop=pl.lit(path.parent.name))
         for path in (business / "files/service_desk").glob("*/after_sales-*.csv")]
    )  # fmt: skip
    nameless = boxes.filter(
        (pl.col("订单号") == "")
        & (pl.col("售后单号") == "")
        & pl.col("快递单号").str.contains("^SFX")
    ).unique("退货入库单号")
    back = boxes.select(case_no=pl.col("快递单号").str.strip_prefix("SFR"))
    over = steps.filter(pl.col("step").is_in(["CLOSED", "EXCHANGE_SHIPPED", "REPAIR_DONE"]))
    waiting = (
        steps.filter((pl.col("step") == "APPROVED") & (pl.col("kind") != "REFUND"))
        .join(over, on="case_no", how="anti")
        .join(back, on="case_no", how="anti")
    )
    nameless = nameless.join(waiting, on="shop", how="semi")
    found = nameless.join(waiting, left_on=["shop", "商品编码"], right_on=["shop", "sku"])
    matched = found.filter(pl.col("event_time") < pl.col("收货时间"))
    assert nameless.height > 0
    assert matched["退货入库单号"].n_unique() == nameless.height


def _transactions(business: Path) -> dict[int, list[dict]]:
    """What went through, by the number of the order."""
    found: dict[int, list[dict]] = {}
    for path in (business / "files/shopify/shopify").glob("transactions-*.jsonl"):
        for line in path.read_text().splitlines():
            row = json.loads(line)
            if row["status"] == "success":
                found.setdefault(row["order_id"], []).append(row)
    return found


def test_a_presale_is_paid_in_two_steps_that_make_its_price(business: Path) -> None:
    paid = _transactions(business)
    presold = [o for o in shopify_orders(business).values() if o["payment_terms"]]
    overdue = [o for o in presold if o["financial_status"] == "partially_paid"]
    assert 0 < len(overdue) < len(presold)
    late = set(labels(business).filter(pl.col("queue_code") == "Q04")["order_id"])
    assert {f"shopify-{order['id']}" for order in overdue} <= late
    for order in presold:
        [schedule] = order["payment_terms"]["payment_schedules"]
        deposit, *rest = sorted(paid[order["id"]], key=lambda part: part["processed_at"])
        assert [part["amount"] for part in rest] == [schedule["amount"]] * (order not in overdue)
        assert all(part["processed_at"] < schedule["due_at"] for part in rest)
        cents = [round(float(amount) * 100) for amount in (deposit["amount"], schedule["amount"])]
        assert sum(cents) == round(float(order["total_price"]) * 100)


def _rows(folder: Path, pattern: str) -> list[dict]:
    return [
        row
        for path in sorted((folder / "files").glob(pattern))
        for row in pl.read_csv(path, infer_schema=False).to_dicts()
    ]


def test_a_refund_that_failed_is_sent_again_and_arrives(business: Path) -> None:
    steps: dict[str, list[tuple[str, str]]] = {}
    for row in _rows(business, "service_desk/*/refunds-*.csv"):
        steps.setdefault(row["refund_no"], []).append((row["event_time"], row["status"]))
    told = [[step for _, step in sorted(found)] for found in steps.values()]
    assert ["SENT", "FAILED", "SENT", "SUCCEEDED"] in told


def test_a_promise_of_money_is_taken_or_given_back(business: Path) -> None:
    kinds = [{one["kind"] for one in found} for found in _transactions(business).values()]
    promised = [found for found in kinds if "authorization" in found]
    assert {frozenset(found) for found in promised} == {
        frozenset({"authorization", "capture"}), frozenset({"authorization", "void"}),
    }  # fmt: skip


def test_orders_by_telephone_are_in_the_workbook_and_in_no_export(business: Path) -> None:
    typed = {row["订单号"] for row in _rows(business, "order_sheet/*/*.csv")}
    exported = b"".join(
        path.read_bytes() for path in (business / "files/taobao").rglob("*") if path.is_file()
    )
    assert typed
    assert not [number for number in typed if number.encode() in exported]
