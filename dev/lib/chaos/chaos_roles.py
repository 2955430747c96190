"""What the workers of chaos do, inside Odoo: the same calls as its crons, its web client and its users."""

import contextlib
import threading

import psycopg2
from odoo import SUPERUSER_ID, Command, api, sql_db
from odoo.addons.base.models.ir_cron import IrCron
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying

from ..samples.legal_pdfs import legal_pdfs

USERS = ("anne", "bruno", "chloe", "denis")
_BATCH = 50
_COMPANY = {
    "name": "Ateliers de la Loire",
    "company_registry": "73282932000074",
    "vat": "FR44732829320",
    "street": "12 quai des Bateliers",
    "zip": "44000",
    "city": "Nantes",
    "phone": "+33240000000",
    "email": "factures@ateliers-loire.example",
}
_CUSTOMER = {
    "name": "Mairie de Clisson",
    "is_company": True,
    "company_registry": "12345678200051",
    "street": "3 place de l'Hôtel de Ville",
    "zip": "44190",
    "city": "Clisson",
    "dematerialized_invoice_type": "facturx",
}


def _request(database, login, step):
    """Run ``step(env)`` as the web server runs a request of a user: again after a serialization error.

    :return: what it returned, or ``{"refused": text}`` when the user was told why not.
    """
    registry = Registry(database).check_signaling()
    with registry.cursor() as cr:
        root = api.Environment(cr, SUPERUSER_ID, {})
        user = root["res.users"].search([("login", "=", login)])
        env = root(user=user.id, context={"allowed_company_ids": user.company_id.ids, "lang": user.lang})
        try:
            return retrying(lambda: step(env), env)
        except UserError as error:
            return {"refused": str(error)}


def click(database, login, moves):
    """A user selects invoices in the list, opens the Send screen and presses its button."""

    def step(env):
        action = env["account.move"].browse(moves).action_chorus_send()
        # Without a screen nothing was left to send: a notice says so.
        if "res_id" in action:
            env["chorus.send"].browse(action["res_id"]).action_send()

    return _request(database, login, step)


def send_and_print(database, login, moves):
    """The same through Odoo's own Send & Print, with the sending method of Chorus Pro."""

    def step(env):
        records = env["account.move"].browse(moves)
        env["account.move.send"]._generate_and_send_invoices(
            records, allow_raising=False, sending_methods={"chorus_pro"}
        )

    return _request(database, login, step)


def check_now(database, login, moves):
    """A user asks what became of the invoices."""

    def step(env):
        env["account.move"].browse(moves).action_chorus_check_now()

    return _request(database, login, step)


def cron(database, name):
    """What Odoo's cron worker does when the scheduled action is due, its lock on the action included."""
    with sql_db.db_connect(database).cursor() as cr:
        cr.execute(
            "INSERT INTO ir_cron_trigger (cron_id, call_at) SELECT res_id, now() at time zone 'utc'"
            " FROM ir_model_data WHERE module = 'l10n_fr_chorus_pro' AND name = %s RETURNING cron_id",
            (f"cron_{name}",),
        )
        job = cr.fetchone()[0]
        cr.commit()
        IrCron._process_jobs_loop(cr, job_ids=[job])


def crons(database):
    """Both scheduled actions, one after the other."""
    cron(database, "send")
    cron(database, "follow")


def send_now(database):
    """The sending without the locks of action and channel: as many at once as there are processes."""
    # Where addons are is known only now.
    from odoo.addons.l10n_fr_chorus_pro.worker.channel import Channel

    Channel.turn = lambda _channel, _what: contextlib.nullcontext(True)
    registry = Registry(database).check_signaling()
    threading.current_thread().dbname = database
    with registry.cursor() as cr:
        api.Environment(cr, SUPERUSER_ID, {})["chorus.worker"]._cron_send()


def switch(database, to):
    """An administrator chooses where the company's invoices go."""

    def step(env):
        env.company.chorus_environment = to

    return _request(database, "admin", step)


def archive(database, active):
    """An administrator archives the connection, or brings it back."""

    def step(env):
        connection = env["chorus.connection"].with_context(active_test=False).search([])
        connection.action_unarchive() if active else connection.action_archive()

    return _request(database, "admin", step)


def confirm_database(database):
    """An administrator says that this is the database which sends the real invoices."""

    def step(env):
        env["chorus.connection"].search([]).action_confirm_database()

    return _request(database, "admin", step)


