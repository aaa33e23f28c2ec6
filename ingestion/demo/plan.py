"""What kind of business is generated: size, period, rhythm and how often things go wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zlib import crc32

import numpy as np

MINUTE, HOUR, DAY = 60, 3600, 86_400
LOCAL_OFFSET = 8 * HOUR  # the business keeps the calendar of Asia/Shanghai, which has no DST

TAOBAO, SHOPIFY = "tb", "shopify"
WAREHOUSE = "WH1"

# Of all orders, how many carry each fault; each fault has at least MIN_FAULTS so that precision and
# recall of its queue mean something also in a small business.
FAULT_RATES: dict[str, float] = {
    "unpaid_not_cancelled": 0.002,
    "payment_short": 0.0015,
    "payment_over": 0.001,
    "payment_double": 0.0015,
    "payment_topped_up": 0.0005,
    "presold": 0.002,
    "rest_overdue": 0.0005,
    "bill_line_missing": 0.0015,
    "bill_amount_wrong": 0.001,
    "bill_line_double": 0.001,
    "fee_wrong": 0.001,
    "parcel_lost": 0.0005,
    "error_unreported": 0.0005,
    "error_unreviewed": 0.0005,
    "freight_wrong": 0.001,
    "freight_not_billed": 0.0005,
    "cod_not_remitted": 0.0005,
    "cod_short": 0.0005,
    "claim_unpaid": 0.0005,
    "refund_line_wrong": 0.0005,
    "refund_line_missing": 0.0005,
    "refund_unknown": 0.0005,
    "refund_above_share": 0.0005,
    "compensation_unpaid": 0.0005,
    "compensation_short": 0.0005,
    "order_missing": 0.001,
    "parcel_silent": 0.003,
    "parcel_exception": 0.003,
    "delivered_not_received": 0.002,
    "not_shipped_in_time": 0.002,
    "buyer_urges": 0.001,
    "sku_missing": 0.001,
    "sku_unknown": 0.0005,
    "address_missing": 0.001,
    "phone_invalid": 0.001,
    "quantity_outlier": 0.001,
    "value_outlier": 0.0003,
    "edited_late": 0.001,
    "buyer_cancels_often": 0.0007,
    "refund_failed": 0.001,
    "stuck_in_warehouse": 0.002,
    "pick_short": 0.0015,
    "no_first_scan": 0.0015,
    "case_undecided": 0.001,
    "return_overdue": 0.001,
    "return_wrong_item": 0.001,
    "return_unannounced": 0.001,
    "qc_overdue": 0.001,
    "refund_overdue": 0.001,
    "shipped_before_paid": 0.001,
    "shipped_after_cancel": 0.001,
    "shipped_uninsured": 0.0003,
    "refund_without_inspection": 0.001,
    "refund_too_much": 0.001,
    "refund_twice": 0.001,
    "refund_without_goods": 0.001,
    "shipped_after_refund": 0.001,
    "refund_in_transit": 0.001,
    "refund_without_case": 0.001,
    "ship_not_synced": 0.001,
    "closed_on_channel": 0.001,
    "finished_on_the_way": 0.001,
    "delivery_not_synced": 0.001,
    "complaint_unanswered": 0.001,
    "complaint_major_unanswered": 0.001,
    "complaint_major_unplanned": 0.001,
    "invoice_missing": 0.0005,
    "invoice_short": 0.0005,
    "invoice_over": 0.0005,
    "invoice_double": 0.0005,
    "invoice_not_credited": 0.0005,
    "supply_late": 0.001,
    "supply_over": 0.001,
    "supply_unapproved": 0.001,
    "supply_price": 0.001,
}
MIN_FAULTS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPlan:
    """Seed, size and period. The same plan gives the same bytes."""

    orders: int = 20_000
    seed: int = 7
    days: int = 60
    until: datetime = datetime(2026, 6, 30, 9, 0)  # naive UTC: the present of the business
    taobao_share: float = 0.55

    @property
    def until_s(self) -> int:
        return int(self.until.replace(tzinfo=UTC).timestamp())

    @property
    def start_s(self) -> int:
        return self.until_s - self.days * DAY

    @property
    def sku_count(self) -> int:
        return max(40, min(5_000, self.orders // 40))

    @property
    def buyer_count(self) -> int:
        return max(200, int(self.orders * 0.6))

    def rng(self, part: str) -> np.random.Generator:
        """The dice of one part of the business; another part's draws do not move them."""
        return np.random.Generator(np.random.PCG64([self.seed, crc32(part.encode())]))

    def fault_count(self, fault: str) -> int:
        return max(MIN_FAULTS, round(self.orders * FAULT_RATES[fault]))
