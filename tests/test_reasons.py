"""Reasons are stored by their key: each reader has them in her own language, whoever was told first."""

from odoo.tests import tagged

from ..chorus_api import errors
from ..models.base.chorus_authority import BY_CODE
from ..models.notice.chorus_sentences import CATALOGUE, explain, together
from .common import ChorusCommon
from .life import LifeCommon


@tagged("post_install_l10n", "post_install", "-at_install")
class TestReasons(ChorusCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.env["ir.module.module"]._load_module_terms(["l10n_fr_chorus_pro"], ["fr_FR"])
        rows = cls.env["chorus.structure"]._with_rows("test", ["11000201100044"])
        cls.structure = rows["11000201100044"].with_context(**BY_CODE)

    def told(self, lang):
        self.env.invalidate_all()
        return self.structure.with_context(lang=lang).read(["last_error"])[0]["last_error"]

    def keep(self, lang, error):
        structure = self.structure.with_context(lang=lang)
        structure._keep_failure(explain(structure.env, error))

    def test_each_reader_has_it_in_her_language(self):
        for lang in ("en_US", "fr_FR"):
            with self.subTest(stored_in=lang):
                self.keep(lang, errors.Refused("refused", remote_label="SIRET inconnu"))
                self.assertEqual(self.told("en_US"), "Chorus Pro refuses: SIRET inconnu")
                self.assertEqual(self.told("fr_FR"), "Chorus Pro refuse\N{NO-BREAK SPACE}: SIRET inconnu")

    def test_a_reference_and_the_words_of_chorus_pro_stay_with_it(self):
        self.keep("fr_FR", errors.Unavailable("down", remote_label="Maintenance", correlation_id="ab12"))
        english = self.told("en_US")
        self.assertTrue(english.startswith("Chorus Pro is not available"), english)
        self.assertIn("(Maintenance)", english)
        self.assertIn("(reference ab12)", english)

    def test_words_that_are_not_ours_stay_as_they_came(self):
        for words in ("Rejet\xa0: <b>42</b>", "%s 100 %", '\x1e[["own.with_reference", {}]]'):
            self.structure.last_error = words
            self.assertEqual(self.told("fr_FR"), words.replace("\x1e", ""))

    def test_several_reasons_are_a_line_each(self):
        one = explain(self.env(context={"lang": "en_US"}), errors.NothingFound("nothing"))
        self.structure.last_error = together([one, "Raison du service", ""])
        self.assertEqual(self.told("en_US"), "Chorus Pro finds nothing.\nRaison du service")
        self.assertTrue(self.told("fr_FR").endswith("Raison du service"))
        self.assertNotIn("finds", self.told("fr_FR"))

    def test_a_key_that_is_gone_says_nothing_and_breaks_nothing(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE chorus_structure SET last_error = %s WHERE id = %s",
            ('\x1e["own.of_a_later_version", {}]\nleft', self.structure.id),
        )
        self.assertEqual(self.told("fr_FR"), "left")

    def test_every_key_has_a_sentence(self):
        silent = [key for key, english in CATALOGUE.items() if not english and not key.endswith(".action")]
        self.assertEqual(silent, [])


@tagged("post_install_l10n", "post_install", "-at_install")
class TestReasonsOfInvoices(LifeCommon):
    REJECTION = "Identifiant du fournisseur inconnu"

    def setUp(self):
        super().setUp()
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["ir.module.module"]._load_module_terms(["l10n_fr_chorus_pro"], ["fr_FR"])

    def shown(self, move, lang):
        self.env.flush_all()
        self.env.invalidate_all()
        return (
            move.with_user(self.accountant)
            .with_context(lang=lang)
            .read(["chorus_message"])[0]["chorus_message"]
        )

    def test_a_rejection_is_read_in_two_languages_and_counted_once(self):
        moves = self.make_invoices(2)
        self.queue(moves)
        self.run_send()
        for move, lang in zip(moves, ("fr_FR", "en_US"), strict=True):
            self.line(move).with_context(lang=lang)._rejected([self.REJECTION])
        for move in moves:
            self.assertIn("does not know the supplier's SIRET", self.shown(move, "en_US"))
            self.assertIn("ne connaît pas", self.shown(move, "fr_FR"))
        overview = self.env["chorus.overview"].with_user(self.accountant)
        for lang, word in (("en_US", "supplier's SIRET"), ("fr_FR", "ne connaît pas")):
            (row,) = overview.with_context(lang=lang).get_overview()["reasons"]
            self.assertIn(word, row["text"])
            self.assertEqual(row["count"], 2)
            lines = self.env["chorus.deposit.line"].with_user(self.accountant).with_context(lang=lang)
            self.assertEqual(lines.search(row["domain"]).move_id, moves)
            self.assertEqual(lines.search([("reason", "=", row["text"])]).move_id, moves)

    def test_a_stopped_invoice_says_why_in_two_languages(self):
        move = self.make_invoice()
        self.queue(move)
        move.partner_id.company_registry = False
        self.run_send()
        self.assertState(move, "blocked")
        english, french = self.shown(move, "en_US"), self.shown(move, "fr_FR")
        self.assertIn("SIRET", english)
        self.assertIn("SIRET", french)
        self.assertNotEqual(english, french)

    def test_what_chorus_pro_says_in_other_words_stays_raw(self):
        move = self.make_invoice()
        self.queue(move)
        self.run_send()
        self.line(move)._rejected(["Texte que personne ne connaît"])
        for lang in ("en_US", "fr_FR"):
            self.assertEqual(self.shown(move, lang), "Texte que personne ne connaît")
