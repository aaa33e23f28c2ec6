"""Fixtures of the pipelines' tests."""

from tests.support.disk import small_disk

__all__ = ["small_disk"]
