"""The app: what people look at and act on. Reads snapshots and the ledger; writes only decisions."""
