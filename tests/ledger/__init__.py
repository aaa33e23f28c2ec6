"""The ledger: what people decide, on both databases."""
