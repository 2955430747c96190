"""Figures: speed, queries, calls, large amounts."""
