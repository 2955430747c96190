"""The evidence file: one ZIP that a third person can read and check."""

import io
import re
import subprocess
import tempfile
import zipfile

from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from .life import LifeCommon

DOWNLOAD = "factures/v1/telecharger/groupe"


@tagged("post_install", "post_install_l10n", "-at_install")
class TestEvidence(HttpCase, LifeCommon):
    environment = "production"

    def evidence(self, moves, **values):
        wizard = self.open_wizard(moves, "action_chorus_evidence")
        wizard.write(values)
        wizard.action_make()
        return wizard

    def download(self, wizard):
        """The ZIP over HTTP, as the accountant; time runs again from here on."""
        self.unfreeze()
        self.env.flush_all()
        self.accountant.password = "chorus_accountant"
        self.authenticate("chorus_accountant", "chorus_accountant")
        answer = self.url_open(wizard.action_download()["url"], timeout=120)
        self.assertEqual(answer.status_code, 200)
        return zipfile.ZipFile(io.BytesIO(answer.content))

    def one(self, names, pattern):
        found = [name for name in names if re.search(pattern, name)]
        self.assertEqual(len(found), 1, (pattern, names))
        return found[0]

    def test_everything_of_an_invoice_and_hashes_that_a_common_tool_checks(self):
        move = self.deliver()
        self.buyer(move, "SUSPENDUE", "Il manque <b>le PV</b>")
        wizard = self.open_wizard(move, "action_chorus_complete")
        wizard.write({"comment": "Le voici", "attachment_ids": [(6, 0, self.file().ids)]})
        wizard.action_complete()
        self.pass_time(minutes=5)
        self.run_follow()
        deposit = move.chorus_line_ids.deposit_id
        archive = self.download(self.evidence(move))
        names = archive.namelist()
        sent = archive.read(self.one(names, r"/depot/"))
        self.assertEqual(sent, deposit._file_attachment().raw)
        self.assertTrue(archive.read(self.one(names, r"/chorus_pro/.*\.pdf$")).startswith(b"%PDF"))
        self.assertIn("Il manque", archive.read(self.one(names, r"statuts\.json")).decode())
        self.assertIn("Le voici", archive.read(self.one(names, r"demandes\.json")).decode())
        self.assertEqual(archive.read(self.one(names, r"bon_de_livraison")), b"%PDF-1.4 delivery note")
        # The list of statuses may have told of it before there was a report.
        told = [name for name in names if "compte_rendu.json" in name]
        self.assertEqual(bool(told), bool(deposit.sudo().report))
        cover = archive.read("LISEZMOI.html").decode()
        for said in (deposit.flow_number, deposit.sha256, move.name, "sha256sum -c", "Le voici"):
            self.assertIn(said, cover)
        self.assertIn("&lt;b&gt;le PV", cover, "a buyer's words are no markup")
        seals = self.env["chorus.seal"].sudo().search([("deposit_id", "=", deposit.id)])
        self.assertTrue(seals)
        with tempfile.TemporaryDirectory() as folder:
            archive.extractall(folder)
            told = subprocess.run(
                ["sha256sum", "-c", "--strict", "SHA256SUMS"], cwd=folder, capture_output=True, text=True
            )
            self.assertEqual(told.returncode, 0, told.stdout + told.stderr)
            self.assertEqual(len(told.stdout.splitlines()), len(names) - 1, "all but the list itself")
            for seal in seals:
                file = self.one(names, rf"scelles/{seal.number:08d}\.txt")
                told = subprocess.run(["sha256sum", file], cwd=folder, capture_output=True, text=True)
                self.assertEqual(told.stdout.split()[0], seal.digest)
                self.assertIn(seal.digest, cover)

    def test_a_selection_is_one_file_each_invoice_in_its_folder(self):
        moves = self.deliver(self.make_invoices(3))
        unsent = self.make_invoice()
        wizard = self.evidence(moves | unsent)
        self.assertEqual(self.calls_of(DOWNLOAD), [3])
        names = self.download(wizard).namelist()
        self.assertEqual(len([name for name in names if "/depot/" in name]), 3)

    def test_a_copy_that_does_not_come_is_told_and_stops_nothing(self):
        move = self.deliver()
        self.simulator.fault(DOWNLOAD, "refusal", count=1)
        wizard = self.evidence(move)
        remark = wizard.line_ids.remark
        self.assertTrue(remark)
        archive = self.download(wizard)
        self.assertFalse([name for name in archive.namelist() if "/chorus_pro/" in name])
        self.assertIn(remark[:40], archive.read("LISEZMOI.html").decode().replace("&#39;", "'"))

    def test_without_the_copy_nothing_is_asked_of_chorus_pro(self):
        move = self.deliver()
        self.evidence(move, with_copy=False)
        self.assertEqual(self.calls_of(DOWNLOAD), [0])

    def test_what_was_never_deposited_has_no_evidence(self):
        with self.assertRaisesRegex(UserError, "None of these invoices"):
            self.open_wizard(self.make_invoice(), "action_chorus_evidence")

    def test_the_file_is_its_makers(self):
        wizard = self.evidence(self.deliver(), with_copy=False)
        self.unfreeze()
        self.env.flush_all()
        self.invoicing_user.password = "chorus_invoicing"
        self.authenticate("chorus_invoicing", "chorus_invoicing")
        answer = self.url_open(f"/l10n_fr_chorus_pro/evidence/{wizard.id}", timeout=120)
        self.assertFalse(answer.content.startswith(b"PK"))
