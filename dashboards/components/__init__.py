"""Pieces of pages. A component draws what it is given; it asks no question of the marts."""
