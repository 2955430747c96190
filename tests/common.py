"""What every Odoo test of the addon starts from: a French company and a Chorus Pro simulator.

The simulator is a process of its own, started for each test class and reset before each test.
"""

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch
from urllib.parse import urlsplit

from odoo import fields, models
from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.base.tests.common import BaseCommon
from odoo.tests import new_test_user
from odoo.tests.common import _super_send
from odoo.tools import config

from ..models.base.transactions import fresh_env
from ..worker.channel import SharedClient
from ..worker.travel import Travel

ROOT = Path(__file__).resolve().parent.parent

# Structures of the qualification space (reference §6), by what they require.
NO_DUTY = "12345678200051"
SERVICE_DUTY = "12345678200028"
SERVICE_CODE = "SERVICE_DEST_SERV_OBL"
ENGAGEMENT_DUTY = "12345678200036"
BOTH_DUTIES = "12345678200044"
STATE = "11000201100044"
SUPPLIER = "33254021516357"
COMPANY_SIRET = "73282932000074"


class SimulatorProcess:
    """``python -m simulator`` on a free port, for the time of a test class.

    Its clock stands still unless a test moves it: nothing happens there while a test looks, however slowly.
    """

    CREDENTIALS = {
        "client_id": "simulator-client",
        "client_secret": "simulator-secret",
        "login": "TECH_1_1@cpro.fr",
        "password": "simulator-password",
    }

    def __init__(self):
        self._data = tempfile.TemporaryDirectory(prefix="chorus_simulator_")
        # A file takes all that it complains about; a pipe that nobody reads would stop it once full.
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 (open as long as the process)
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "simulator"),
                *("--port", "0", "--data", self._data.name, "--clock", "manual"),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self.url = self._read_address()

    def _read_address(self):
        for line in self._process.stdout:
            if "listening on " in line:
                return line.split("listening on ")[1].split()[0].rstrip("/")
        self._errors.seek(0)
        raise RuntimeError(f"The simulator did not start:\n{self._errors.read()}")

    def stop(self):
        """End the process; Odoo itself ends, with a warning, what a test class leaves running."""
        self._process.terminate()
        self._process.wait(60)
        self._process.stdout.close()
        self._errors.close()
        self._data.cleanup()

    @property
    def auth_url(self):
        return f"{self.url}/api/oauth/token"

    # ------------------------------------------------------------ control, see docs of the simulator

    def control(self, path, body=None, method=None):
        """Call ``/control/<path>``: POST with a body, else GET; return the decoded answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}/control/{path}",
            data=data,
            method=method,
            headers={"Content-Type": "application/json"} if data else {},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            content = answer.read()
            is_json = "json" in answer.headers.get("Content-Type", "")
        return json.loads(content) if is_json and content else content

    def reset(self):
        return self.control("reset", {})

    def fault(self, route, kind, **options):
        """Make the next call(s) of ``route`` (``*`` for all, ``oauth`` for the token) go wrong."""
        return self.control("faults", {"route": route, "kind": kind, **options})

    def no_faults(self):
        return self.control("faults", method="DELETE")

    def advance(self, seconds):
        return self.control("clock", {"advance": seconds})

    def ledger(self):
        return self.control("ledger")

    def calls(self):
        return self.control("calls")

    def set_status(self, invoice_id, status, comment=""):
        return self.control(f"invoices/{invoice_id}/status", {"status": status, "comment": comment})

    def set_structure(self, siret, **values):
        return self.control(f"structures/{siret}", values)


class OneByOne(Travel):
    """What is ready leaves in the run's own thread: the tests share one cursor, for which others would wait.

    Files that travel together: ``tests/process/test_overlap.py``, ``dev/chaos``.
    """

    # Files that are taken together, and whose outcomes are written together.
    together = 1

    def __init__(self, channel, _width, alone=False):
        super().__init__(channel, self.together, alone)

    def _set_out(self):
        pass

    def go_on(self):
        Travel.go_on(self)
        with SharedClient(self._threads_channel) as shared:
            self._jobs = SimpleNamespace(put=lambda job: self._do(job, shared))
            while self._travelling or (self._goes_on() and self._may_leave()):
                self._step()

    def _leave_meanwhile(self, _back):
        """Cursors of tests end in the order in which they began."""

    def wait(self, _seconds):
        return True


@contextmanager
def within_the_test(env):
    """A transaction of its own that is the test's, while its cursor is open: no other sees its rows."""
    if env.cr._closed:
        with fresh_env(env) as own:
            yield own
    else:
        yield env(su=True)


