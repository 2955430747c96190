"""PISTE and Chorus Pro on 127.0.0.1, for tests, demonstrations and training.

Run ``python -m simulator --port 0 --data DIR``. The other side of the wire: it shares no code with the
packages that send invoices and reads the deposits with its own eyes, so that one mistake cannot be made
twice in the same way. It needs lxml and pypdf, nothing else.

How a request travels: ``server`` (sockets, faults) → ``app`` (which door) → ``gateway`` (token, API
subscription, technical account, request contract) → one function of ``operations`` → ``flows`` and
``invoices`` (the life of what was deposited) → ``store`` (SQLite).
"""
