"""The marts' columns as the contract names them, so a snapshot can be made without dbt."""

from __future__ import annotations

_AXES = (
    "headline_status, order_status, payment_status, review_status, fulfilment_status, "
    "logistics_status, after_sales_status, settlement_status"
)

# relation -> "name type, ..."; a name without a type is varchar.
MARTS: dict[str, str] = {
    "fct_orders": (
        "order_id, channel, shop_id, channel_order_id, source, order_kind, currency_code, "
        f"{_AXES}, is_editable boolean, is_valid boolean, payment_method, "
        "entry_point, ship_method, delivery_mode, requires_insurance boolean, buyer_id, "
        "buyer_name_masked, buyer_phone_masked, buyer_phone_index, ship_address_masked, "
        "ship_country, ship_region, ship_city, status_raw, goods_amount m, discount_amount m, "
        "shipping_amount m, "
        "tax_amount m, payable_amount m, captured_amount m, refunded_amount m, "
        "line_count bigint, ordered_quantity m, cancelled_quantity m, shipped_quantity m, "
        "delivered_quantity m, returned_quantity m, shipment_count bigint, placed_at t, paid_at t, "
        "confirmed_at t, shipped_at t, delivered_at t, completed_at t, cancelled_at t, "
        "ship_by_at t, promised_at t, last_event_at t, placed_date date, event_count bigint, "
        "deviation_count bigint, edit_count bigint, _file_id, _row_number bigint"
    ),
    "fct_carrier_choices": (
        "order_id, carrier, delivery_mode, obstacle, is_in_time boolean, weight m, "
        "is_fragile boolean, shipping_cost_amount m, insurance_amount m, currency_code, "
        "usual_minutes bigint, latest_handover_at t, choice_rank bigint"
    ),
    "fct_order_lines": (
        "line_id, order_id, line_number bigint, line_kind, sku, shop_sku, is_code_unknown boolean, "
        "product_name, quantity m, "
        "unit_price_amount m, discount_amount m, platform_discount_amount m, "
        "influencer_discount_amount m, shipping_amount m, tax_amount m, line_amount m, "
        "currency_code, shipped_quantity m, cancelled_quantity m, returned_quantity m, "
        "supplier_id, _file_id, _row_number bigint"
    ),
    "fct_order_events": (
        "event_id, order_id, event_type, event_rank bigint, occurred_at t, observed_at t, "
        "ingested_at t, source, channel, shop_id, entity_type, entity_id, line_id, shipment_id, "
        "case_id, sku, warehouse_id, actor_type, actor_id, amount m, currency_code, quantity m, "
        "detail_code, _file_id, _row_number bigint, _byte_from bigint, _byte_to bigint"
    ),
    "fct_order_states": (
        f"order_id, state_number bigint, event_id, event_type, occurred_at t, {_AXES}, "
        "is_deviation boolean, deviation_code"
    ),
    "fct_order_milestones": (
        "order_id, milestone_number bigint, milestone_code, from_milestone_code, reached_at t, "
        "waited_minutes bigint, occurrence_count bigint, waits_for, is_work boolean, "
        "is_last boolean, variant_code, channel, shop_id, warehouse_id, placed_date date"
    ),
    "fct_shipments": (
        "shipment_id, order_id, carrier, tracking_number, warehouse_id, supplier_id, "
        "logistics_status, "
        "last_state_code, last_place, shipped_at t, first_scan_at t, last_scan_at t, "
        "delivered_at t, promised_at t, expected_at t, is_disputed boolean, scan_count bigint, "
        "insured_amount m, currency_code"
    ),
    "fct_payments": (
        "payment_id, order_id, channel, shop_id, payment_kind, payment_status, paid_at t, "
        "amount m, currency_code, payment_method, provider, provider_payment_id, "
        "merchant_payment_id, _file_id, _row_number bigint"
    ),
    "fct_order_source_states": (
        "order_id, channel, shop_id, placed_date date, channel_state_code, channel_state_at t, "
        "oms_state_code, oms_state_at t, wms_state_code, wms_state_at t, carrier_state_code, "
        "carrier_state_at t, finance_state_code, finance_state_at t, conflict_count bigint, "
        "conflict_since_at t"
    ),
    "fct_order_money": (
        "order_id, component_number bigint, component_code, ledger_code, channel, shop_id, "
        "placed_date date, currency_code, amount m"
    ),
    "fct_order_costs": (
        "order_id, channel, shop_id, placed_date date, currency_code, net_sales_amount m, "
        "goods_cost_amount m, pick_pack_amount m, freight_amount m, payment_fee_amount m, "
        "commission_amount m, compensation_amount m, contribution_amount m, unknown_count bigint"
    ),
    "fct_invoices": (
        "invoice_event_id, order_id, shop_id, invoice_step, invoice_type, title_type, "
        "invoice_code, invoice_number, original_invoice_number, event_at t, amount m, "
        "tax_amount m, net_amount m, currency_code, ingested_at t, _file_id, _row_number bigint"
    ),
    "fct_payouts": (
        "payout_id, provider, shop_id, payout_status, paid_out_at t, amount m, currency_code, "
        "ingested_at t, _file_id, _row_number bigint"
    ),
    "fct_supplier_lines": (
        "line_id, line_kind, supplier_id, order_id, case_id, sku, tracking_number, shop_id, "
        "quantity m, amount m, currency_code, owed_at t, line_status, statement_id, "
        "stated_amount m, held_at t, reconciled_at t"
    ),
    "fct_supplier_statements": (
        "statement_id, supplier_id, currency_code, statement_status, line_count bigint, "
        "total_amount m, created_at t, created_by, drafted_at t, submitted_at t, decided_at t, "
        "decided_by, paid_at t, reject_count bigint, draft_decision_id"
    ),
    "agg_supplier_balances": (
        "supplier_id, currency_code, shipped_amount m, returned_amount m, compensation_amount m, "
        "reconciled_amount m, in_statement_amount m, paid_amount m, unreconciled_amount m, "
        "remaining_amount m, unreconciled_count bigint, oldest_unreconciled_at t"
    ),
    "dim_products": (
        "sku, product_name, category, brand, supplier_id, weight m, is_fragile boolean, "
        "cost_amount m, price_amount m, currency_code, listed_at t, _file_id, _row_number bigint"
    ),
    "fct_decisions": (
        "decision_id, verb, effect_code, decided_at t, queue_code, item_id, entity_type, "
        "entity_id, order_id, actor_id, actor_role, reason_code, undoes_decision_id"
    ),
    "fct_refunds": (
        "refund_id, order_id, case_id, channel, shop_id, refund_status, amount m, currency_code, "
        "refund_kind, request_number, requested_at t, succeeded_at t, _file_id, _row_number bigint"
    ),
    "fct_after_sales_cases": (
        "case_id, order_id, channel, shop_id, case_kind, case_status, line_id, sku, supplier_id, "
        "handler_id, reason, liable_party, return_carrier, return_tracking_number, currency_code, "
        "requested_amount m, refunded_amount m, supplier_amount m, ecom_amount m, "
        "platform_amount m, compensation_amount m, stated_compensation_amount m, "
        "compensation_paid_amount m, requested_quantity m, received_quantity m, "
        "passed_quantity m, failed_quantity m, requested_at t, approved_at t, rejected_at t, "
        "withdrawn_at t, return_shipped_at t, received_at t, exchange_shipped_at t, repaired_at t, "
        "intervened_at t, arbitrated_at t, inspected_at t, refunded_at t, closed_at t, _file_id, "
        "_row_number bigint"
    ),
    "fct_settlement_lines": (
        "settlement_line_id, provider, shop_id, payout_id, line_kind, posted_at t, order_id, "
        "gross_amount m, fee_amount m, net_amount m, currency_code, ingested_at t, "
        "_file_id, _row_number bigint"
    ),
    "fct_sla_clocks": (
        "clock_id, sla_code, entity_type, entity_id, order_id, episode_number bigint, channel, "
        "shop_id, started_at t, warn_at t, due_at t, stopped_at t, cancelled_at t, "
        "_ended_at t, paused_minutes bigint, budget_minutes bigint, start_event_id, stop_event_id"
    ),
    "agg_breach_rates": (
        "sla_code, segment, weekday integer, day_quarter integer, tenth integer, "
        "at_risk_count bigint, breach_count bigint, breach_probability decimal(9,6)"
    ),
    "agg_feed_horizons": "sla_code, shop_id, known_until_at t, feed_id",
    "agg_breach_calibration": (
        "sla_code, probability_bin integer, forecast_count bigint, breach_count bigint, "
        "mean_probability decimal(9,6), brier_score decimal(9,6)"
    ),
    "fct_review_hits": "order_id, rule_code, rule_version bigint, effect, hit_at t, facts",
    "fct_stock_positions": (
        "sku, warehouse_id, on_hand_quantity m, damaged_quantity m, frozen_quantity m, "
        "sellable_quantity m, reserved_hard_quantity m, reserved_soft_quantity m, atp_quantity m, "
        "oversold_quantity m, snapshot_quantity m, snapshot_at t, ledger_at_snapshot_quantity m, "
        "drift_quantity m, last_moved_at t, "
        "held_quantity m, expired_quantity m"
    ),
    "fct_stock_demand": (
        "line_id, order_id, sku, warehouse_id, open_quantity m, priority_number bigint, paid_at t, "
        "running_quantity m, sellable_quantity m, is_served boolean, is_held boolean, "
        "shortfall_quantity m, covered_at t"
    ),
    "fct_stock_unallocated": (
        "line_id, order_id, channel, shop_id, sku, kit_sku, open_quantity m, confirmed_at t, "
        "free_quantity m, running_quantity m, is_served boolean, oversold_quantity m"
    ),
    "fct_channel_stock": (
        "sku, channel, shop_id, is_kit boolean, unallocated_quantity m, online_quantity m, "
        "available_quantity m, "
        "published_quantity m, published_at t"
    ),
    "fct_stock_alerts": (
        "alert_type, sku, warehouse_id, episode_number bigint, raised_at t, cleared_at t, "
        "atp_quantity m, on_hand_quantity m, reserved_quantity m, level_quantity m"
    ),
    "fct_stock_counts": (
        "count_line_id, count_id, sku, warehouse_id, lot, abc_class, book_quantity m, "
        "counted_quantity m, variance_quantity m, is_within_tolerance boolean, "
        "variance_amount m, currency_code, counted_at t, decided_at t, count_status, reason"
    ),
    "fct_stock_drifts": (
        "sku, warehouse_id, taken_at t, snapshot_quantity m, ledger_quantity m, "
        "drift_quantity m, in_flight_quantity m, is_drift boolean, episode_number bigint, "
        "drift_since_at t, agreed_at t, drift_since_date date"
    ),
    "fct_stock_inbound": (
        "inbound_id, inbound_type, sku, warehouse_id, supplier_id, quantity m, "
        "expected_quantity m, started_at t, due_at t"
    ),
    "fct_stock_movements": (
        "movement_id, sku, warehouse_id, lot, movement_type, quantity m, moved_at t, "
        "ingested_at t, order_id, reference, reason, lot_expires_at t, to_warehouse_id, "
        "is_counted boolean, source, shop_id, _file_id, _row_number bigint"
    ),
    "fct_stock_bins": (
        "stock_bin_id, sku, warehouse_id, lot, bin_id, on_hand_quantity m, damaged_quantity m, "
        "frozen_quantity m, snapshot_at t"
    ),
    "fct_reservation_moves": (
        "move_id, order_id, line_id, sku, move, occurred_at t, ingested_at t, quantity m, "
        "move_count bigint"
    ),
    "fct_stock_lots": (
        "lot_id, sku, warehouse_id, lot, on_hand_quantity m, damaged_quantity m, "
        "frozen_quantity m, held_quantity m, lot_expires_at t, is_expired boolean, "
        "snapshot_quantity m, snapshot_at t, ledger_at_snapshot_quantity m, drift_quantity m"
    ),
    "fct_stock_plans": (
        "sku, warehouse_id, planned_at t, daily_quantity m, cover_days m, "
        "safety_stock_quantity m, reorder_point_quantity m, projected_quantity m, "
        "reorder_quantity m, alert_level_quantity m, stockout_days m, active_days m, "
        "lost_estimate_quantity m, last_sold_date date, sold_quantity m, sell_through_ratio m, "
        "turnover_ratio m, stock_value_amount m, currency_code"
    ),
    "fct_stock_reservations": (
        "line_id, order_id, line_number bigint, channel, shop_id, sku, kit_sku, warehouse_id, "
        "reservation_type, quantity m, open_quantity m, reserved_at t, expires_at t, "
        "hardened_at t, stated_at t, released_at t, ended_at t, priority_number bigint, "
        "paid_at t, is_active boolean, is_held boolean, orphaned_at t, freed_at t, freed_until_at t"
    ),
    "fct_stock_daily": (
        "sku, warehouse_id, stock_date date, opening_quantity m, in_quantity m, out_quantity m, "
        "closing_quantity m, "
        "sold_quantity m"
    ),
    "fct_recon_matches": (
        "recon_code, match_id, match_pass bigint, left_id, right_id, match_key, order_id, "
        "recon_date date, unit_code, currency_code, left_amount m, right_amount m"
    ),
    "fct_recon_breaks": (
        "recon_code, break_id, break_type, match_key, order_id, recon_date date, unit_code, "
        "currency_code, left_amount m, right_amount m, difference_amount m, opened_at t, channel, "
        "shop_id, party, state_code, seen_at t, state_from_at t, episode_number bigint, "
        "decision_id, explanation_code, explained_amount m, unexplained_amount m, case_id"
    ),
    "fct_recon_turns": (
        "break_id, turn_number bigint, recon_code, match_key, order_id, party, channel, shop_id, "
        "recon_date date, currency_code, state_code, break_type, episode_number bigint, from_at t, "
        "until_at t, until_state_code, seen_at t, opened_at t, left_amount m, right_amount m, "
        "difference_amount m, decision_id, reason_code, explanation_code, actor_id, "
        "until_decision_id"
    ),
    "fct_recon_suggestions": (
        "suggestion_id, break_id, member_number bigint, recon_code, match_key, order_id, channel, "
        "shop_id, party, recon_date date, currency_code, left_amount m, right_amount m, "
        "rest_amount m, score integer, days_apart bigint, key_distance bigint, "
        "is_rejected boolean, found_by"
    ),
    "agg_recon_totals": (
        "recon_code, recon_date date, unit_code, currency_code, left_count bigint, left_amount m, "
        "right_count bigint, right_amount m, matched_count bigint, matched_amount m, "
        "break_count bigint, break_amount m, explained_amount m, unexplained_amount m, "
        "unexplained_count bigint, manual_count bigint, manual_amount m"
    ),
    "queue_items": (
        "item_id, queue_code, entity_type, entity_id, episode_number bigint, order_id, channel, "
        "shop_id, started_at t, opened_at t, closed_at t, settled_at t, left_at t, due_at t, "
        "severity integer, at_risk_amount m, currency_code, is_urged boolean, why"
    ),
    "agg_daily_channel_orders": (
        "order_date date, channel, shop_id, currency_code, placed_count bigint, paid_count bigint, "
        "valid_count bigint, cancelled_count bigint, shipped_count bigint, delivered_count bigint, "
        "refunded_count bigint, placed_amount m, gross_amount m, discount_amount m, "
        "returns_amount m, net_amount m, shipping_amount m, tax_amount m, item_quantity m"
    ),
    "agg_feed_watermarks": (
        "source, shop_id, stream, watermark_at t, record_count bigint, last_ingested_at t"
    ),
    "fct_loads": (
        "load_seq bigint, load_id, file_id, source, shop_id, layout, started_at t, finished_at t, "
        "records_read bigint, records_recorded bigint, records_quarantined bigint, "
        "records_skipped bigint, received_at t, mapping_version"
    ),
    "fct_load_streams": "load_id, file_id, source, shop_id, stream, row_count bigint",
    "fct_unknown_codes": (
        "file_id, stream, party, code, source, shop_id, record_count bigint, first_seen_at t"
    ),
    "fct_quarantine": (
        "quarantine_id, file_id, source, shop_id, layout, stream, "
        "row_number bigint, byte_from bigint, byte_to bigint, reason_code, column_name, detail, "
        "raw_cipher blob, raw_masked, received_at t, state"
    ),
    "fct_control_totals": (
        "load_id, name, file_id, source, shop_id, stated m, computed m, is_equal boolean"
    ),
}

PRIVATE: dict[str, str] = {"contacts": "order_id, column_name, cipher blob, subject_id"}

_SHORT = {"m": "decimal(18, 4)", "t": "timestamp"}


def columns_of(spec: str) -> list[tuple[str, str]]:
    """(name, type) of each column of a relation."""
    found = []
    for item in spec.split(", "):
        name, _, kind = item.strip().partition(" ")
        found.append((name, _SHORT.get(kind, kind or "varchar")))
    return found


def ddl(schema: str, relation: str, spec: str) -> str:
    columns = ", ".join(f'"{name}" {kind}' for name, kind in columns_of(spec))
    return f"create table {schema}.{relation} ({columns})"
