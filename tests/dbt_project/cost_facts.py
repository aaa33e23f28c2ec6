"""What orders cost: goods, parcels, fees; known in full, in another currency, or not yet."""

from __future__ import annotations

from tests.dbt_project.facts import DAY, START, Fact, billed, case, line, order, paid, step
from tests.dbt_project.money_facts import charge

ABROAD = {"currency_code": "USD", "provider": "shopify_payments", "shop_id": "shopify"}


def with_costs() -> list[Fact]:
    t = START + DAY * 5
    whole, abroad, waiting, kit = "tb-380", "shopify-381", "tb-382", "tb-383"
    sent = {"carrier": "sf", "quantity": 2}
    return [
        # The cost is first unknown and stated a day later.
        ("products", {"sku": "CST1", "listed_at": t}),
        ("products", {"sku": "CST1", "cost_amount": 20, "currency_code": "CNY",
                      "listed_at": t + DAY, "observed_at": t + DAY}),
        ("kit_components", {"kit_sku": "CSTKIT", "component_sku": "CST1",
                            "component_quantity": 2, "stated_at": t, "source": "erpnext",
                            "shop_id": "tb"}),
        order(whole, t), line(whole, sku="CST1"), paid(whole, t), billed(whole, t),
        step(whole, "handed_over", t + DAY, tracking_number="SF380", **sent),
        charge("380", "SF380", t + DAY * 2, 12),
        order(abroad, t, currency_code="USD"), line(abroad, sku="CST1", currency_code="USD"),
        paid(abroad, t, currency_code="USD", provider="shopify_payments"),
        billed(abroad, t, fee_amount=3.2, source="shopify", **ABROAD),
        step(abroad, "handed_over", t + DAY, tracking_number="SF381", **sent),
        charge("381", "SF381", t + DAY * 2, 14.2),
        # One of two pieces comes back fit to be sold; its parcel is on no bill yet.
        order(waiting, t), line(waiting, sku="CST1"), paid(waiting, t), billed(waiting, t),
        step(waiting, "handed_over", t + DAY, tracking_number="SF382", **sent),
        *[case(waiting, code, t + DAY * (2 + n), case_kind="return", sku="CST1", quantity=1)
          for n, code in enumerate(("requested", "approved", "return_received", "qc_passed"))],
        # A set, in the parcel of another order.
        order(kit, t), line(kit, sku="CSTKIT"), paid(kit, t), billed(kit, t),
        step(kit, "handed_over", t + DAY, tracking_number="SF380", **sent),
    ]  # fmt: skip
