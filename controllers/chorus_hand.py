import zipfile

from odoo import http
from odoo.http import content_disposition, request


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
            _stream(files),
            headers=[
                ("Content-Type", "application/zip"),
                ("Content-Disposition", content_disposition(wizard._zip_name())),
                ("X-Content-Type-Options", "nosniff"),
                ("Cache-Control", "no-store"),
            ],
        )


class _Pipe:
    """What a ZIP writer writes to when nobody can seek: the bytes wait here until they are sent."""

    def __init__(self):
        self.waiting = []

    def write(self, data):  # pylint: disable=method-required-super
        self.waiting.append(bytes(data))
        return len(data)

    def flush(self):
        """Nothing to do: :meth:`take` empties it."""

    def take(self):
        data, self.waiting = b"".join(self.waiting), []
        return data


def _stream(files):
    """Yield a ZIP, one file in memory at a time.

    :param files: list of (name, function that returns the content)
    """
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", compression=zipfile.ZIP_STORED) as archive:
        for name, read in files:
            archive.writestr(name, read())
            yield pipe.take()
    yield pipe.take()
