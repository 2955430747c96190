"""Opens what was deposited: a PDF with XML inside, a bare XML, or an archive of either.

Read with pypdf only here and with nothing of the sending side, so that both cannot share a mistake.
"""

import io
import re
import tarfile
import zipfile
import zlib
from dataclasses import dataclass, field

MAX_FILE = 10 * 1024 * 1024  # one file, uncompressed (EDI annex V5.00)
MAX_ARCHIVE = 30 * 1024 * 1024  # a compressed flow (same source)

# syntaxeFlux → (extension of one file, EDI interface). The interfaces marked "?" are not known for sure.
SYNTAXES = {
    "IN_DP_E2_CII_FACTURX": (".pdf", "1117"),
    "IN_DP_E1_CII_16B": (".xml", "1106"),
    "IN_DP_E1_UBL_INVOICE": (".xml", "1100"),
    "IN_DP_E1_XCBL": (".xml", "1102"),
    "IN_DP_E1_CII": (".xml", "1101"),  # ?
    "IN_DP_E1_PES_FACTURE": (".xml", "1104"),  # ?
    "IN_DP_E2_UBL_INVOICE_MIN": (".xml", "1110"),  # ?
    "IN_DP_E2_CII_MIN": (".xml", "1111"),  # ?
    "IN_DP_E2_CII_MIN_16B": (".xml", "1116"),  # ?
    "IN_DP_E2_PES_FACTURE_MIN": (".xml", "1114"),  # ?
    "IN_DP_E2_CPP_FACTURE_MIN": (".xml", "1113"),  # ?
    "IN_DP_PDFARCHIVE_UBL_INVOICE_MUG": (".pdf", "1120"),  # ?
    "IN_DP_PDFARCHIVE_CII_MUG": (".pdf", "1121"),  # ?
}
CHECKED_SYNTAXES = ("IN_DP_E2_CII_FACTURX", "IN_DP_E1_CII_16B")
ARCHIVES = (".zip", ".tar.gz", ".tgz")

XML_NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")


class Unreadable(Exception):
    """A technical error; ``code`` names the rule of ``rules.TECHNICAL``."""

    def __init__(self, code, detail=""):
        super().__init__(code)
        self.code, self.detail = code, detail


@dataclass
class Opened:
    """One invoice file. ``xml`` is None when it could not be found; then ``problem`` says why."""

    name: str
    content: bytes
    xml: bytes | None = None
    problem: Unreadable | None = None
    attachments: list = field(default_factory=list)  # [(name, size)] beside the XML
    declared: dict = field(default_factory=dict)  # what the PDF's XMP says of itself


def open_deposit(content, filename, syntax):
    """Returns the list of :class:`Opened`; raises :class:`Unreadable` for the flow as a whole."""
    extension, _ = SYNTAXES[syntax]
    lower = filename.lower()
    if lower.endswith(ARCHIVES):
        members = _unpack(content, lower)
    elif lower.endswith(extension):
        members = [(filename, content)]
    else:
        raise Unreadable("extension", filename)
    if syntax not in CHECKED_SYNTAXES:
        return [Opened(name, data) for name, data in members]
    return [_open_file(name, data, extension) for name, data in members]


def _unpack(content, lower):
    try:
        members = list(_zip_members(content) if lower.endswith(".zip") else _tar_members(content))
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        EOFError,
        OSError,
        zlib.error,
        RuntimeError,
        NotImplementedError,
    ):
        raise Unreadable("archive") from None
    if not members:
        raise Unreadable("archive_empty")
    return members


def _zip_members(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            if not entry.is_dir():
                if entry.file_size > MAX_FILE:
                    raise Unreadable("file_too_big", entry.filename)
                yield entry.filename, archive.read(entry)


def _tar_members(content):
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        for entry in archive:
            if entry.isfile():
                if entry.size > MAX_FILE:
                    raise Unreadable("file_too_big", entry.name)
                yield entry.name, (archive.extractfile(entry) or io.BytesIO()).read()


def _open_file(name, content, extension):
    opened = Opened(name, content)
    try:
        if not name.lower().endswith(extension):
            raise Unreadable("extension", name)
        if extension == ".xml":
            opened.xml = content
        else:
            _read_pdf(opened)
    except Unreadable as problem:
        opened.problem = problem
    return opened


def _read_pdf(opened):
    from pypdf import PdfReader  # late: a simulator must start at once

    if not opened.content.startswith(b"%PDF-"):
        raise Unreadable("pdf", opened.name)
    try:
        reader = PdfReader(io.BytesIO(opened.content))
        if reader.is_encrypted:
            raise Unreadable("pdf_encrypted", opened.name)
        files = dict(_embedded_files(reader.trailer["/Root"]))
        opened.declared = _declared(reader.trailer["/Root"])
    except Unreadable:
        raise
    except Exception as error:  # pypdf lets many kinds through on broken files
        raise Unreadable("pdf", f"{opened.name} ({type(error).__name__})") from None
    names = {name.lower(): name for name in files}
    xml_name = next((names[name] for name in XML_NAMES if name in names), None)
    if xml_name is None:
        raise Unreadable("pdf_without_xml", opened.name)
    opened.xml = files.pop(xml_name)
    opened.attachments = [(name, len(data)) for name, data in files.items()]


def _embedded_files(root):
    """(name, bytes) of /Names/EmbeddedFiles and of /AF, each name once."""
    seen = set()
    tree = _at(_at(root, "/Names", {}), "/EmbeddedFiles")
    specifications = list(_tree_values(tree)) if tree is not None else []
    specifications += [entry.get_object() for entry in _at(root, "/AF", [])]
    for specification in specifications:
        name = str(_at(specification, "/UF") or _at(specification, "/F") or "")
        streams = _at(specification, "/EF", {})
        stream = _at(streams, "/F") or _at(streams, "/UF")
        if name not in seen and stream is not None:
            seen.add(name)
            yield name, stream.get_data()


def _tree_values(node):
    for child in _at(node, "/Kids", []):
        yield from _tree_values(child.get_object())
    names = _at(node, "/Names", [])
    for position in range(1, len(names), 2):
        yield names[position].get_object()


def _at(dictionary, key, default=None):
    """A PDF dictionary's value with its reference followed."""
    value = dictionary.get(key)
    return default if value is None else value.get_object()


_XMP = {
    "part": re.compile(r"pdfaid:part(?:>|=\")\s*(\d)"),
    "conformance": re.compile(r"pdfaid:conformance(?:>|=\")\s*(\w)"),
    "level": re.compile(r"ConformanceLevel(?:>|=\")\s*([^<\"]+)"),
}


def _declared(root):
    metadata = _at(root, "/Metadata")
    if metadata is None:
        return {}
    xmp = metadata.get_data().decode("utf-8", "replace")
    return {name: found.group(1) for name, pattern in _XMP.items() if (found := pattern.search(xmp))}
