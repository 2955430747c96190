"""What the scheduled actions do: prepare, transmit, resolve and follow, for every company.

Plain classes round a :class:`.channel.Channel`; ``models/chorus_worker.py`` lists the steps in order, screens
and buttons go by ``doors``. Each step runs in small transactions of its own and may run in any number of
processes on any number of hosts: PostgreSQL's row locks, one advisory lock per deposit being posted and the
partial unique index on the lines are the only coordination.
"""
