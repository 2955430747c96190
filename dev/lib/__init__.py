"""Shared library of the scripts in dev/: set-up, processes, databases, Odoo and browser helpers."""
