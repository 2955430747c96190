"""Kills and faults against real Odoo processes."""
