"""Sending what was decided to the systems it concerns, and how each of them is spoken to."""

from pipelines.delivery.run import Tally, deliver_once

__all__ = ["Tally", "deliver_once"]
