"""``python -m simulator --port P --data DIR``."""

import argparse
import signal
import sys
import threading

from .app import Application
from .server import Server
from .store import Busy
from .world import Chorus

DEFAULTS = {
    "client_id": "simulator-client",
    "client_secret": "simulator-secret",
    "login": "TECH_1_1@cpro.fr",
    "password": "simulator-password",
}


def arguments(words):
    parser = argparse.ArgumentParser(
        prog="chorus-pro-simulator", description="PISTE and Chorus Pro on this machine"
    )
    parser.add_argument("--port", type=int, default=8090, help="0: any free one (default %(default)s)")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--data", required=True, metavar="DIR", help="where the state is kept")
    parser.add_argument("--clock", choices=("real", "manual"), default="real")
    for name, value in DEFAULTS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", default=value)
    return parser.parse_args(words)


def main(words=None):
    options = arguments(words)
    credentials = {name: getattr(options, name) for name in DEFAULTS}
    try:
        chorus = Chorus(options.data, options.clock, credentials)
        application = Application(chorus)
        server = Server((options.host, options.port), application, chorus.faults)
    except (Busy, OSError) as error:
        sys.exit(f"simulator: {error}")
    application.server = server

    def stop(*_):
        server.stopping.set()
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    sys.stdout.write(_announcement(credentials, f"http://{options.host}:{server.server_address[1]}"))
    sys.stdout.flush()
    server.serve_forever(poll_interval=0.05)
    server.server_close()
    server.drain(2)
    chorus.store.close()


def _announcement(credentials, address):
    """What a client needs; the last line is what programs that start the simulator wait for."""
    shown = {
        name.replace("_", "-"): value if credentials[name] == value else "(as given)"
        for name, value in DEFAULTS.items()
    }
    shown |= {"token": f"{address}/api/oauth/token", "API": f"{address}/cpro/", "web page": f"{address}/"}
    lines = [f"{name:14} {value}" for name, value in shown.items()]
    return "\n".join([*lines, f"listening on {address}", ""])


if __name__ == "__main__":
    main()
