"""The guided checklist: one line per step of the official procedure, checked by asking the API."""

from odoo import api, fields, models
from odoo.tools import LazyTranslate

from ..base.chorus_server_config import PISTE_PORTAL, PORTAL
from ..notice.chorus_sentences import Reason

_lt = LazyTranslate(__name__)

# Official procedure (AIFE, PISTE), in its order: key → (title, what to do, where, environments).
STEPS = {
    "keys": (
        _lt("PISTE gives a token"),
        _lt(
            "In PISTE: Application, create or open your application (for tests, the one named SANDBOX), tab "
            "Authentification, Générer under Identifiants Oauth. Copy Client ID and Client Secret here."
        ),
        "piste",
        ("test", "production"),
    ),
    "factures": (
        _lt("API Factures"),
        _lt(
            "In PISTE: Consentement API, tick the terms of use (CGU) of the API Factures and validate; then "
            "Application, Modifier Application, tick the API and save."
        ),
        "piste",
        ("test", "production"),
    ),
    "structures": (
        _lt("API Structures"),
        _lt("In PISTE: accept the terms of use of the API Structures and tick it in your application."),
        "piste",
        ("test", "production"),
    ),
    "transverses": (
        _lt("API Transverses"),
        _lt("In PISTE: accept the terms of use of the API Transverses and tick it in your application."),
        "piste",
        ("test", "production"),
    ),
    "utilisateurs": (
        _lt("API Utilisateurs"),
        _lt("In PISTE: accept the terms of use of the API Utilisateurs and tick it in your application."),
        "piste",
        ("test", "production"),
    ),
    "engagements": (
        _lt("API Engagements juridiques"),
        _lt(
            "Only to check engagement numbers of the State before sending. In PISTE: accept the "
            "terms of use of "
            "the API Engagements juridiques and tick it in your application."
        ),
        "piste",
        ("test", "production"),
    ),
    "account": (
        _lt("Technical account"),
        _lt(
            "In Chorus Pro: Raccordement EDI et API, Gérer Raccordement API, Déclarer un "
            "raccordement PISTE; then "
            "Compte Technique, Création d'un compte Technique. Login and password are shown once; they work "
            "after about 30 minutes."
        ),
        "portal",
        ("test", "production"),
    ),
    "attached": (
        _lt("Attached company"),
        _lt(
            "In Chorus Pro: account menu, Mes Rattachements, Demander un rattachement. The SIRET "
            "must be the one "
            "of the invoices."
        ),
        "portal",
        ("test", "production"),
    ),
    "bank": (
        _lt("Bank details"),
        _lt(
            "In Chorus Pro: Organisation, Structure, Créer ou Gérer une coordonnée bancaire. Declare "
            "each account "
            "that stands on your invoices."
        ),
        "portal",
        ("test", "production"),
    ),
    "password_expiry": (
        _lt("End of the password"),
        _lt(
            "The technical password is good for 424 days. Change it in Chorus Pro, Compte Technique, "
            "before the "
            "date, and type the new one here. If the date cannot be read, type it."
        ),
        "portal",
        ("test", "production"),
    ),
    "data_set": (
        _lt("Test data set"),
        _lt(
            "In the qualification portal: Matelas de données, Accéder, Générer un matelas de données, kind "
            "Structures et utilisateurs. It comes by e-mail after a quarter of an hour; download the "
            "file and "
            "import it here."
        ),
        "portal",
        ("test",),
    ),
}
RESULTS = [
    ("todo", "Not checked yet"),
    ("ok", "Good"),
    ("warning", "Look at this"),
    ("failed", "To be done"),
    ("waiting", "After the steps before"),
]


class ChorusConnectionStep(models.Model):
    _name = "chorus.connection.step"
    _inherit = ["chorus.written.by.code"]
    _description = "Step to Connect to Chorus Pro"
    _order = "sequence, id"

    connection_id = fields.Many2one("chorus.connection", required=True, ondelete="cascade", index=True)
    environment = fields.Selection(related="connection_id.environment")
    key = fields.Selection(selection="_selection_key", required=True, readonly=True)
    sequence = fields.Integer(readonly=True)
    name = fields.Char(string="Step", compute="_compute_texts")
    explanation = fields.Text(string="How", compute="_compute_texts")
    link = fields.Char(string="Where", compute="_compute_texts")
    result = fields.Selection(RESULTS, default="todo", required=True, readonly=True)
    message = Reason(string="What was found", readonly=True)
    advice = fields.Text(string="What was found, and how it is done", compute="_compute_advice")
    checked_at = fields.Datetime(string="Checked on", readonly=True)

    _connection_key_uniq = models.Constraint("UNIQUE(connection_id, key)", "This step is already there.")

    @api.model
    def _selection_key(self):
        return [(key, self.env._(row[0])) for key, row in STEPS.items()]

    @api.depends("key", "connection_id.environment")
    def _compute_texts(self):
        for step in self:
            title, explanation, place, _environments = STEPS[step.key]
            step.name = self.env._(title)
            step.explanation = self.env._(explanation)
            step.link = PISTE_PORTAL if place == "piste" else PORTAL.get(step.environment)

    @api.depends("message", "explanation", "result")
    def _compute_advice(self):
        for step in self:
            # Nobody has to read how to do what is done.
            how = step.explanation if step.result != "ok" else ""
            step.advice = "\n".join(filter(None, (step.message, how)))

    def _store(self, result, message=""):
        self.write({"result": result, "message": message, "checked_at": fields.Datetime.now()})
