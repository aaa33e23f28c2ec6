"""Tests: one folder a package, plus `support` for what several folders need."""
