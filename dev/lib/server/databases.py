"""Databases: a template with French accounting and demo data, and quick copies of it.

All names start with `prefix()`, which differs for each cache, so that two caches may share one server.
A copy made for one run carries a lock of the same name; what dead runs left is dropped by the next one.
"""

import contextlib
import os
import secrets
import shutil
import subprocess
from pathlib import Path

from .. import console, paths
from ..machine import locks, system
from . import odoo

BASE_MODULES = ("l10n_fr_facturx_chorus_pro", "account_edi_ubl_cii", "l10n_fr_account")
# A change here makes new template databases.
_RECIPE = "1"
# Environment variable with the name of a ready database with the addon: the code is being mutated, its tables
# are not.
GIVEN = "CHORUS_ADDON_DATABASE"
# The parameter of a kept database that names the state of the addon it was brought to.
_STATE = "dev.addon_state"
_AFTER_INSTALL = """
french = env["res.lang"].with_context(active_test=False).search([("code", "=", "fr_FR")])
env["base.language.install"].create({"lang_ids": french.ids}).lang_install()
# Odoo waits one second for scripts in each PDF by default; invoices have none worth waiting for.
env["ir.config_parameter"].set_param("report.print_delay", "1")
# Each test that prints would make these again (seconds), and roll them back.
for bundle in ("web.report_assets_common", "web.report_assets_pdf"):
    env["ir.qweb"]._get_asset_bundle(bundle, css=True, js=False, autoprefix=True).css()
env.cr.commit()
"""


def prefix():
    """What the names of all our databases start with."""
    machine = Path("/etc/machine-id")
    return f"chorus_{paths.digest(machine.read_text() if machine.exists() else '', str(paths.cache()))[:6]}_"


def sql(database, statement):
    """Run SQL with psql; returns the lines of the answer (columns separated by `|`)."""
    command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise console.Stop(f"psql {database}: {done.stderr.strip()}")
    # Not splitlines(), which also cuts at signs that a value may hold.
    return done.stdout.split("\n")[:-1]


def answers(database, statements):
    """The answers to several statements, from one psql: it takes longer to start than most of them."""
    mark = f"-- {secrets.token_hex(8)}"
    text = "".join(f"{statement.strip()};\n\\echo {mark}\n" for statement in statements)
    command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    if done.returncode:
        raise console.Stop(f"psql {database}: {done.stderr.strip()}")
    return [part.split("\n")[:-1] for part in done.stdout.split(f"{mark}\n")[:-1]]


def names():
    """All our databases, without the prefix."""
    start = prefix()
    rows = sql("postgres", f"SELECT datname FROM pg_database WHERE datname LIKE '{start}%' ORDER BY 1")
    return [row.removeprefix(start) for row in rows]


def all_names():
    """Every database of the server that is not PostgreSQL's own."""
    query = "SELECT datname FROM pg_database WHERE datname <> 'postgres' AND NOT datistemplate ORDER BY 1"
    return sql("postgres", query)


def exists(name):
    """Whether the database (its full name) exists."""
    return bool(sql("postgres", f"SELECT 1 FROM pg_database WHERE datname = '{name}'"))


def copy(source, target):
    """Copy a database and its filestore. Nothing may be connected to `source`."""
    _copy_files(source, target)
    # FILE_COPY links whole files: much quicker than WAL_LOG for a database of this size.
    strategy = "" if system.postgres_version() < 15 else " STRATEGY FILE_COPY"
    with locks.held(f"copy-{source}"):
        sql("postgres", f'CREATE DATABASE "{target}" TEMPLATE "{source}"{strategy}')


def _copy_files(source, target):
    files = odoo.filestore(source)
    if files.exists():
        # The filestore's files are named by their content and never written again: hard links do.
        shutil.copytree(files, odoo.filestore(target), copy_function=_link, dirs_exist_ok=True)


def _link(source, target):
    with contextlib.suppress(FileExistsError):
        os.link(source, target)


def ensure(environment, name):
    """Copy the template to the database `name` unless that exists."""
    if not exists(name):
        with locks.held(f"ensure-{name}"):
            if not exists(name):
                copy(base(environment), name)


