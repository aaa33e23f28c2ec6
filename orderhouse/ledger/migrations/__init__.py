"""Alembic scripts of the ledger. They run inside `open_ledger`; there is no alembic.ini."""
