"""Asking other systems: pages of their APIs are landed one by one, as files are."""
