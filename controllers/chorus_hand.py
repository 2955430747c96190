from odoo import http

from .zip_stream import respond, wizard_of


class ChorusHandController(http.Controller):
    @http.route("/l10n_fr_chorus_pro/hand/<int:wizard_id>", type="http", auth="user", methods=["GET"])
    def download(self, wizard_id):
        """Stream the Factur-X files of a hand deposit as one ZIP.

        Only whoever made it, who may invoice and may read each invoice (company rules included) gets it.
        """
        wizard = wizard_of("chorus.hand", wizard_id)
        return respond(wizard, wizard._files())
