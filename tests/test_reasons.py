"""Reasons are stored by their key: each reader has them in her own language, whoever was told first."""

from odoo.tests import tagged

from ..chorus_api import errors
from ..models.chorus_authority import BY_CODE
from ..models.chorus_errors import explain
from ..models.chorus_sentences import CATALOGUE, together
from .common import ChorusCommon


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
            self.assertEqual(self.told("fr_FR"), words.lstrip("\x1e"))

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
            ('\x1e[["own.of_a_later_version", {}], "left"]', self.structure.id),
        )
        self.assertEqual(self.told("fr_FR"), "left")

    def test_every_key_has_a_sentence(self):
        silent = [key for key, english in CATALOGUE.items() if not english and not key.endswith(".action")]
        self.assertEqual(silent, [])
