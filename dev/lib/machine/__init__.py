"""From a bare machine to running processes: packages, Python, Odoo's source, PostgreSQL, locks, ports."""
