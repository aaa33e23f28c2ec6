"""Sets up the demo business in a home: generate, land with its delivery times."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime

import polars as pl

from ingestion.demo import DemoPlan, generate
from ingestion.landing import Landing
from orderhouse.privacy import open_privacy
from orderhouse.settings import Settings


def land_demo(settings: Settings, plan: DemoPlan, say: Callable[[str], None]) -> bool:
    """Generates and lands the business once; False if this home already has one."""
    marker = settings.demo_dir / "landed"
    if marker.exists():
        say(f"The demo business is here already ({marker.read_text(encoding='utf-8')}).")
        return False
    if settings.demo_dir.exists():
        shutil.rmtree(settings.demo_dir)
    say(f"Generating {plan.orders} orders over {plan.days} days")
    made = generate(plan, settings.demo_dir)
    say(f"Landing {made.files} files")
    privacy = open_privacy(settings)
    landing = Landing(settings.landing_dir, privacy)
    for path, source, shop, delivered in pl.read_csv(made.deliveries).iter_rows():
        landing.land(
            settings.demo_dir / path,
            source=source,
            shop=shop,
            received_at=datetime.fromtimestamp(delivered, UTC).replace(tzinfo=None),
        )
    privacy.vault.close()
    # The landing store has them now, encrypted; the plain copies go.
    shutil.rmtree(settings.demo_dir / "files")
    marker.write_text(
        json.dumps({"orders": plan.orders, "until": plan.until.isoformat()}), encoding="utf-8"
    )
    return True
