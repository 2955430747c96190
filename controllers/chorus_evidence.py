from odoo import http
from odoo.http import content_disposition, request

from .zip_stream import stream

COVER = "LISEZMOI.html"


class ChorusEvidenceController(http.Controller):
    @http.route("/l10n_fr_chorus_pro/evidence/<int:wizard_id>", type="http", auth="user", methods=["GET"])
    def download(self, wizard_id):
        """Stream an evidence file: the cover page, the files, and a manifest of their hashes.

        Only whoever made it, who may invoice and may read each invoice (company rules included) gets it.
        """
        env = request.env
        wizard = env["chorus.evidence"].browse(wizard_id).exists()
        if not wizard or not env.user.has_group("account.group_account_invoice"):
            raise request.not_found()
        files, cover = wizard._files()
        return request.make_response(
            stream([(COVER, lambda: cover), *files], manifest=True),
            headers=[
                ("Content-Type", "application/zip"),
                ("Content-Disposition", content_disposition(wizard._zip_name())),
                ("X-Content-Type-Options", "nosniff"),
                ("Cache-Control", "no-store"),
            ],
        )
