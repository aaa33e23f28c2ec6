"""Measurements: paired, interleaved, against hand-written baselines that give the same answers."""