def neighbour(database, login, moves):
    """A user sends the invoices by another channel, through Odoo's own Send & Print."""

    def step(env):
        records = env["account.move"].browse(moves)
        env["account.move.send"]._generate_and_send_invoices(
            records, allow_raising=False, sending_methods={"peppol"}
        )

    return _request(database, login, step)


def insert_line(database, move):
    """Queue an invoice without looking and without a lock: what a defect in front of the index would do.

    :return: ``queued`` or ``refused``
    """
    registry = Registry(database).check_signaling()
    while True:
        try:
            with registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                record = env["account.move"].browse(move)
                values = {
                    "move_id": move,
                    "company_id": record.company_id.id,
                    "environment": record.company_id.chorus_environment,
                }
                env["chorus.deposit.line"].create(values)
                record._chorus_sync_state()
                env.ref("l10n_fr_chorus_pro.cron_send")._trigger()
            return "queued"
        except psycopg2.errors.UniqueViolation:
            return "refused"
        except psycopg2.errors.SerializationFailure:
            # As every request is run: again. Without the index the second line would come now.
            continue


def stock(database, count, environment, auth_url, api_url, credentials, group_size):
    """Make the company, its users, its connection and ``count`` posted invoices.

    The invoices have a legal PDF already, so that no time goes into rendering pages.

    :return: dict with the ids of the invoices.
    """
    registry = Registry(database).check_signaling()
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
        company = env.ref("base.demo_company_fr")
        env = env(context={**env.context, "allowed_company_ids": company.ids})
        company = company.with_env(env)
        company.write({**_COMPANY, "chorus_group_size": group_size})
        for login in USERS:
            env["res.users"].create(
                {
                    "name": login.capitalize(),
                    "login": login,
                    "company_id": company.id,
                    "company_ids": [Command.set(company.ids)],
                    "group_ids": [Command.link(env.ref("account.group_account_user").id)],
                }
            )
        env.ref("base.user_admin").write(
            {"company_ids": [Command.link(company.id)], "company_id": company.id}
        )
        company.chorus_responsible_id = env["res.users"].search([("login", "=", USERS[0])])
        _connect(env, company, environment, auth_url, api_url, credentials)
        moves = _invoices(env, company, count)
        cr.commit()
        return {"moves": moves.ids}


def _connect(env, company, environment, auth_url, api_url, credentials):
    connection = env["chorus.connection"].create(
        {
            "company_id": company.id,
            "environment": environment,
            "auth_url": auth_url,
            "api_url": api_url,
            "first_deposit_limit": 0,
            "auto_resend": True,
            **credentials,
        }
    )
    env.cr.commit()
    connection.action_refresh_token()
    # The token was saved by a transaction of its own: begin a new one to see it.
    env.cr.commit()
    env.invalidate_all()
    connection._bind_to_database()
    company.chorus_environment = environment


def _invoices(env, company, count):
    partner = env["res.partner"].create({**_CUSTOMER, "country_id": env.ref("base.fr").id})
    # Since spring 2026 the shell's user makes no trusted account, unless as if Odoo were installing.
    bank = (
        env["res.partner.bank"]
        .with_context(install_mode=True)
        .create(
            {
                "partner_id": company.partner_id.id,
                "acc_number": "FR7630006000011234567890189",
                "allow_out_payment": True,
            }
        )
    )
    tax = env["account.tax"].search(
        [("company_id", "=", company.id), ("type_tax_use", "=", "sale"), ("amount", "=", 20)], limit=1
    )
    moves = env["account.move"]
    for start in range(0, count, _BATCH):
        batch = moves.create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": partner.id,
                    "partner_bank_id": bank.id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Entretien des espaces verts",
                                "quantity": 1,
                                "price_unit": 100 + number,
                                "tax_ids": [Command.set(tax.ids)],
                            }
                        )
                    ],
                }
                for number in range(start, min(start + _BATCH, count))
            ]
        )
        batch.action_post()
        moves += batch
        env.cr.commit()
    legal_pdfs(env, moves)
    return moves


ROLES = {
    role.__name__: role
    for role in (
        click, send_and_print, check_now, cron, crons, send_now, stock,
        switch, archive, confirm_database, neighbour, insert_line,
    )
}  # fmt: skip
