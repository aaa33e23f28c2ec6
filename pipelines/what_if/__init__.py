"""Replaying the facts under a changed policy, and what would have been different."""

from pipelines.what_if.replay import answer, answer_all, replay

__all__ = ["answer", "answer_all", "replay"]
