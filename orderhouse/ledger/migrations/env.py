"""How Alembic reaches the ledger: through the connection `open_ledger` already holds."""

from alembic import context

from orderhouse.ledger.engine import VERSION_TABLE
from orderhouse.ledger.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    transactional_ddl=False,
)
context.run_migrations()
