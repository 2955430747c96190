"""Names of types for code that reads records."""

from typing import Any

# A recordset of Odoo, of whatever model: a type checker knows nothing of its fields.
Record = Any
# Odoo's environment.
Env = Any
