"""Orders of which the house said that they would likely leave late."""

from __future__ import annotations

from tests.dbt_project.facts import DAY, START, Fact, billed, decided, line, order, paid, step

HOUR = DAY / 24
T = START + DAY * 3
# Said in time, said and taken back, said before the promise began, said after its warning.
SAID, UNDONE, EARLY, WARNED = (f"tb-103{number}" for number in range(4))


def forecast() -> list[Fact]:
    facts: list[Fact] = []
    for order_id, hours in ((SAID, 10), (UNDONE, 10), (EARLY, -1), (WARNED, 40)):
        facts += [
            order(order_id, T - DAY / 12), line(order_id, sku="SKU60"), paid(order_id, T),
            billed(order_id, T),
            decided(order_id, "breach_likely", T + HOUR * hours, queue_code="Q17",
                    actor_id="robot", forecast_probability=0.6125, forecast_limit=0.5,
                    forecast_count=340, forecast_basis="taobao/weekday-3/quarter-1/tenth-2"),
            step(order_id, "handed_over", T + HOUR * (20 if hours < 40 else 44), carrier="sf",
                 tracking_number=f"SF{order_id[3:]}"),
        ]  # fmt: skip
    # A later forecast of the same promise opens nothing anew.
    facts.append(
        decided(SAID, "breach_likely", T + HOUR * 15, queue_code="Q17", actor_id="robot",
                forecast_probability=0.9, forecast_limit=0.5, forecast_count=500,
                forecast_basis="taobao/weekday-3/quarter-1/tenth-3")
    )  # fmt: skip
    said = T + HOUR * 10
    facts.append(
        decided(UNDONE, "undo", said + HOUR, queue_code="Q17",
                undoes_decision_id=f"{UNDONE}-breach_likely-{said:%d%H%M}")
    )  # fmt: skip
    return facts
