"""Everything the simulator remembers, in one SQLite file.

Write-ahead log: what was committed survives a SIGKILL, so an accepted deposit is never lost. One
connection, one lock: a transaction is the unit of everything the server does to its state.
"""

import fcntl
import json
import sqlite3
import threading
from contextlib import contextmanager
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS token (value TEXT PRIMARY KEY, client TEXT NOT NULL, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS structure (
    id INTEGER PRIMARY KEY, identifier TEXT UNIQUE NOT NULL, name TEXT NOT NULL, public INTEGER NOT NULL,
    active INTEGER NOT NULL, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS deposit (
    flow_number TEXT PRIMARY KEY, taken_seq INTEGER UNIQUE NOT NULL, received_at REAL NOT NULL,
    client TEXT NOT NULL, account TEXT NOT NULL, filename TEXT NOT NULL, syntax TEXT NOT NULL,
    signed INTEGER NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL,
    visible_at REAL NOT NULL, steps TEXT NOT NULL, verdict_at REAL NOT NULL, forced_state TEXT,
    read INTEGER NOT NULL DEFAULT 0, technical TEXT NOT NULL DEFAULT '[]',
    verdict TEXT, reported_at REAL, reported_seq INTEGER);
CREATE INDEX IF NOT EXISTS deposit_due ON deposit (verdict_at) WHERE verdict IS NULL;
CREATE TABLE IF NOT EXISTS content (flow_number TEXT PRIMARY KEY, bytes BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS file (
    id INTEGER PRIMARY KEY, flow_number TEXT NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL,
    size INTEGER NOT NULL, seller TEXT, number TEXT, buyer TEXT, total TEXT, issue_date TEXT,
    facts TEXT, technical TEXT NOT NULL DEFAULT '[]', verdict TEXT, errors TEXT NOT NULL DEFAULT '[]',
    invoice_id INTEGER);
CREATE INDEX IF NOT EXISTS file_flow ON file (flow_number);
CREATE INDEX IF NOT EXISTS file_pair ON file (seller, number);
CREATE TABLE IF NOT EXISTS invoice (
    id INTEGER PRIMARY KEY, flow_number TEXT, seller TEXT NOT NULL, seller_id INTEGER, buyer TEXT NOT NULL,
    buyer_id INTEGER, service_code TEXT, service_id INTEGER, number TEXT NOT NULL, kind TEXT NOT NULL,
    issue_date TEXT NOT NULL, deposited_at REAL NOT NULL, cadre TEXT NOT NULL, net REAL NOT NULL,
    gross REAL NOT NULL, payable REAL NOT NULL, currency TEXT NOT NULL, contract TEXT, purchase_order TEXT,
    original TEXT, bank_id INTEGER, mode TEXT NOT NULL, creator TEXT NOT NULL, status TEXT NOT NULL,
    status_at REAL NOT NULL, comment TEXT, next_status TEXT, next_at REAL,
    rejection_handled INTEGER NOT NULL DEFAULT 0, downloaded INTEGER NOT NULL DEFAULT 0,
    validator_id INTEGER, facts TEXT NOT NULL DEFAULT '{}');
CREATE INDEX IF NOT EXISTS invoice_flow ON invoice (flow_number);
CREATE INDEX IF NOT EXISTS invoice_pair ON invoice (seller, number);
CREATE INDEX IF NOT EXISTS invoice_number ON invoice (number);
CREATE INDEX IF NOT EXISTS invoice_status_at ON invoice (status_at);
CREATE INDEX IF NOT EXISTS invoice_status ON invoice (status, status_at);
CREATE INDEX IF NOT EXISTS invoice_deposited ON invoice (deposited_at);
CREATE INDEX IF NOT EXISTS invoice_buyer ON invoice (buyer_id);
CREATE INDEX IF NOT EXISTS invoice_next ON invoice (next_at) WHERE next_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS event (
    id INTEGER PRIMARY KEY, invoice_id INTEGER NOT NULL, code TEXT NOT NULL, at REAL NOT NULL,
    comment TEXT, who TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS event_invoice ON event (invoice_id);
CREATE TABLE IF NOT EXISTS action (
    id INTEGER PRIMARY KEY, invoice_id INTEGER NOT NULL, code TEXT NOT NULL, at REAL NOT NULL,
    who TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS action_invoice ON action (invoice_id);
CREATE TABLE IF NOT EXISTS attachment (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, name TEXT NOT NULL, mime TEXT, extension TEXT,
    designation TEXT, kind TEXT, invoice_id INTEGER, at REAL NOT NULL, bytes BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS attachment_invoice ON attachment (invoice_id);
"""
TABLES_OF_A_RUN = (
    "token",
    "deposit",
    "content",
    "file",
    "invoice",
    "event",
    "action",
    "attachment",
    "structure",
    "meta",
)


class Busy(Exception):
    """Another simulator already uses the directory."""


class Store:
    """Rows as ``sqlite3.Row``. Reads and writes go through :meth:`transaction`, which may be nested."""

    def __init__(self, folder):
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self._guard = (folder / "lock").open("w")
        try:
            fcntl.flock(self._guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Busy(f"another simulator is running on {folder}") from None
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(folder / "simulator.sqlite", check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA)

    @contextmanager
    def transaction(self):
        """Serialise with every other thread; commit at the end, roll all back on an exception."""
        with self._lock:
            if self._depth == 0:
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield self
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._db.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._db.execute("COMMIT")

    def all(self, sql, *values):
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def one(self, sql, *values):
        with self._lock:
            return self._db.execute(sql, values).fetchone()

    def run(self, sql, *values):
        with self._lock:
            return self._db.execute(sql, values).lastrowid

    def run_many(self, sql, rows):
        with self._lock:
            self._db.executemany(sql, rows)

    def insert(self, table, row):
        columns = ", ".join(row)
        places = ", ".join("?" * len(row))
        return self.run(f"INSERT INTO {table} ({columns}) VALUES ({places})", *row.values())

    def update(self, table, key, values):
        """``key`` and ``values`` are column → value; every row that has the key's value changes."""
        assignments = ", ".join(f"{column} = ?" for column in values)
        condition = " AND ".join(f"{column} = ?" for column in key)
        self.run(f"UPDATE {table} SET {assignments} WHERE {condition}", *values.values(), *key.values())

    def recall(self, key, default=None):
        row = self.one("SELECT value FROM meta WHERE key = ?", key)
        return default if row is None else json.loads(row["value"])

    def remember(self, key, value):
        self.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, json.dumps(value))

    def next_number(self, counter, start=1):
        """The next value of a named counter; numbers are never given twice, even after a restart."""
        with self.transaction():
            value = self.recall(counter, start - 1) + 1
            self.remember(counter, value)
        return value

    def wipe(self):
        with self.transaction():
            for table in TABLES_OF_A_RUN:
                self.run(f"DELETE FROM {table}")

    def close(self):
        with self._lock:
            self._db.close()
        self._guard.close()
