"""One Chorus Pro: its memory, its clock, its directory, its gateway, its moods."""

from .clock import Clock
from .directory import Directory
from .faults import Faults
from .gateway import Gateway
from .settings import Settings
from .store import Store


class Chorus:
    """Everything the operations work on. ``defaults`` {client_id, client_secret, login, password} are set
    anew at each start."""

    def __init__(self, folder, clock_mode, defaults):
        self.store = Store(folder)
        self.faults = Faults()
        self._clock_mode, self._defaults = clock_mode, defaults
        self._open()

    def _open(self):
        self.clock = Clock(
            self._clock_mode,
            lambda: self.store.recall("clock"),
            lambda position: self.store.remember("clock", position),
        )
        self.settings = Settings(self.store)
        self.directory = Directory(self.store)
        self.gateway = Gateway(self.store, self.clock, self.settings)
        with self.store.transaction():
            self.gateway.set_client(self._defaults["client_id"], secret=self._defaults["client_secret"])
            self.gateway.set_account(self._defaults["login"], password=self._defaults["password"])

    def reset(self):
        """As if started on an empty directory."""
        with self.store.transaction():
            self.store.wipe()
            self.faults.clear()
            self._open()

    def rule_enabled(self, rule):
        return self.settings["rules"].get(rule.id, self.settings["strict"] or rule.on)

    def attached_structures(self, login):
        """Identifiers of the structures a technical account acts for: its list, or every private one."""
        listed = self.gateway.accounts[login]["structures"]
        if listed is not None:
            return listed
        return [
            row["identifier"]
            for row in self.store.all("SELECT identifier FROM structure WHERE NOT public ORDER BY id")
        ]
