"""Analyses: why figures are what they are. One module a question; none of them is stored."""
