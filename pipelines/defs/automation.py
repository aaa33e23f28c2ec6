"""`automation/stock_holds`: what the house decides by itself once a snapshot is served."""

import dagster as dg

from pipelines.automation import hold_short_orders
from pipelines.defs.resources import OWNERS, Home
from pipelines.defs.serving import snapshot


@dg.asset(
    key=["automation", "stock_holds"],
    deps=[snapshot],
    group_name="automation",
    kinds={"python"},
    owners=OWNERS,
    description="RV01: orders that stock does not reach are held, and let go when it does.",
)
def stock_holds(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
    """Writes to the ledger only; the next build folds in what it said."""
    return dg.MaterializeResult(metadata={"orders": hold_short_orders(home.settings())})
