"""The one place that reads the environment.

Everything that depends on where Orderhouse runs is here: folders, addresses, keys, limits.
Nothing else in the code base reads `os.environ`; functions take what they need as arguments.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Settings of one Orderhouse home. Every field is the variable `ORDERHOUSE_<FIELD>`."""

    model_config = SettingsConfigDict(env_prefix="ORDERHOUSE_", env_file=".env", extra="ignore")

    home: Path = Path(".orderhouse")
    ledger_url: SecretStr | None = Field(
        default=None, description="SQLAlchemy URL; default SQLite in the home"
    )
    key_file: Path | None = Field(
        default=None, description="Key-encryption key; default <home>/keys/master.key"
    )
    dbt_project: Path | None = Field(
        default=None, description="Another copy of the models and policies; default the shipped one"
    )
    now: datetime | None = Field(
        default=None, description="Freeze the clock of the app and the command line (naive UTC)"
    )
    app_host: str = "127.0.0.1"
    app_port: int = 8501
    dagster_port: int = 3000
    duckdb_memory_limit: str = Field(
        default="50%", description="A share of the machine, or a size such as 6GB"
    )
    duckdb_threads: int = 2
    snapshots_kept: int = 5
    stale_after_minutes: int = 90
    reporting_zone: str = "Asia/Shanghai"
    reporting_currency: str = "CNY"
    locale: str = "zh"
    cjk_font: Path | None = Field(
        default=None, description="Font file for Chinese on paper; default what fontconfig knows"
    )
    cookie_secure: bool = False
    trusted_proxies: tuple[str, ...] = ()
    real_data: Path | None = Field(
        default=None, description="Files of real systems, for `make real-data` and the tests"
    )
    hooks_host: str = "127.0.0.1"
    hooks_port: int = 8502
    hooks_max_bytes: int = Field(default=5 << 20, description="The largest body of a webhook")
    hooks_per_minute: int = Field(
        default=600, description="Webhooks taken from one address for one connection"
    )
    hooks_tolerance_seconds: int = Field(
        default=300, description="How far a signed time may lie from ours"
    )
    pull_timeout_seconds: float = Field(
        default=60.0, description="How long an answer of another system may take"
    )
    sample_max_bytes: int = Field(
        default=20 << 20, description="The largest sample of a new source that the app takes"
    )
    sample_hours: int = Field(
        default=24, description="How long a sample is kept, encrypted, before it is shredded"
    )
    sample_seconds: int = Field(
        default=120, description="How long reading a sample may take before it is given up"
    )
    failpoint: str | None = Field(
        default=None, description="Tests only: `name:nth`, die by SIGKILL at that moment"
    )

    @property
    def root(self) -> Path:
        return self.home.expanduser().resolve()

    @property
    def landing_dir(self) -> Path:
        return self.root / "landing"

    @property
    def inbox_dir(self) -> Path:
        """Watched folder: `inbox/<source>/<shop>/<file>` is landed by the sensor and the worker."""
        return self.root / "inbox"

    @property
    def connections_dir(self) -> Path:
        """How far each connection has got."""
        return self.root / "connections"

    @property
    def sources_dir(self) -> Path:
        """Mappings of this house's own: `sources/<name>/mapping.yml`, before the shipped ones."""
        return self.root / "sources"

    @property
    def warehouse_path(self) -> Path:
        return self.root / "warehouse" / "warehouse.duckdb"

    @property
    def candidate_path(self) -> Path:
        """Marts before their gates. Not named after its schema: DuckDB names a database after its
        file, and `marts.x` would then mean two things."""
        return self.root / "warehouse" / "candidate.duckdb"

    @property
    def serving_dir(self) -> Path:
        return self.root / "serving"

    @property
    def project_dir(self) -> Path:
        """The dbt project: models, macros, policies."""
        return self.dbt_project or PROJECT_ROOT / "dbt_project"

    @property
    def what_if_dir(self) -> Path:
        """Questions about other policies, and their answers."""
        return self.root / "what_if"

    @property
    def drafts_dir(self) -> Path:
        """Samples of sources that are being made, encrypted, and what was asked about them."""
        return self.root / "source_drafts"

    @property
    def shipped_sources_dir(self) -> Path:
        """Mappings that come with the project."""
        return PROJECT_ROOT / "ingestion" / "sources"

    @property
    def vault_path(self) -> Path:
        return self.root / "vault" / "vault.db"

    @property
    def master_key_path(self) -> Path:
        return self.key_file or self.root / "keys" / "master.key"

    @property
    def dagster_home(self) -> Path:
        return self.root / "dagster"

    @property
    def dbt_dir(self) -> Path:
        """dbt's target and log folders: one per home, so homes never share a manifest."""
        return self.root / "dbt"

    @property
    def demo_dir(self) -> Path:
        return self.root / "demo"

    @property
    def outbox_dir(self) -> Path:
        return self.root / "outbox"

    @property
    def log_dir(self) -> Path:
        return self.root / "logs"

    @property
    def ledger_address(self) -> str:
        if self.ledger_url is not None:
            return self.ledger_url.get_secret_value()
        return f"sqlite:///{self.root / 'ledger.db'}"

    def clock(self) -> datetime:
        """The present, naive UTC. The only call to the system clock outside tests."""
        return self.now or datetime.now(UTC).replace(tzinfo=None)


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Settings of this process, read once."""
    return Settings()


class MissingCredential(RuntimeError):
    """A credential is named but not there; the text names it and never shows one."""


def named(reference: str) -> SecretStr:
    """The credential a reference `env:NAME` stands for.

    Raises:
        MissingCredential: the environment has no such variable, or an empty one.
    """
    scheme, _, name = reference.partition(":")
    if scheme != "env":
        raise MissingCredential(f"{scheme}: is no place credentials come from; write env:NAME.")
    value = os.environ.get(name)
    if not value:
        raise MissingCredential(f"The environment has no {name}.")
    return SecretStr(value)
