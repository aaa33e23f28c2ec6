"""Opening the ledger: one engine over SQLite or PostgreSQL, migrated, with one writer at a time.

SQLite runs in WAL with `synchronous=FULL` and every write begins with `BEGIN IMMEDIATE`: a
transaction that reads first and writes later would otherwise fail with "database is locked"
whatever the timeout. On PostgreSQL an advisory lock held until commit gives the same single line of
writers, so sequence numbers appear in commit order and a reader's watermark loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url

MIGRATIONS = Path(__file__).with_name("migrations")
VERSION_TABLE = "ledger_version"
HEAD_REVISION = "0006"

# Any constant does; it only has to be the same for every process of one database.
APPEND_LOCK = 0x0DE5_11ED
MIGRATE_LOCK = APPEND_LOCK + 1

# OWASP asks for 19 MiB; 64 MiB and two passes cost about 0.1 s a sign-in.
PASSWORDS = PasswordHasher(time_cost=2, memory_cost=64 * 1024, parallelism=1)


@dataclass(frozen=True, slots=True)
class Ledger:
    """An open ledger. Give it to the functions of this package."""

    engine: Engine
    passwords: PasswordHasher = PASSWORDS

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A read transaction: one consistent view, never waits for the writer."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The write transaction: alone until it commits; rolled back on any exception."""
        with self.engine.connect() as connection:
            connection = connection.execution_options(ledger_write=True)
            with connection.begin():
                if not self.is_sqlite:
                    connection.execute(
                        text("select pg_advisory_xact_lock(:key)"), {"key": APPEND_LOCK}
                    )
                yield connection

    def close(self) -> None:
        self.engine.dispose()


def open_ledger(url: str, *, passwords: PasswordHasher = PASSWORDS) -> Ledger:
    """Open the ledger at a SQLAlchemy URL and bring its tables up to date."""
    ledger = Ledger(_engine(url), passwords)
    _migrate(ledger)
    return ledger


def _engine(url: str) -> Engine:
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        if address.database and address.database != ":memory:":
            Path(address.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Autocommit in the driver leaves BEGIN to us.
        engine = create_engine(address, connect_args={"isolation_level": None, "timeout": 30})
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)
        return engine
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() != "postgresql":
        raise ValueError(f"The ledger lives in SQLite or PostgreSQL, not {address.drivername!r}")
    return create_engine(address, pool_pre_ping=True)


def _on_sqlite_connect(raw: Any, _record: Any) -> None:
    cursor = raw.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=30000",
        "foreign_keys=ON",
        "trusted_schema=OFF",
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_sqlite_begin(connection: Connection) -> None:
    is_write = connection.get_execution_options().get("ledger_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")


def _is_current(connection: Connection) -> bool:
    if not inspect(connection).has_table(VERSION_TABLE):
        return False
    row = connection.execute(text(f"select version_num from {VERSION_TABLE}")).scalar()  # noqa: S608
    return row == HEAD_REVISION


def _migrate(ledger: Ledger) -> None:
    with ledger.reading() as connection:
        if _is_current(connection):
            return
    # Importing Alembic costs a third of a second: only when there is something to do.
    from alembic import command
    from alembic.config import Config

    with ledger.engine.connect() as connection:
        connection = connection.execution_options(ledger_write=True)
        with connection.begin():
            if not ledger.is_sqlite:
                connection.execute(
                    text("select pg_advisory_xact_lock(:key)"), {"key": MIGRATE_LOCK}
                )
            if _is_current(connection):
                return
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
