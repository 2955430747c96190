"""Names of types for code that reads records."""

from typing import Any

# A recordset of Odoo, of whatever model: a type checker knows nothing of its fields.
Record = Any
# Odoo's environment.
Env = Any
# What the semantic invoice has no room for: the code of a finding, the record it is about, its parameters.
Problem = tuple[str, Any, dict[str, Any]]
