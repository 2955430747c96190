"""Screens' files as a ZIP that is made while it is sent: one file in memory at a time."""

import hashlib
import zipfile

from odoo.http import content_disposition, request

MANIFEST = "SHA256SUMS"


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


def wizard_of(model, wizard_id):
    """The record of a screen whose files are asked for.

    Only whoever made it, and may invoice, gets it; it looks itself whether each invoice may be read.

    :raises NotFound: for everybody else
    """
    wizard = request.env[model].browse(wizard_id).exists()
    if not wizard or not request.env.user.has_group("account.group_account_invoice"):
        raise request.not_found()
    return wizard


def respond(wizard, files, *, manifest=False):
    """The answer that streams ``files`` as the ZIP of a screen."""
    return request.make_response(
        stream(files, manifest=manifest),
        headers=[
            ("Content-Type", "application/zip"),
            ("Content-Disposition", content_disposition(wizard._zip_name())),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
        ],
    )


def stream(files, *, manifest=False):
    """Yield a ZIP, one file in memory at a time.

    :param files: list of (name, function that returns the content)
    :param bool manifest: whether it ends with the hashes of its files, as ``sha256sum -c`` reads them
    """
    pipe, sums = _Pipe(), []
    with zipfile.ZipFile(pipe, "w", compression=zipfile.ZIP_STORED) as archive:
        for name, read in files:
            content = read()
            sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
            archive.writestr(name, content)
            yield pipe.take()
        if manifest:
            archive.writestr(MANIFEST, "".join(sums))
            yield pipe.take()
    yield pipe.take()
