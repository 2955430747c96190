"""What the accountant sees at a glance and does where her hand is: badges, the Send screen, the overview."""

from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import BOTH_DUTIES, NO_DUTY, SERVICE_CODE, SERVICE_DUTY
from .life import LifeCommon


@tagged("post_install", "post_install_l10n", "-at_install")
class TestBadges(LifeCommon):
    def hers(self, move):
        self.env.invalidate_all()
        return move.with_user(self.accountant)

    def test_an_invoice_to_send_has_a_badge_and_the_button(self):
        move = self.hers(self.make_invoice())
        self.assertEqual((move.chorus_badge, move.chorus_badge_level), ("To send", "warning"))
        self.assertTrue(move.chorus_may_send)
        self.assertTrue(move.chorus_is_on())
        private = self.make_customer(name="Boulangerie", dematerialized_invoice_type=False)
        other = self.hers(self.make_invoice(partner_id=private.id))
        self.assertEqual((other.chorus_badge, other.chorus_may_send), (False, False))
        self.company.chorus_environment = False
        move = self.hers(move)
        self.assertEqual((move.chorus_badge, move.chorus_may_send), (False, False))
        self.assertFalse(move.chorus_is_on())

    def test_what_has_to_be_corrected_first_says_so_in_the_list(self):
        customer = self.make_customer(siret=False, name="Mairie sans SIRET")
        moves = self.make_invoice(partner_id=customer.id) | self.make_invoice()
        moves = self.hers(moves)
        self.assertEqual(moves.mapped("chorus_badge"), ["To correct", "To send"])
        self.assertEqual(moves.mapped("chorus_badge_level"), ["danger", "warning"])
        self.assertEqual(moves.mapped("chorus_step"), ["to_send", "to_send"], "the card counts both")

    def test_the_steps_that_an_invoice_has_taken(self):
        move = self.make_invoice()
        self.assertEqual(self.hers(move).chorus_reached, 0)
        self.queue(move)
        self.run_send()
        self.assertEqual(self.hers(move).chorus_reached, 1)
        self.assertTrue(move.chorus_flow_number)
        self.pass_time(hours=1)
        self.run_follow()
        self.assertEqual(self.hers(move).chorus_reached, 2)
        self.assertEqual(move.chorus_badge, "TEST – With the buyer")
        for status, reached in (("SUSPENDUE", 2), ("MANDATEE", 3), ("MISE_EN_PAIEMENT", 4)):
            self.buyer(move, status)
            self.assertEqual(self.hers(move).chorus_reached, reached, status)

    def test_the_history_of_the_invoice_tells_the_flow(self):
        move = self.make_invoice()
        self.queue(move)
        self.run_send()
        flow = self.hers(move).chorus_flow_number
        bodies = " ".join(move.message_ids.mapped("body"))
        self.assertIn(f"TEST – Deposited on Chorus Pro: flow {flow}", bodies)

    def test_the_history_speaks_the_language_of_who_sent(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.accountant.lang = "fr_FR"
        move = self.make_invoice()
        self.queue(move)
        self.run_send()
        bodies = " ".join(self.hers(move).message_ids.mapped("body"))
        self.assertIn("Déposée sur Chorus Pro", bodies)
        self.assertNotIn("Deposited", bodies)

    def test_a_deposit_is_known_by_its_flow_number(self):
        move = self.make_invoice()
        self.queue(move)
        self.run_send()
        deposit = self.hers(move).chorus_line_ids.deposit_id
        self.assertEqual(deposit.display_name, deposit.flow_number)
        found = self.env["chorus.deposit"].with_user(self.accountant).name_search(deposit.flow_number)
        self.assertEqual([found_id for found_id, _name in found], deposit.ids)

    def test_open_screens_are_told_what_changed(self):
        move, sent = self.make_invoice(), []

        def keep(_group, kind, message, **_options):
            if kind == "l10n_fr_chorus_pro/changed":
                sent.append(message["ids"])

        with patch.object(self.env.registry["res.groups"], "_bus_send", keep):
            self.queue(move)
            self.env.cr.flush()
        self.assertIn(move.ids, sent)


@tagged("post_install", "post_install_l10n", "-at_install")
class TestDraftOnTheScreen(LifeCommon):
    """What stands in the way of a draft is said while it is typed."""

    def setUp(self):
        super().setUp()
        self.duty = self.make_customer(siret=SERVICE_DUTY, name="Mairie de Gorges")
        self.duty.with_user(self.accountant).action_chorus_look_up()

    def test_a_draft_is_told_of_before_it_is_saved(self):
        moves = self.env["account.move"].with_user(self.accountant).with_company(self.company)
        form = Form(moves.with_context(default_move_type="out_invoice"))
        self.assertFalse(form.chorus_findings_html)
        form.partner_id = self.duty
        form.buyer_reference = False
        self.assertIn("requires a service code", form.chorus_findings_html)
        self.assertEqual(form.chorus_findings_level, "block")
        form.buyer_reference = SERVICE_CODE
        self.assertNotIn("requires a service code", form.chorus_findings_html)
        form.partner_id = self.make_customer(siret=False, name="Sans SIRET")
        self.assertIn("no SIRET", form.chorus_findings_html)

    def test_what_is_typed_replaces_what_was_saved(self):
        draft = self.make_invoice(partner_id=self.duty.id, post=False)
        draft.buyer_reference = False
        draft.partner_bank_id = False
        with Form(draft.with_user(self.accountant)) as form:
            self.assertIn("requires a service code", form.chorus_findings_html)
            self.assertIn("bank account", form.chorus_findings_html)
            form.buyer_reference = SERVICE_CODE
            self.assertNotIn("requires a service code", form.chorus_findings_html)
            self.assertIn("bank account", form.chorus_findings_html, "what else was found stays")


@tagged("post_install", "post_install_l10n", "-at_install")
class TestSendScreen(LifeCommon):
    def open(self, moves):
        action = moves.with_user(self.accountant).action_chorus_send()
        return self.env["chorus.send"].with_user(self.accountant).browse(action["res_id"])

    def test_a_reason_is_told_once_with_its_count_and_one_correction_for_all(self):
        customer = self.make_customer(siret=SERVICE_DUTY, name="Mairie de Gorges")
        customer.with_user(self.accountant).action_chorus_look_up()
        moves = self.make_invoice(partner_id=customer.id) | self.make_invoice(partner_id=customer.id)
        moves.with_user(self.accountant).buyer_reference = False
        wizard = self.open(moves | self.make_invoice())
        self.assertEqual((wizard.ready_count, wizard.stopped_count), (1, 2))
        (reason,) = wizard.reason_ids
        self.assertEqual((reason.count, reason.blocks, reason.fixable_count), (2, True, 2))
        action = reason.action_fix_all()
        self.assertEqual(action["res_id"], wizard.id, "the screen stays")
        self.env.invalidate_all()
        self.assertEqual(set(moves.mapped("buyer_reference")), {SERVICE_CODE})
        self.assertEqual((wizard.ready_count, wizard.stopped_count, len(wizard.reason_ids)), (3, 0, 0))

    def test_reasons_stand_beside_the_invoices_when_each_has_its_own(self):
        customer = self.make_customer(siret=SERVICE_DUTY, name="Mairie de Gorges")
        customer.with_user(self.accountant).action_chorus_look_up()
        move = self.make_invoice(partner_id=customer.id)
        move.with_user(self.accountant).buyer_reference = False
        nowhere = self.make_customer(siret=False, name="Sans SIRET")
        wizard = self.open(move | self.make_invoice(partner_id=nowhere.id))
        self.assertFalse(wizard.grouped, "each problem is told once")
        line = wizard.line_ids.filtered(lambda line: line.move_id == move)
        self.assertTrue(line.fixable)
        line.action_use_only_service()
        self.env.invalidate_all()
        self.assertEqual(move.buyer_reference, SERVICE_CODE)
        self.assertEqual((wizard.ready_count, wizard.stopped_count), (1, 1))

    def test_a_reason_that_names_its_invoice_is_an_example(self):
        self.company.chorus_environment = "test"
        moves = self.make_invoice() | self.make_invoice()
        for index, move in enumerate(moves):
            move.name = f"FAC-{move.date.year}-ETABLISSEMENT-00000{index}"
        wizard = self.open(moves)
        self.assertTrue(wizard.grouped)
        self.assertEqual(wizard.reason_ids.count, 2)
        self.assertTrue(wizard.reason_ids.text.startswith("For example: "))

    def test_numbers_that_will_not_do_are_given_anew_all_at_once(self):
        moves = self.make_invoice() | self.make_invoice()
        for index, move in enumerate(moves, 1):
            move.name = f"FAC-{move.date.year}-ETABLISSEMENT-00000{index}"
        wizard = self.open(moves)
        self.assertTrue(wizard.reason_ids.renumbers)
        with self.assertRaises(AccessError):
            wizard.reason_ids.action_renumber()
        self.accountant.group_ids += self.env.ref("account.group_account_manager")
        action = wizard.reason_ids.action_renumber()
        screen = Form(
            self.env[action["res_model"]].with_user(self.accountant).with_context(**action["context"])
        )
        year = moves[0].date.year
        screen.first_name = f"FAC-{year}-0001"
        screen.save().resequence()
        self.assertEqual(moves.mapped("name"), [f"FAC-{year}-0001", f"FAC-{year}-0002"])
        wizard.action_recheck()
        self.assertEqual(wizard.ready_count, 2)

    def test_numbers_of_several_sequences_are_not(self):
        moves = self.make_invoice() | self.make_invoice(move_type="out_refund")
        for index, move in enumerate(moves, 1):
            move.name = f"FAC-{move.date.year}-ETABLISSEMENT-00000{index}"
        wizard = self.open(moves)
        self.assertFalse(any(wizard.reason_ids.mapped("renumbers")))

    def test_what_is_corrected_above_the_screen_is_checked_again(self):
        customer = self.make_customer(name="Mairie de Gorges")
        move = self.make_invoice(partner_id=customer.id)
        siret, customer.company_registry = customer.company_registry, False
        wizard = self.open(move)
        action = wizard.line_ids.action_open_fix()
        self.assertEqual(action["tag"], "chorus_fix")
        self.assertEqual(
            (action["params"]["model"], action["params"]["res_id"]), ("res.partner", customer.id)
        )
        self.assertFalse(action["params"]["who_may"])
        customer.company_registry = siret
        wizard.action_recheck()
        self.assertEqual(wizard.ready_count, 1)

    def test_who_may_not_correct_is_told_who_may(self):
        customer = self.make_customer(name="Mairie de Gorges")
        move = self.make_invoice(partner_id=customer.id)
        customer.company_registry = False
        wizard_id = move.with_user(self.invoicing_user).action_chorus_send()["res_id"]
        wizard = self.env["chorus.send"].with_user(self.invoicing_user).browse(wizard_id)
        told = wizard.line_ids.action_open_fix()["params"]["who_may"]
        self.assertIn("Mairie de Gorges", told)
        self.assertIn(self.accountant.name, told)

    def test_a_rejection_that_she_may_not_mend_says_who_may(self):
        self.customer.with_user(self.accountant).action_chorus_look_up()
        move = self.make_invoice()
        self.queue(move)
        self.simulator.set_structure(NO_DUTY, active=False)
        self.run_send()
        self.pass_time(hours=1)
        self.run_follow()
        self.assertEqual(self.story(move), "rejected")
        note = move.with_user(self.invoicing_user).chorus_fix_note
        self.assertIn(self.accountant.name, note)
        hers = move.with_user(self.accountant)
        self.assertEqual(hers.chorus_fix_note, "To correct: SIRET")
        # Once the directory was read anew, the findings say it: the banner need not.
        self.assertEqual(hers.chorus_reason_told, "not active" in (hers.chorus_findings_html or ""))
        self.customer.with_user(self.accountant).action_chorus_look_up()
        self.env.invalidate_all()
        self.assertIn("not active", hers.chorus_findings_html)
        self.assertTrue(hers.chorus_reason_told)
        self.customer.company_registry = False
        self.env.invalidate_all()
        self.assertTrue(hers.chorus_reason_told, "the same field is asked for")
        self.customer.company_registry = BOTH_DUTIES
        self.env.invalidate_all()
        self.assertFalse(hers.chorus_reason_told)

    def test_many_that_have_left_are_one_sentence(self):
        moves = self.make_invoices(3)
        stale = self.open(moves)
        self.queue(moves)
        action = stale.action_send()
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual(action["params"]["type"], "info")
        self.assertIn("already: 3", action["params"]["message"])
        self.assertEqual(len(action["params"]["message"].splitlines()), 1)
        self.assertEqual(moves.with_user(self.accountant).action_chorus_send()["tag"], "display_notification")

    def test_the_card_of_the_overview_sends_what_it_counts(self):
        moves = self.make_invoices(2)
        books = self.env["account.move"].with_user(self.accountant)
        wizard = self.env["chorus.send"].browse(books.action_chorus_send_all("test")["res_id"])
        self.assertEqual(wizard.move_ids, moves.sudo(False).with_env(wizard.env))
        with self.assertRaisesRegex(UserError, "Nothing is ready"):
            books.action_chorus_send_all("production")

    def test_filters_say_the_numbers_of_the_cards(self):
        moves = self.make_invoices(4)
        self.deliver(moves[:3])
        self.buyer(moves[0], "SUSPENDUE", "Il manque une pièce")
        self.buyer(moves[1], "MISE_EN_PAIEMENT")
        self.env.invalidate_all()
        books = self.env["account.move"].with_user(self.accountant).with_company(self.company)
        overview = books.env["chorus.overview"].get_overview()
        counted = {counter["key"]: counter["count"] for counter in overview["counters"]}
        steps = {"to_send": "to_send", "in_progress": "under_way", "to_act": "to_act", "paid": "being_paid"}
        for card, step in steps.items():
            with self.subTest(card=card):
                found = [("chorus_step", "=", step), ("company_id", "=", self.company.id)]
                self.assertEqual(books.search_count(found), counted[card])
                self.assertEqual(counted[card], 1)

    def test_a_rejected_one_has_the_directory_asked_anew(self):
        customer = self.make_customer(siret="12345678200069", name="Mairie de Gorges")
        customer.with_user(self.accountant).action_chorus_look_up()
        move = self.make_invoice(partner_id=customer.id, purchase_order_reference="BC-42")
        self.simulator.set_structure("12345678200069", active=False)
        self.queue(move)
        self.run_send()
        self.pass_time(hours=1)
        self.run_follow()
        self.assertState(move, "rejected")
        self.assertEqual(self.open(move).line_ids.state, "stopped", "the structure is known to be closed now")


@tagged("post_install", "post_install_l10n", "-at_install")
class TestCompleteScreen(LifeCommon):
    def test_a_long_name_is_shortened_and_shown(self):
        move = self.deliver()
        self.buyer(move, "SUSPENDUE", "Il manque le PV")
        wizard = self.open_wizard(move, "action_chorus_complete")
        name = "procès-verbal de réception des travaux du gymnase municipal.pdf".replace(" ", "_")
        wizard.attachment_ids = self.file(name) + self.file(name)
        sent = [row[0] for row in wizard._files()]
        self.assertTrue(all(len(one) <= 50 and one.endswith(".pdf") for one in sent))
        self.assertEqual(len(set(sent)), 2, "two files stay apart")
        self.assertIn(sent[0], wizard.names_sent)
        self.assertFalse(wizard.problems)

    def test_what_would_be_refused_is_said_before_sending(self):
        move = self.deliver()
        self.buyer(move, "SUSPENDUE", "Il manque le PV")
        wizard = self.open_wizard(move, "action_chorus_complete")
        wizard.attachment_ids = self.file("virus.exe")
        self.assertIn("virus.exe", wizard.problems)


@tagged("post_install", "post_install_l10n", "-at_install")
class TestOverviewPictures(LifeCommon):
    environment = "production"

    def shown(self):
        self.env.invalidate_all()
        return self.env["chorus.overview"].with_user(self.accountant).get_overview()

    def test_what_was_sent_by_month_and_step(self):
        moves = self.deliver(self.make_invoices(2))
        self.buyer(moves[0], "MISE_EN_PAIEMENT")
        months = self.shown()["months"]
        self.assertEqual((len(months["labels"]), len(months["starts"])), (12, 12))
        today = fields.Date.context_today(self.accountant)
        self.assertEqual(months["starts"][-1], str(today.replace(day=1)))
        # They were sent an hour ago: on the first day of a month perhaps in the month before.
        sent = self.line(moves[0], "production").create_date.date()
        place = months["starts"].index(str(sent.replace(day=1)))
        counts = {row["step"]: row["counts"][place] for row in months["series"]}
        self.assertEqual(counts, {"under_way": 1, "being_paid": 1})

    def test_days_to_payment_beside_the_legal_and_the_national_ones(self):
        state = self.make_customer(siret="11000201100044", name="Préfecture", chorus_service_code="SFACETAT")
        move = self.deliver(self.make_invoice(partner_id=state.id, purchase_order_reference="1234567890"))
        self.pass_time(days=40)
        self.buyer(move, "MISE_EN_PAIEMENT")
        (row,) = self.shown()["kinds"]
        self.assertEqual((row["kind"], row["count"], row["legal"]), ("state", 1, 30))
        self.assertIn(row["days"], (39, 40, 41))
        self.assertEqual((row["average"], row["year"]), (17.3, 2020))

    def test_an_overview_without_invoices_leads_to_the_first_one(self):
        (step,) = self.shown()["begin"]
        self.assertEqual((step["key"], step["may"]), ("invoice", True))
        books = self.env["chorus.overview"].with_user(self.accountant).with_company(self.company)
        action = books.open_beginning("invoice")
        self.assertEqual((action["res_model"], action["views"]), ("account.move", [(False, "form")]))
        self.make_invoice()
        self.assertEqual(self.shown()["begin"], [], "what is to be sent has its own button")

    def test_what_comes_first_is_told_where_nothing_can_be_sent(self):
        self.deliver()
        self.assertEqual(self.shown()["begin"], [])
        self.company.chorus_environment = False
        (step,) = self.shown()["begin"]
        self.assertEqual((step["key"], step["may"]), ("configure", False))
        administrator = self.env["chorus.overview"].with_user(self.administrator)
        self.assertTrue(administrator.get_overview()["begin"][0]["may"])
        action = administrator.open_beginning("configure")
        self.assertEqual(action["res_model"], "chorus.connection")


@tagged("post_install", "post_install_l10n", "-at_install")
class TestOdoosOwnScreens(LifeCommon):
    def test_a_new_public_customer_gets_the_legal_payment_term(self):
        hers = self.env["res.partner"].with_user(self.accountant).with_company(self.company)
        with Form(hers) as form:
            form.name = "Mairie de Gorges"
            form.dematerialized_invoice_type = "facturx"
            self.assertEqual(
                form.property_payment_term_id, self.env.ref("account.account_payment_term_30days")
            )
        chosen = self.env.ref("account.account_payment_term_15days")
        with Form(hers) as form:
            form.name = "Mairie de Vallet"
            form.property_payment_term_id = chosen
            form.dematerialized_invoice_type = "facturx"
            self.assertEqual(form.property_payment_term_id, chosen, "somebody chose it")

    def test_send_and_print_cannot_be_pressed_while_something_blocks(self):
        customer = self.make_customer(name="Mairie de Gorges", invoice_sending_method="chorus_pro")
        move = self.make_invoice(partner_id=customer.id)
        siret, customer.company_registry = customer.company_registry, False
        wizards = self.env["account.move.send.wizard"].with_user(self.accountant)
        self.assertTrue(wizards.create({"move_id": move.id}).chorus_blocked)
        customer.company_registry = siret
        self.assertFalse(wizards.create({"move_id": move.id}).chorus_blocked)

    def test_several_at_once_are_counted_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["ir.module.module"]._load_module_terms(["l10n_fr_chorus_pro"], ["fr_FR"])
        customer = self.make_customer(name="Mairie de Gorges", invoice_sending_method="chorus_pro")
        moves = self.make_invoice(partner_id=customer.id) | self.make_invoice(partner_id=customer.id)
        wizards = self.env["account.move.send.batch.wizard"].with_user(self.accountant)
        wizard = wizards.with_context(lang="fr_FR").create({"move_ids": moves.ids})
        labels = {row["label"] for row in wizard.summary_data.values()}
        self.assertIn("par Chorus Pro", labels)


@tagged("post_install", "post_install_l10n", "-at_install")
class TestNothingInTheWay(LifeCommon):
    """Whoever does not use what stands beyond sending sees none of its fields."""

    def shown(self, form):
        """The fields of ours that this form shows, hidden groups and pages taken into account."""
        ours = (
            self.env["ir.model.fields"]
            .sudo()
            .search([("model", "=", form._record._name), ("name", "=like", "chorus\\_%")])
        )
        names = set(form._view["fields"]) & set(ours.mapped("name"))
        return sorted(name for name in names if not form._get_modifier(name, "invisible"))

    def forms(self, **values):
        customer = self.make_customer(name="Client", **values)
        invoice = self.make_invoice(partner_id=customer.id)
        hers = [record.with_user(self.accountant) for record in (invoice, customer)]
        self.env.flush_all()
        return [
            self.shown(Form(record, view=view))
            for record, view in zip(hers, ("account.view_move_form", "base.view_partner_form"), strict=True)
        ]

    def test_an_ordinary_customer_has_no_field_of_ours(self):
        self.assertEqual(self.forms(dematerialized_invoice_type=False), [[], []])

    def test_a_public_customer_has_only_what_sending_asks_for(self):
        invoice, customer = self.forms()
        header = ["process", "document_kind", "period_start", "period_end", "factor_id", "other_bank_ids"]
        others = ["attachment_ids", "not_for_chorus", "road_note"]
        self.assertEqual(invoice, sorted(f"chorus_{name}" for name in header + others))
        self.assertEqual(customer, ["chorus_payment_delay", "chorus_road_note", "chorus_service_code"])
