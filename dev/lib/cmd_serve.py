"""`dev/serve`: Odoo with the demo's invoices in the browser, the simulator beside it, until Ctrl-C.

The first time, the demo is played in a database that stays; `--fresh` starts from the beginning.
`--name` gives another one beside it.
"""

import argparse
import contextlib
import re
import shutil
import time

from . import console, paths
from .demo import demo_data, demo_scenario
from .machine import locks, postgres
from .server import databases, odoo, stage


def main(environment, args):
    """Serve until a signal; returns the exit status."""
    parser = argparse.ArgumentParser(
        "dev/serve", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, help="Odoo's port on 127.0.0.1 (default: a free one)")
    parser.add_argument("--workers", type=int, default=0, help="processes for requests (default: threads)")
    parser.add_argument("--fresh", action="store_true", help="start again from an empty demo")
    parser.add_argument("--empty", action="store_true", help="do not play the demo in a new database")
    parser.add_argument("--name", default="", help="another database of this clone, with files of its own")
    options = parser.parse_args(args)
    if options.name and not re.fullmatch(r"[a-z0-9_]{1,20}", options.name):
        parser.error("--name: small letters, digits and _")
    with postgres.server():
        _serve(environment, options)
    return 0


def database_name(name=""):
    """The database of this clone that `dev/serve --name NAME` shows."""
    return "_".join(filter(None, [f"{databases.prefix()}serve", paths.digest(str(paths.ROOT)), name]))


def _serve(environment, options):
    database = database_name(options.name)
    folder = paths.work() / "_".join(filter(None, ["serve", options.name]))
    lock = locks.take(database)
    if lock is None:
        raise console.Stop("dev/serve of this clone runs already (--name gives another beside it)")
    ready = folder / ".ready"
    if options.fresh or not ready.exists():
        databases.drop(database)
    new = not databases.exists(database)
    if new:
        shutil.rmtree(folder, ignore_errors=True)
        databases.copy(databases.with_addon(environment), database)
    _update(environment, database, folder / ".sources", new)
    with stage.open_stage(environment, database, folder, port=options.port, workers=options.workers) as scene:
        played = _is_played(scene)
        if played:
            demo_scenario.connect(scene)
        elif new and not options.empty:
            # What is said to people while the demo is played is written in their language.
            _welcome(scene)
            demo_scenario.play(scene)
            played = True
        _welcome(scene)
        ready.touch()
        console.say(f"Odoo:      {scene.server.url}/odoo   login admin, password admin")
        for login, password in demo_scenario.USERS.items() if played else ():
            console.say(f"           or login {login}, password {password}")
        if not played:
            place = "odoo/action-account.action_account_config"
            console.say(
                f"Begin at:  {scene.server.url}/{place}, block Chorus Pro: configure the test connection"
            )
        console.say(f"Simulator: {scene.simulator.url}, its addresses and keys:")
        console.say(
            f"           API Auth BaseUrl {scene.simulator.auth_url}, API BaseUrl {scene.simulator.url}"
        )
        for name, value in scene.simulator.CREDENTIALS.items():
            console.say(f"           {name} {value}")
        data_set = folder / demo_data.DATA_SET_NAME
        data_set.write_bytes(demo_data.data_set_file())
        console.say(f"Data set:  {data_set}, to import on the test connection")
        console.say("Ctrl-C ends both; the database stays (dev/serve --fresh starts again).")
        with contextlib.suppress(KeyboardInterrupt):
            while scene.server.running() and scene.simulator.running():
                time.sleep(0.5)


def _is_played(scene):
    """Whether the demo was played in this database: its people are there."""
    logins = list(demo_scenario.USERS)
    return scene.login().call("res.users", "search_count", [("login", "in", logins)]) == len(logins)


def _welcome(scene):
    """Whoever logs in reads French, in the demo's French company."""
    admin = scene.login()
    company = admin.ref("base.demo_company_fr")
    logins = ["admin", *demo_scenario.USERS]
    users = admin.call("res.users", "search", [("login", "in", logins)])
    # Odoo moves a contact of one company along with its user, and refuses to when accounts of it are known.
    partners = [user["partner_id"][0] for user in admin.call("res.users", "read", users, ["partner_id"])]
    admin.call("res.partner", "write", partners, {"company_id": False})
    values = {"lang": "fr_FR", "company_ids": [(4, company)], "company_id": company}
    admin.call("res.users", "write", users, values)


def _update(environment, database, stamp, new):
    """Update the addon in the database when its files have changed since the last time."""
    now = odoo.sources_digest()
    if not new and (not stamp.exists() or stamp.read_text() != now):
        with console.step("Updating the addon in the demo's database"):
            odoo.run(environment, ["-d", database, "-u", paths.NAME], log="update")
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(now)
