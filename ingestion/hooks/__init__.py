"""The webhook inbox: what other systems push is checked, landed for good, then acknowledged."""
