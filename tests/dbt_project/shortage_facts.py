"""Orders that stock does not reach: held by RV01, let go when it comes, or let go by a person."""

from __future__ import annotations

from tests.dbt_project.facts import DAY, START, Fact, decided, line, moved, order, paid

WAITS, REACHED, RELEASED, UNDONE = (f"tb-43{number}" for number in range(4))
PLACED, SEEN = START + DAY * 2, START + DAY * 2.5


def shortages() -> list[Fact]:
    facts = []
    for number, name in enumerate((WAITS, REACHED, RELEASED, UNDONE)):
        sku = f"SKU43{number}"
        facts += [
            moved(sku, "opening", 1, START - DAY, f"s43{number}"),
            order(name, PLACED, payable_amount=100),
            line(name, sku=sku),
            paid(name, PLACED),
            decided(name, "stock_short", SEEN, queue_code="Q11", quantity=1, actor_id="robot"),
        ]
    return [
        *facts,
        moved("SKU431", "receipt", 5, START + DAY * 3, "s431b"),
        decided(REACHED, "stock_reached", START + DAY * 3.5, queue_code="Q11", actor_id="robot"),
        decided(RELEASED, "release_hold", START + DAY * 4, queue_code="Q09", hold_type="stock",
                actor_role="ops_lead", reason_code="force_pass"),
        decided(UNDONE, "undo", SEEN + DAY / 8, queue_code="Q11",
                undoes_decision_id=f"{UNDONE}-stock_short-{SEEN:%d%H%M}"),
    ]  # fmt: skip
