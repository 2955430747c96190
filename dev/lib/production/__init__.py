"""Odoo deployed as people deploy it, each way tried on a scratch copy (`dev/production`)."""
