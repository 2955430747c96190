"""A ZIP that is made while it is sent: one file in memory at a time."""

import hashlib
import zipfile

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
