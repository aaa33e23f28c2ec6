"""The APIs that can be asked. A new one is a module beside this and a name here."""

from __future__ import annotations

from ingestion.pulling.amazon import AMAZON, AMAZON_API
from ingestion.pulling.feeds import Client
from ingestion.pulling.shopify import SHOPIFY
from ingestion.pulling.stripe import STRIPE
from ingestion.pulling.tracking import KUAIDI100, TRACK17
from ingestion.pulling.woocommerce import WOOCOMMERCE

CLIENTS: dict[str, Client] = {
    client.name: client
    for client in (SHOPIFY, WOOCOMMERCE, STRIPE, AMAZON_API, AMAZON, KUAIDI100, TRACK17)
}
