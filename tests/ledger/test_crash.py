"""An acknowledged action survives SIGKILL; another is there whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from orderhouse.ledger import audit_verify, decisions_after, open_ledger
from tests.support.people import CHEAP, add_person

ROOT = Path(__file__).resolve().parents[2]
ACTOR = """
import secrets, sys
from orderhouse.ledger import ObjectRef, act, open_ledger
from tests.support.people import CHEAP, NOW, signed_in
ledger = open_ledger(sys.argv[1], passwords=CHEAP)
who = signed_in(ledger, "reviewer")
for number in range(int(sys.argv[2]), int(sys.argv[2]) + 50):
    ref = ObjectRef(queue_code="Q07", item_id=f"i{number}", entity_type="order", entity_id="o")
    done = act(ledger, who, verb="claim", object=ref, args={}, expected_version=0,
               idempotency_key=secrets.token_hex(8), now=NOW, snapshot_id="b")
    print(done.action_id, flush=True)
"""


@pytest.mark.parametrize("moment", ["act.before_commit", "act.after_commit"])
def test_acknowledged_actions_survive_a_kill(ledger_url: str, moment: str) -> None:
    ledger = open_ledger(ledger_url, passwords=CHEAP)
    add_person(ledger, "reviewer", "order_processor")
    acknowledged: list[str] = []
    for round_number, nth in enumerate((1, 4)):
        killed = subprocess.run(
            [sys.executable, "-c", ACTOR, ledger_url, str(round_number * 100)],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=os.environ | {"ORDERHOUSE_FAILPOINT": f"{moment}:{nth}", "PYTHONPATH": str(ROOT)},
            check=False,
        )
        assert killed.returncode == -9, killed.stderr
        acknowledged += killed.stdout.split()
    stored = [row["decision_id"] for row in decisions_after(ledger, 0)]
    assert set(acknowledged) <= set(stored)
    assert len(stored) == len(acknowledged) + (2 if moment == "act.after_commit" else 0)
    assert audit_verify(ledger).ok
    ledger.close()