def drop(name):
    """Drop a database (its full name), whoever is connected, and its filestore."""
    sql("postgres", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(odoo.filestore(name), ignore_errors=True)


@contextlib.contextmanager
def temporary(environment, kind, source=None, keep=False):
    """A copy of the template (or of `source`) for one run; yields its name, drops it at the end."""
    drop_dead()
    source = source or base(environment)
    name = f"{prefix()}run_{kind}_{secrets.token_hex(3)}"
    lock = locks.take(name)
    try:
        copy(source, name)
        yield name
    finally:
        if not keep:
            drop(name)
        lock.close()


@contextlib.contextmanager
def kept(environment):
    """This clone's database for chosen tests, which stays from run to run; yields its name.

    One run at a time uses it. Should it be in the way: ``dev/db drop``.
    """
    name = f"{prefix()}kept_{paths.digest(str(paths.ROOT), environment.odoo.version)}"
    with locks.held(name):
        if not exists(name):
            copy(base(environment), name)
        yield name


class Change:
    """What brings the addon in a kept database to the state of the clone.

    A state is noted only when its upgrade has ended, and the note is taken away when one begins: a run that
    was interrupted leaves none, and the next one upgrades again.

    :ivar arguments: of Odoo; none when the addon is in that state already
    """

    def __init__(self, database):
        # The files may change while the tests run: what counts is the state that Odoo begins with.
        self._database, self._state = database, odoo.sources_digest()
        noted = sql(database, f"SELECT value FROM ir_config_parameter WHERE key = '{_STATE}'")
        # `-i` does nothing to an addon that is installed, `-u` nothing to one that is not.
        self.arguments = [] if noted == [self._state] else ["-i", paths.NAME, "-u", paths.NAME]
        if self.arguments:
            sql(database, f"DELETE FROM ir_config_parameter WHERE key = '{_STATE}'")

    def ended(self):
        """Odoo has come to the end of its upgrade."""
        set_parameter(self._database, _STATE, self._state)


def drop_dead():
    """Drop the databases of runs that died."""
    for name in names():
        full = prefix() + name
        if name.startswith("run_"):
            lock = locks.take(full)
            if lock:
                drop(full)
                lock.close()


def base(environment):
    """The name of the template database without our addon, building it the first time."""
    return template(environment, "base", _RECIPE, lambda name: _install_base(environment, name))


def with_addon(environment):
    """The name of the template database with our addon as it is now in the clone."""
    if given := os.environ.get(GIVEN):
        return given
    key = f"{base(environment)}:{odoo.sources_digest()}"

    def build(name):
        with console.step("Installing the addon into a template database"):
            copy(base(environment), name)
            odoo.run(environment, ["-d", name, "-i", paths.NAME], log="template-addon")
        drop_old_templates()

    return template(environment, "addon", key, build)


def drop_old_templates(kept=10):
    """Drop the templates with older states of the addon, but for the last few."""
    query = f"SELECT datname FROM pg_database WHERE datname LIKE '{prefix()}addon_%' ORDER BY oid DESC"
    for name in sql("postgres", query)[kept:]:
        lock = locks.take(name)
        if lock:
            drop(name)
            lock.close()


def set_parameter(database, key, value):
    """Set a system parameter of a database in which no Odoo runs yet."""
    sql(
        database,
        f"INSERT INTO ir_config_parameter (key, value) VALUES ('{key}', '{value}') "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )


def template(environment, kind, key, build):
    """The name of a template database that `build(name)` fills, made once for each `key`.

    It appears under its name only when complete, so an interrupted build leaves nothing half made.
    """
    name = f"{prefix()}{kind}_{paths.digest(key, environment.odoo.version)}"
    if exists(name):
        return name
    with locks.held(name):
        if not exists(name):
            fresh = f"{name}_new"
            drop(fresh)
            build(fresh)
            shutil.rmtree(odoo.filestore(name), ignore_errors=True)
            if odoo.filestore(fresh).exists():
                odoo.filestore(fresh).rename(odoo.filestore(name))
            sql("postgres", f'ALTER DATABASE "{fresh}" RENAME TO "{name}"')
    return name


def _install_base(environment, name):
    with console.step("Building the template database (French accounting, demo data; about 2 minutes)"):
        odoo.run(environment, ["-d", name, "-i", ",".join(BASE_MODULES), "--with-demo"], log="template")
        odoo.script(environment, name, _AFTER_INSTALL, log="template-settings")
