from odoo import http
from odoo.http import content_disposition, request

from .zip_stream import stream


class ChorusHandController(http.Controller):
    @http.route("/l10n_fr_chorus_pro/hand/<int:wizard_id>", type="http", auth="user", methods=["GET"])
    def download(self, wizard_id):
        """Stream the Factur-X files of a hand deposit as one ZIP.

        Only whoever made it, who may invoice and may read each invoice (company rules included) gets it.
        """
        env = request.env
        wizard = env["chorus.hand"].browse(wizard_id).exists()
        if not wizard or not env.user.has_group("account.group_account_invoice"):
            raise request.not_found()
        files = wizard._files()
        return request.make_response(
            stream(files),
            headers=[
                ("Content-Type", "application/zip"),
                ("Content-Disposition", content_disposition(wizard._zip_name())),
                ("X-Content-Type-Options", "nosniff"),
                ("Cache-Control", "no-store"),
            ],
        )