class Cast(AccountTestInvoicingCommon):
    """A French company whose SIRET is valid, an accountant without administrator's rights and two others."""

    @classmethod
    @AccountTestInvoicingCommon.setup_country("fr")
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.company.write(
            {
                "name": "Ateliers de la Loire",
                "company_registry": COMPANY_SIRET,
                "vat": "FR44732829320",
                "street": "12 quai des Bateliers",
                "zip": "44000",
                "city": "Nantes",
                "phone": "+33240000000",
                "email": "factures@ateliers-loire.example",
                # What is about archives says so.
                "chorus_group_size": 1,
            }
        )
        cls.accountant = new_test_user(
            cls.env,
            login="chorus_accountant",
            groups="account.group_account_user,base.group_partner_manager",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
        cls.invoicing_user = new_test_user(
            cls.env,
            login="chorus_invoicing",
            groups="account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
        cls.administrator = new_test_user(
            cls.env,
            login="chorus_administrator",
            groups="base.group_system,account.group_account_manager,base.group_partner_manager",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )


class SharedCast:
    """The cast written down once for all test classes of a run, on a database that is thrown away.

    A chart of accounts takes seconds; each class would load one and take it back.
    """

    # Attributes of a class that are no records.
    PLAIN = ("country_code", "maxDiff", "tax_number")
    _made = None

    @classmethod
    def wanted(cls):
        """Whether ``dev/test`` says that nobody keeps this database."""
        return bool(os.environ.get("CHORUS_TESTS_THROWN_AWAY"))

    @classmethod
    def take(cls, test_class):
        """Give a class whose transaction has begun the attributes that ``Cast.setUpClass`` would have set."""
        uid, context, records, plain = cls._made
        test_class.env = test_class.env(user=uid, context=context)
        for name, value in {**records, **plain}.items():
            setattr(test_class, name, cls._here(test_class.env, value))

    @classmethod
    def make(cls):
        """Set the cast up in a transaction of its own, and commit it; once in a run."""
        if cls._made:
            return

        class Making(Cast):
            pass

        try:
            Making.setUpClass()
            Making.env.flush_all()
            # Not the attribute of this cursor: in a test it refuses.
            type(Making.cr).commit(Making.cr)
            records = {name: cls._noted(value) for name, value in vars(Making).items() if cls._holds(value)}
            plain = {name: getattr(Making, name) for name in cls.PLAIN}
            cls._made = (Making.env.uid, Making.env.context, records, plain)
        finally:
            Making.doClassCleanups()

    @staticmethod
    def _holds(value):
        return isinstance(value, models.BaseModel) or (
            isinstance(value, dict)
            and value
            and all(isinstance(item, models.BaseModel) for item in value.values())
        )

    @classmethod
    def _noted(cls, value):
        if isinstance(value, dict):
            return {name: cls._noted(item) for name, item in value.items()}
        return (value._name, value.ids, value.env.uid, value.env.context, value.env.su)

    @classmethod
    def _here(cls, env, value):
        if isinstance(value, dict):
            return {name: cls._here(env, item) for name, item in value.items()}
        if not isinstance(value, tuple):
            return value
        name, ids, uid, context, su = value
        return env(user=uid, context=context, su=su)[name].browse(ids)


class ChorusCommon(Cast):
    """The cast, and a simulator."""

    # Seconds: in a browser one request may print or ask Chorus Pro while the next ones wait for the cursor.
    test_cursor_lock_timeout = 120

    @classmethod
    def setUpClass(cls):
        if SharedCast.wanted():
            SharedCast.make()
            # A transaction and no more: whom it is about is there.
            super(BaseCommon, cls).setUpClass()
            SharedCast.take(cls)
        else:
            super().setUpClass()
        addon = "odoo.addons.l10n_fr_chorus_pro"
        token = f"{addon}.models.connection.chorus_connection_token"
        cls.startClassPatcher(patch(f"{addon}.worker.turns.Travel", OneByOne))
        # Another thread would wait for the cursor of the test.
        cls.startClassPatcher(patch(f"{addon}.worker.turns.STAND_INS", 0))
        cls.startClassPatcher(patch(f"{token}.fresh_env", within_the_test))
        cls.startClassPatcher(patch(f"{token}._renewal_turn", lambda *_connection: nullcontext()))
        cls.simulator = SimulatorProcess()
        cls.addClassCleanup(cls.simulator.stop)

    def setUp(self):
        super().setUp()
        self.simulator.reset()
        # PISTE is asked again after a pause when it refuses keys; no test waits for that.
        self.startPatcher(
            patch("odoo.addons.l10n_fr_chorus_pro.models.connection.chorus_connection_token.PAUSES", (0, 0))
        )
        # PostgreSQL's clock cannot be frozen: where a test freezes time, its clock governs.
        self.startPatcher(
            patch("odoo.addons.l10n_fr_chorus_pro.models.base.moments.now", lambda env: fields.Datetime.now())
        )

    @classmethod
    def _request_handler(cls, session, request, /, **kw):
        """Let calls to this machine pass; Odoo's own cannot read a (connect, read) pair of time-outs."""
        if urlsplit(request.url).hostname in ("127.0.0.1", "localhost"):
            return _super_send(session, request, **kw)
        return super()._request_handler(session, request, **kw)

    # ------------------------------------------------------------ builders

    @classmethod
    def connection_values(cls, environment="test", **values):
        """Return the values of a complete connection to the simulator."""
        return {
            "company_id": cls.company.id,
            "environment": environment,
            "auth_url": cls.simulator.auth_url,
            "api_url": cls.simulator.url,
            **SimulatorProcess.CREDENTIALS,
            "supplier_siret": SUPPLIER if environment == "test" else False,
            **values,
        }

    @classmethod
    def make_connection(cls, environment="test", **values):
        """Return a complete connection to the simulator that never had a token."""
        return cls.env["chorus.connection"].create(cls.connection_values(environment, **values))

    @classmethod
    def connect(cls, environment="test", switch_on=True, **values):
        """Return a connection that holds a good token; the company's switch is put on it."""
        connection = cls.make_connection(environment, **values)
        connection.action_refresh_token()
        if connection.state != "connected":
            raise AssertionError(f"No token from the simulator: {connection.last_error}")
        if switch_on:
            connection.company_id.chorus_environment = environment
        return connection

    @classmethod
    def make_customer(cls, siret=NO_DUTY, name="Mairie de Clisson", **values):
        """Return a public customer, with the dematerialized invoice type of the test company."""
        # With sudo: whether a customer is one of the test data set is written by code only.
        return (
            cls.env["res.partner"]
            .sudo()
            .with_company(cls.company)
            .create(
                {
                    "name": name,
                    "is_company": True,
                    "company_registry": siret,
                    "street": "3 place de l'Hôtel de Ville",
                    "zip": "44190",
                    "city": "Clisson",
                    "country_id": cls.env.ref("base.fr").id,
                    "dematerialized_invoice_type": "facturx",
                    **values,
                }
            )
            .sudo(False)
        )


@contextmanager
def server_configuration(**options):
    """Set ``chorus_pro_*`` options of the server's configuration file for the time of the block."""
    with patch.dict(config.options.maps[0], {f"chorus_pro_{name}": value for name, value in options.items()}):
        yield
