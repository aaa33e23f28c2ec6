"""The app: every page, every role, both languages."""
