"""The chain of seals: what was sent cannot be changed in the database without being seen."""

import base64
import hashlib

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .life import LifeCommon


@tagged("post_install", "post_install_l10n", "-at_install")
class TestSeals(LifeCommon):
    environment = "production"
    # The tests change the database behind the addon's back.
    made_up = True

    def seal(self):
        self._run("_cron_seal")
        return self.env["chorus.seal"].sudo().search([("company_id", "=", self.company.id)])

    def verified(self, **values):
        check = self.env["chorus.seal.check"].with_user(self.accountant).create(values)
        check.action_verify()
        return check

    def sql(self, statement, *values):
        self.env.flush_all()
        self.env.cr.execute(statement, values)
        self.env.invalidate_all()

    def test_what_chorus_pro_has_judged_is_sealed_in_one_chain(self):
        moves = self.deliver(self.make_invoices(2))
        chain = self.seal()
        self.assertEqual(chain.mapped("number"), list(range(1, len(chain) + 1)))
        self.assertEqual(
            set(chain.filtered(lambda seal: seal.model == "chorus.deposit").mapped("deposit_id")),
            set(moves.chorus_line_ids.deposit_id),
        )
        previous = "0" * 64
        for entry in chain:
            self.assertEqual(entry.previous, previous)
            previous = hashlib.sha256(f"{previous}\n{entry.content}".encode()).hexdigest()
            self.assertEqual(entry.digest, previous)

    def test_what_happens_later_is_appended_and_nothing_sealed_twice(self):
        move = self.deliver()
        before = self.seal()
        self.assertEqual(self.seal(), before)
        self.buyer(move, "SUSPENDUE", "Il manque le PV")
        after = self.seal()
        self.assertEqual(after[: len(before)], before)
        self.assertIn("Il manque le PV", after[-1].content)
        self.assertTrue(self.verified().is_good)

    def test_test_deposits_and_what_is_under_way_are_not_sealed(self):
        move = self.make_invoice()
        self.queue(move, self.environment)
        self.run_send()
        self.assertEqual(self.line(move, "production").state, "sent")
        self.assertFalse(self.seal())

    def test_a_whole_chain_verifies(self):
        self.deliver()
        check = self.verified()
        self.assertTrue(check.is_good, check.outcome)
        self.assertIn("whole", check.outcome)

    def test_a_changed_deposit_is_named_with_what_changed(self):
        move = self.deliver()
        self.seal()
        deposit = move.chorus_line_ids.deposit_id
        self.sql("UPDATE chorus_deposit SET sent_at = sent_at - interval '20 days' WHERE id = %s", deposit.id)
        check = self.verified()
        self.assertFalse(check.is_good)
        self.assertIn(deposit.display_name, check.outcome)
        self.assertIn("sent_at", check.outcome)

    def test_changed_words_of_a_buyer_are_named(self):
        move = self.deliver()
        self.buyer(move, "SUSPENDUE", "Il manque le PV")
        self.seal()
        self.sql("UPDATE chorus_status_event SET comment = 'Rien' WHERE comment = 'Il manque le PV'")
        check = self.verified()
        self.assertIn(move.name, check.outcome)
        self.assertIn("Il manque le PV", check.outcome)

    def test_a_file_that_was_exchanged_is_named(self):
        deposit = self.deliver().chorus_line_ids.deposit_id
        self.seal()
        deposit._file_attachment().write({"raw": b"%PDF-1.7 another"})
        self.env.invalidate_all()
        self.assertIn("file differs", self.verified().outcome)
        self.assertTrue(self.verified(with_files=False).is_good)

    def test_an_entry_that_was_changed_or_removed_is_named(self):
        self.deliver(self.make_invoices(2))
        chain = self.seal()
        self.assertGreaterEqual(len(chain), 3)
        self.sql("UPDATE chorus_seal SET content = '{}' WHERE id = %s", chain[0].id)
        self.assertIn("entry itself was changed", self.verified().outcome)
        self.sql("DELETE FROM chorus_seal WHERE id = %s", chain[1].id)
        self.assertIn("gone", self.verified().outcome)

    def test_the_end_that_was_cut_off_is_noticed(self):
        self.deliver()
        chain = self.seal()
        self.sql("DELETE FROM chorus_seal WHERE id = %s", chain[-1].id)
        self.assertIn("its entry is gone", self.verified().outcome)

    def test_a_chain_made_anew_does_not_hold_the_hash_that_was_kept(self):
        deposit = self.deliver().chorus_line_ids.deposit_id
        head = self.seal()[-1].digest
        self.assertIn("is entry", self.verified(known_head=head).outcome)
        self.sql("DELETE FROM chorus_seal")
        self.sql("UPDATE chorus_deposit SET sealed = FALSE, sent_at = '2020-01-01' WHERE id = %s", deposit.id)
        self.sql("UPDATE chorus_status_event SET sealed = FALSE")
        self.seal()
        check = self.verified(known_head=head)
        self.assertFalse(check.is_good)
        self.assertIn("not in the chain", check.outcome)

    def test_words_that_the_history_completes_are_sealed_anew(self):
        move = self.deliver()
        self.buyer(move, "SUSPENDUE")
        self.seal()
        event = move.chorus_line_ids.event_ids[0]
        event.sudo()._record(event.line_id, event.code, event.at, "Il manque le PV")
        self.env.flush_all()
        self.seal()
        self.assertTrue(self.verified().is_good)

    def test_the_day_s_hash_is_mailed_to_whoever_is_named_and_only_when_it_moved(self):
        mails = self.env["mail.mail"].sudo()
        self.deliver()
        self.seal()
        self.assertFalse(mails.search([("email_to", "=", "audit@example.com")]))
        self.company.chorus_seal_email = "audit@example.com"
        head = self.seal()[-1]
        mail = mails.search([("email_to", "=", "audit@example.com")])
        self.assertEqual(len(mail), 1)
        self.assertIn(head.digest, mail.body_html)
        self.seal()
        self.assertEqual(mails.search_count([("email_to", "=", "audit@example.com")]), 1)

    def test_people_cannot_write_seals(self):
        self.deliver()
        entry = self.seal()[0].with_user(self.administrator)
        with self.assertRaises(AccessError):
            entry.write({"content": "{}"})
        with self.assertRaises(AccessError):
            entry.unlink()
        with self.assertRaises(UserError):
            entry.sudo().unlink()

    def test_a_report_is_not_given_from_outside(self):
        check = self.env["chorus.seal.check"].with_user(self.accountant)
        made = check.with_context(default_outcome="All is well", default_is_good=True).create({})
        self.assertFalse(made.outcome or made.is_good)

    def test_the_sealed_hash_is_that_of_the_file(self):
        deposit = self.deliver().chorus_line_ids.deposit_id
        content = base64.b64decode(deposit.with_context(bin_size=False).file)
        sealed = self.seal().filtered(lambda seal: seal.model == "chorus.deposit")
        self.assertIn(hashlib.sha256(content).hexdigest(), sealed.content)
