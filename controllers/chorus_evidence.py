from odoo import http

from .zip_stream import respond, wizard_of

COVER = "LISEZMOI.html"


class ChorusEvidenceController(http.Controller):
    @http.route("/l10n_fr_chorus_pro/evidence/<int:wizard_id>", type="http", auth="user", methods=["GET"])
    def download(self, wizard_id):
        """Stream an evidence file: the cover page, the files, and a manifest of their hashes.

        Only whoever made it, who may invoice and may read each invoice (company rules included) gets it.
        """
        wizard = wizard_of("chorus.evidence", wizard_id)
        files, cover = wizard._files()
        return respond(wizard, [(COVER, lambda: cover), *files], manifest=True)
