"""The app: what people look at and act on. Reads snapshots, writes decisions."""
