"""French: every term that Odoo exports from the module has a translation, which keeps its placeholders."""

import io
import re
from pathlib import Path

import polib
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import file_path
from odoo.tools.translate import trans_export

from ..models.notice.chorus_sentences import CATALOGUE

ADDON = "l10n_fr_chorus_pro"
FRENCH = Path(__file__).resolve().parent.parent / "i18n" / "fr.po"
PLACEHOLDERS = re.compile(r"%\([a-z_]+\)[-.0-9]*[a-z]|%[-.0-9]*[sdif%]|\{[a-z_]*\}")
TAGS = re.compile(r"</?([a-z]+)")
# Keys of our tables, which the exporter takes for terms when they follow a marked sentence.
KEY = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")


@tagged("post_install_l10n", "post_install", "-at_install")
class TestTranslations(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        exported = io.BytesIO()
        trans_export(None, [ADDON], exported, "po", cls.env)
        terms = polib.pofile(exported.getvalue().decode())
        cls.terms = [entry.msgid for entry in terms if not KEY.fullmatch(entry.msgid)]
        cls.french = {entry.msgid: entry.msgstr for entry in polib.pofile(str(FRENCH)) if not entry.obsolete}

    def test_the_exporter_finds_fields_views_code_and_scripts(self):
        found = "Technical username", "Refresh Token", "Chorus Pro finds nothing.", "Invoices sent: %s"
        for term in found:
            self.assertIn(term, self.terms)

    def test_every_term_is_in_french(self):
        missing = [term for term in self.terms if not self.french.get(term)]
        self.assertEqual(missing, [], "dev/i18n brings i18n/fr.po up to date")

    def test_every_translation_keeps_its_placeholders(self):
        translated = [(term, self.french[term]) for term in self.terms if self.french.get(term)]
        for term, translation in translated:
            for pattern in (PLACEHOLDERS, TAGS):
                with self.subTest(term=term, pattern=pattern.pattern):
                    self.assertEqual(
                        sorted(pattern.findall(term)), sorted(pattern.findall(translation)), translation
                    )

    def test_every_sentence_of_the_catalogue_speaks_french(self):
        words = re.compile(r"[a-z]{3}")
        sentences = {text for text in CATALOGUE.values() if words.search(PLACEHOLDERS.sub("", text))}
        untold = [sentence for sentence in sentences if not self.french.get(sentence)]
        self.assertEqual(untold, [])

    def test_a_french_user_reads_french(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["ir.module.module"]._load_module_terms([ADDON], ["fr_FR"])
        french = self.env(context={"lang": "fr_FR"})
        self.assertEqual(french["chorus.words"]._status_label("MISE_A_DISPOSITION"), "Mise à disposition")
        self.assertIn("comptabilisée", french["chorus.words"]._status_label("COMPTABILISEE").lower())
        self.assertEqual(
            french["chorus.words"]._state_sentence("cancelled", None), "Elle a été retirée avant son départ."
        )
        form = french["chorus.connection"].get_view(view_type="form")["arch"]
        self.assertIn("Actualiser le jeton", form)
        self.assertNotIn("Refresh Token", form)

    def test_every_selection_of_ours_reads_french(self):
        """A list that a function gives is not translated by Odoo: its function has to."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["ir.module.module"]._load_module_terms([ADDON], ["fr_FR"])
        ours = [name for name in self.env.registry if name.startswith("chorus.")]
        english, untold = self.env(context={"lang": "en_US"}), []
        for name in ours:
            labels = english[name].fields_get(attributes=["selection"])
            told = english[name].with_context(lang="fr_FR").fields_get(attributes=["selection"])
            for field, values in labels.items():
                if field in english[name]._fields and english[name]._fields[field]._module == ADDON:
                    for (_key, label), (_same, french) in zip(
                        values.get("selection", ()), told[field].get("selection", ()), strict=True
                    ):
                        if label in self.french and french != self.french[label]:
                            untold.append((name, field, label))
        self.assertEqual(untold, [])

    def test_the_guide_opens_in_the_reader_s_language(self):
        for lang, page in (("fr_FR", "guide_fr.html"), ("en_US", "guide_en.html")):
            accountant = new_test_user(self.env, f"guide_{lang}", "account.group_account_invoice", lang=lang)
            guide = self.env.ref("l10n_fr_chorus_pro.action_chorus_guide").with_user(accountant)
            url = guide.with_context(lang=lang).run()["url"]
            self.assertTrue(url.endswith(page), url)
            self.assertTrue(file_path(url.removeprefix("/")))
