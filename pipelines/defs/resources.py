"""What assets are given: the settings of this home."""

import dagster as dg

from orderhouse.settings import Settings, get_settings

WAREHOUSE_POOL = "warehouse"
OWNERS = ["team:data"]


class Home(dg.ConfigurableResource):
    """The Orderhouse home the run works on; read from the environment of the process."""

    def settings(self) -> Settings:
        return get_settings()
