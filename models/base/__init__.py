"""What the others are built on: states, transactions, authority, guarded fields, moments, identity."""

# Others extend them.
from . import chorus_authority  # isort: skip
from . import chorus_identity, transactions
