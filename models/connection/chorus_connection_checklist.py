"""The checklist of a connection: every step asked of PISTE and Chorus Pro, in seconds; its bank accounts."""

import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ... import chorus_api
from ..base.chorus_server_config import call_settings
from ..notice.chorus_notice import notice
from ..notice.chorus_sentences import explain
from .chorus_connection_secret import credential_of
from .chorus_connection_step import STEPS
from .chorus_connection_token import token_renewal, write_apart

# What each API is asked: reading only, and hardly anything.
PROBES = {
    "factures": lambda client, siret: client.search_invoices(
        chorus_api.InvoiceSearch(flow_number="CPP000"), page_size=1
    ),
    "structures": lambda client, siret: client.search_structures(siret, page_size=1).items,
    "transverses": lambda client, siret: client.active_supplier_structures(),
    "utilisateurs": lambda client, siret: tuple(client.my_structures()),
    "engagements": lambda client, siret: client.search_engagements(0, page_size=1),
}
# Without these the addon still sends and follows.
OPTIONAL = {"engagements"}


class ChorusConnection(models.Model):
    _inherit = "chorus.connection"

    step_ids = fields.One2many("chorus.connection.step", "connection_id", string="Checklist", copy=False)
    checked_at = fields.Datetime(string="Last check of everything", readonly=True, copy=False)
    bank_account_names = fields.Text(
        string="Bank accounts known to Chorus Pro",
        readonly=True,
        copy=False,
        help="As they are named in Chorus Pro, one a line.",
    )
    unattached_siret = fields.Char(
        string="SIRET that is not attached",
        readonly=True,
        copy=False,
        help="The company's SIRETs that the last check did not find among the structures of the account, each"
        " separated by a blank.",
    )

    def action_check_all(self):
        """Check every step, keep the results, and say what to do first."""
        self.ensure_one()
        self.check_access("write")
        connection = self.sudo()
        if reason := connection._why_no_token_request():
            raise UserError(reason)
        connection.flush_recordset()
        results, learned = connection._ask_everything()
        write_apart(self.env, self.id, lambda row: row._keep_checklist(results, learned))
        good = sum(result == "ok" for result, _message in results.values())
        first = next((key for key, (result, _message) in results.items() if result == "failed"), None)
        return notice(
            "danger" if first else "success",
            self.env._("Steps in good order: %(good)s of %(total)s", good=good, total=len(results)),
            self.env._(
                "Next: %(step)s. %(message)s", step=self.env._(STEPS[first][0]), message=results[first][1]
            )
            if first
            else self.env._("Nothing more has to be done."),
        )

    def _keep_checklist(self, results, learned):
        """Write what :meth:`_ask_everything` found."""
        self.write({**learned, "checked_at": fields.Datetime.now()})
        self._make_steps()
        for step in self.step_ids:
            step._store(*results[step.key])

    def _make_steps(self):
        for connection in self.sudo():
            present = set(connection.step_ids.mapped("key"))
            self.env["chorus.connection.step"].sudo().create(
                [
                    {"connection_id": connection.id, "key": key, "sequence": sequence}
                    for sequence, (key, row) in enumerate(STEPS.items())
                    if connection.environment in row[3] and key not in present
                ]
            )

    # ---------------------------------------------------------------- asking, without writing
    def _ask_everything(self):
        """Return ``({step key: (result, message)}, values learned for the connection)``; network only."""
        results = {key: ("waiting", "") for key, row in STEPS.items() if self.environment in row[3]}
        try:
            token = token_renewal(self, write_here=True)(None)
        except chorus_api.ChorusError as error:
            results["keys"] = ("failed", explain(self.env, error))
            return results, {}
        results["keys"] = ("ok", "")
        learned = {}
        # A token may die at any moment: only what is refused with a new one too is the technical account.
        with chorus_api.ChorusClient(
            self._endpoints(),
            credential_of(self, "login"),
            credential_of(self, "password"),
            token,
            renew=token_renewal(self, write_here=True),
            settings=call_settings(),
        ) as client:
            answers = self._probe(client, results)
            if results["account"][0] == "ok":
                learned = self._ask_about_company(client, answers, results)
        return results, learned

    def _probe(self, client, results):
        """Ask each API something harmless; fill ``results`` of APIs and account; return the answers."""
        answers = {}
        account = ("waiting", "")
        for key, ask in PROBES.items():
            try:
                answers[key] = ask(client, self._own_siret())
                results[key] = account = ("ok", "")
            except chorus_api.AccessDenied as error:
                results[key] = ("warning" if key in OPTIONAL else "failed", explain(self.env, error))
            except chorus_api.TokenRejected as error:
                # The gateway checks the subscription before the account (seen live): the API itself is fine.
                results[key] = ("ok", "")
                account = ("failed", explain(self.env, error))
                break
            except chorus_api.Refused as error:
                # Chorus Pro understood and answered "no": that is all that was asked.
                understood = bool(error.remote_code)
                results[key] = ("ok", "") if understood else ("warning", explain(self.env, error))
                account = ("ok", "") if understood else account
            except chorus_api.ChorusError as error:
                results[key] = ("warning", explain(self.env, error))
        results["account"] = account
        return answers

    def _ask_about_company(self, client, answers, results):
        """Fill the results that need the company's own structure; return what was learned on the way."""
        siret = self._own_siret()
        attached = self._attached_structure(answers, siret, results)
        if self.environment == "test":
            results["data_set"] = self._data_set_result(answers)
        learned = {}
        if siret and "utilisateurs" in answers:
            learned["unattached_siret"] = " ".join(self._unattached(answers)) or False
        if not attached:
            return learned
        try:
            names = [account.name for account in client.bank_accounts(attached)]
            learned["bank_account_names"] = "\n".join(names)
            results["bank"] = (
                ("ok", ", ".join(names))
                if names
                else ("warning", self.env._("Chorus Pro knows no bank account of this structure."))
            )
        except chorus_api.ChorusError as error:
            results["bank"] = ("warning", explain(self.env, error))
        try:
            if expiry := client.structure(attached, duties_needed=False).technical_password_expires_on:
                learned["password_expiry"] = expiry
        except chorus_api.ChorusError as error:
            results["password_expiry"] = ("warning", explain(self.env, error))
            return learned
        results["password_expiry"] = self._password_result(
            learned.get("password_expiry") or self.password_expiry
        )
        return learned

    def _own_siret(self):
        """Return the SIRET that stands for the company in this environment."""
        if self.environment == "test":
            return self.supplier_siret or ""
        return self.company_id.partner_id._chorus_own_siret()

    def _is_unattached(self, siret):
        """Return whether the last check of everything missed this SIRET among the account's structures."""
        connection = self.sudo()
        return bool(siret) and siret in (connection.unattached_siret or "").split()

    def _own_sirets(self):
        """The SIRETs that stand for the company here: its own, then those of establishments."""
        return [self._own_siret()] if self.environment == "test" else self.company_id._chorus_sirets()

    def _unattached(self, answers):
        """Those of the company's SIRETs that are not among the structures of the account."""
        attached = {structure.identifier for structure in answers["utilisateurs"]}
        return [siret for siret in self._own_sirets() if siret not in attached]

    def _attached_structure(self, answers, siret, results):
        """Return the Chorus Pro id of the company's structure if the account has it, or ``None``."""
        structures = answers.get("utilisateurs")
        if structures is None:
            return None
        if not siret:
            results["attached"] = (
                "failed",
                self.env._("The supplier SIRET is missing: import the test data set, or type it below.")
                if self.environment == "test"
                else self.env._("The SIRET is missing on the company's own form."),
            )
            return None
        for structure in structures:
            if structure.identifier == siret:
                results["attached"] = self._attached_result(answers, structure.name)
                return structure.structure_id
        results["attached"] = (
            "failed",
            self.env._(
                "%(siret)s is not among the structures of this account: %(names)s.",
                siret=siret,
                names=", ".join(structure.identifier for structure in structures[:10]) or self.env._("none"),
            ),
        )
        return None

    def _attached_result(self, answers, name):
        """The company's structure is attached: whether its establishments are too."""
        if missing := self._unattached(answers):
            return "warning", self.env._(
                "%(name)s is attached, but not the establishments %(sirets)s: ask for their attachment too,"
                " in Mes Rattachements.",
                name=name,
                sirets=", ".join(missing),
            )
        return "ok", name

    def _data_set_result(self, answers):
        if not self.supplier_siret:
            return "failed", self.env._("No supplier SIRET: import the file of the test data set.")
        if "structures" in answers and not answers["structures"]:
            return "failed", self.env._(
                "The qualification space does not know %s: the test data set is gone or another one. Make a "
                "new one and import it.",
                self.supplier_siret,
            )
        if not self.env["res.partner"].sudo().search_count([("chorus_test_customer", "=", True)], limit=1):
            return "warning", self.env._("No test customer yet: import the file to make them.")
        return "ok", ""

    @api.model
    def _password_result(self, expiry):
        if not expiry:
            return "warning", self.env._("Chorus Pro does not tell the date: type it on this connection.")
        today = fields.Date.context_today(self)
        if expiry < today:
            return "failed", self.env._("The password expired on %s.", format_date(self.env, expiry))
        soon = expiry <= today + timedelta(days=30)
        return ("warning" if soon else "ok"), self.env._("Good until %s.", format_date(self.env, expiry))

    # -- the company's bank accounts as Chorus Pro knows them: a buyer pays only to one of those

    def _bank_doubt(self, number):
        """Return why a buyer may not be able to pay to this account, or ``""`` when nothing says so.

        Chorus Pro tells the names of the accounts only. They are compared when they hold account numbers;
        free names ("current account") prove nothing. Before the first check of everything nothing is known.

        :param str number: IBAN or other number, blanks allowed.
        """
        connection = self.sudo()
        if not connection.checked_at or not number:
            return ""
        names = (connection.bank_account_names or "").splitlines()
        if not names:
            return self.env._("Chorus Pro knows no bank account of your company: declare one there.")
        numbers = [digits for name in names if len(digits := re.sub(r"\D", "", name)) >= 8]
        account = re.sub(r"\D", "", number)
        if len(numbers) < len(names) or any(digits in account or account in digits for digits in numbers):
            return ""
        return self.env._(
            "The bank account %(account)s is not among those that Chorus Pro knows: %(names)s.",
            account=number,
            names=", ".join(names),
        )
