"""Odoo, its databases, the simulator beside it, and who speaks to them from outside."""
