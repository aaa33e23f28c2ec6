"""Articles of the business: names, prices, how often each is bought (Zipf)."""

from __future__ import annotations

import numpy as np
import polars as pl

from ingestion.demo.plan import DemoPlan

# In two languages, category, grams as packed, whether it breaks easily.
_KINDS = (
    ("雪平锅", "Saucepan", "厨具", 1200, False),
    ("保温杯", "Thermos cup", "厨具", 400, False),
    ("四件套", "Bedding set", "家纺", 2100, False),
    ("台灯", "Desk lamp", "家居", 1500, True),
    ("收纳盒", "Storage box", "家居", 800, False),
    ("瑜伽垫", "Yoga mat", "运动", 1100, False),
    ("跳绳", "Skipping rope", "运动", 300, False),
    ("数据线", "USB cable", "数码", 100, False),
    ("蓝牙耳机", "Earphones", "数码", 200, False),
    ("帆布包", "Canvas bag", "箱包", 300, False),
    ("雨伞", "Umbrella", "家居", 500, False),
    ("面膜", "Face mask", "美妆", 300, False),
)
_SHADES = ("白", "黑", "灰", "蓝", "绿", "粉", "米", "木色")
ZIPF_EXPONENT = 1.05
# How codes of the shops begin that are on no list of the house.
UNLISTED = "NEW-"
# Every eighth article is of a supplier that sends it to the buyer itself. The house keeps some all
# the same, for orders that have something else in them.
HOUSE_SUPPLIER, DROPSHIPPERS = "SUP1", ("SUP2", "SUP3", "SUP4")
_EVERY, _FIRST = 8, 3


def sent_by(article: np.ndarray) -> np.ndarray:
    """The supplier that sends each article itself; empty where the house does."""
    names = np.array(DROPSHIPPERS, dtype=object)[article // _EVERY % len(DROPSHIPPERS)]
    return np.where(article % _EVERY == _FIRST, names, "").astype(object)


def draw_catalogue(plan: DemoPlan, rng: np.random.Generator) -> pl.DataFrame:
    """One row per sku: sku, titles, category, weight, prices and cost in cents, supplier, share of sales."""
    count = plan.sku_count
    kind = rng.integers(0, len(_KINDS), count)
    shade = rng.integers(0, len(_SHADES), count)
    # Prices end in .90 and stay low enough that no ordinary order reaches the high-value rule.
    price = np.clip(rng.lognormal(3.8, 0.6, count), 9, 260).astype(np.int64) * 100 + 90
    sender = sent_by(np.arange(count))
    popularity = 1.0 / np.arange(1, count + 1) ** ZIPF_EXPONENT
    return pl.DataFrame(
        {
            "sku": [f"SKU{i:05d}" for i in range(1, count + 1)],
            "title_zh": [
                f"{_KINDS[k][0]} {_SHADES[s]}色 {i}号"
                for i, (k, s) in enumerate(zip(kind, shade, strict=True))
            ],
            "title_en": [f"{_KINDS[k][1]} No. {i}" for i, k in enumerate(kind)],
            "category": [_KINDS[k][2] for k in kind],
            "grams": [_KINDS[k][3] for k in kind],
            "is_fragile": [_KINDS[k][4] for k in kind],
            "price_cny": price,
            "price_usd": price // 7 // 10 * 10 + 9,
            "cost_cny": (price * 0.55).astype(np.int64),
            "supplier": np.where(sender == "", HOUSE_SUPPLIER, sender).tolist(),
            "share": popularity / popularity.sum(),
        }
    )
