"""Deposits: formats, published limits, what goes together, handing over, what became of it, attachments."""

import base64
import gzip
import hashlib
import io
import re
import tarfile
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from . import errors, routes
from .operations import Operations
from .readers import Json, day, identifier, integer, items, moment, reference, registration, text, word

ARCHIVES = (".tar.gz", ".zip")


@dataclass(frozen=True, slots=True)
class Syntax:
    """``extension`` is that of one bare file; ``interface`` the EDI interface, "" when not known;
    ``evidence`` says how sure it is that the API takes it."""

    code: str
    extension: str
    interface: str
    evidence: str


FACTURX = "IN_DP_E2_CII_FACTURX"

# The 13 values of enum SyntaxeFlux of the Factures Swagger; interfaces and evidence: reference §3.1.
SYNTAXES = MappingProxyType(
    {
        row.code: row
        for row in (
            Syntax(FACTURX, ".pdf", "FSO1117A", "seen live, September 2026"),
            Syntax("IN_DP_E1_UBL_INVOICE", ".xml", "FSO1100A", "sent by other clients"),
            Syntax("IN_DP_E1_CII_16B", ".xml", "FSO1106A", "sent by other clients"),
            Syntax("IN_DP_E1_CII", ".xml", "", "Swagger; superseded by 16B"),
            Syntax("IN_DP_E2_UBL_INVOICE_MIN", ".xml", "", "Swagger"),
            Syntax("IN_DP_E2_CII_MIN_16B", ".xml", "", "Swagger"),
            Syntax("IN_DP_E2_CII_MIN", ".xml", "", "Swagger"),
            Syntax("IN_DP_E2_CPP_FACTURE_MIN", ".xml", "", "Swagger"),
            Syntax("IN_DP_E1_PES_FACTURE", ".xml", "", "Swagger; removed from the annex in 2021"),
            Syntax("IN_DP_E2_PES_FACTURE_MIN", ".xml", "", "Swagger; removed from the annex in 2021"),
            Syntax("IN_DP_E1_XCBL", ".xml", "FSO1102A", "Swagger; dropped"),
            Syntax("IN_DP_PDFARCHIVE_UBL_INVOICE_MUG", ".xml", "", "Swagger, request only"),
            Syntax("IN_DP_PDFARCHIVE_CII_MUG", ".xml", "", "Swagger, request only"),
        )
    }
)


MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limit:
    """``value`` in ``unit``; ``source`` says who published it."""

    value: int
    unit: str
    source: str


LIMITS = MappingProxyType(
    {
        "file_size": Limit(10 * MB, "bytes", "API annex V5.00: one file, uncompressed"),
        "flow_size": Limit(30 * MB, "bytes", "API annex V5.00: compressed flow"),
        "flow_invoices": Limit(500, "invoices", "third-party help on EDI flows; not published for the API"),
        "flow_uncompressed_size": Limit(1024 * MB, "bytes", "third-party help on EDI flows"),
        "filename_length": Limit(200, "characters", "specification of 2017"),
        "attachment_size": Limit(10 * MB, "bytes", "AIFE; code 20003 of ajouter/fichier"),
        "attachment_name_length": Limit(50, "characters", "AIFE; seen live (HTTP 400 beyond)"),
        "invoice_with_attachments_size": Limit(120 * MB, "bytes", "AIFE"),
        "download_invoices": Limit(10, "invoices", "AIFE download-invoice-group: advice"),
        "download_size": Limit(120 * MB, "bytes", "AIFE download-invoice-group: HTTP 413 beyond"),
        "technical_password_life": Limit(424, "days", "AIFE"),
        "technical_account_start": Limit(30, "minutes", "AIFE: until a new account works"),
        "page_size_default": Limit(10, "items", "seen live, when none is asked for"),
        "error_text_length": Limit(200, "characters", "seen live: libelleErreurDP is cut about there"),
    }
)

# AIFE's page on attachments.
ATTACHMENT_EXTENSIONS = frozenset(
    (
        "BMP",
        "BZ2",
        "CSV",
        "DOC",
        "DOCX",
        "FAX",
        "GIF",
        "GZ",
        "GZIP",
        "HTM",
        "HTML",
        "JPEG",
        "JPG",
        "ODP",
        "ODS",
        "ODT",
        "P7S",
        "PDF",
        "PNG",
        "PPS",
        "PPT",
        "PPTX",
        "RTF",
        "SVG",
        "TGZ",
        "TIF",
        "TIFF",
        "TXT",
        "XHTML",
        "XLC",
        "XLM",
        "XLS",
        "XLSX",
        "XML",
        "ZIP",
    )
)

# One client reports valid credentials refused about once in ten calls; not confirmed elsewhere.
INVALID_CLIENT_RETRIES = 2

_FILENAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*", re.ASCII)
_ATTACHMENT_NAME = re.compile(r"[^\x00-\x1f\x7f/\\:*?\"<>|]+")


def check_flow(content: bytes, filename: str, syntax: str) -> str | None:
    """Why a file cannot be deposited: ``empty_file``, ``filename_invalid``, ``file_too_large``,
    ``flow_too_large``; or None.

    The name's extension matters (a wrong one has the flow rejected); its letters are kept to those no
    system stumbles over.
    """
    archive = filename.lower().endswith(ARCHIVES)
    fits = archive or filename.lower().endswith(SYNTAXES[syntax].extension)
    if not fits or not _FILENAME.fullmatch(filename) or len(filename) > LIMITS["filename_length"].value:
        return "filename_invalid"
    if not content:
        return "empty_file"
    if len(content) > LIMITS["flow_size" if archive else "file_size"].value:
        return "flow_too_large" if archive else "file_too_large"
    return None


def check_attachment(content: bytes, name: str, extension: str) -> str | None:
    """Why a file cannot be attached: ``empty_file``, ``file_too_large``, ``attachment_name_invalid``,
    ``attachment_name_too_long``, ``attachment_type_refused``; or None.

    :param str extension: upper case, without the dot; the name must end on it
    """
    if extension not in ATTACHMENT_EXTENSIONS:
        return "attachment_type_refused"
    if not _ATTACHMENT_NAME.fullmatch(name) or not name.upper().endswith("." + extension):
        return "attachment_name_invalid"
    if len(name) > LIMITS["attachment_name_length"].value:
        return "attachment_name_too_long"
    if not content:
        return "empty_file"
    if len(content) > LIMITS["attachment_size"].value:
        return "file_too_large"
    return None


_TAR_BLOCK = 512
_TAR_END = 20 * _TAR_BLOCK  # a tar file is filled up to a record of 20 blocks
_GZIP_OVERHEAD = 4096


# Name and content.
File = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Split:
    """``groups``: tuples of files that may travel together; ``too_large``: files that cannot travel."""

    groups: tuple[tuple[File, ...], ...]
    too_large: tuple[File, ...]


def safe_filename(name: str, extension: str) -> str:
    """A file name of ASCII letters, digits, ``_ - .`` that ends on ``extension`` (``.pdf``).

    Accents are taken off, everything else becomes ``-``: ``Reçu 2026/0001`` -> ``Recu-2026-0001.pdf``.
    """
    stem = name[: -len(extension)] if name.lower().endswith(extension) else name
    ascii_stem = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode("ascii")
    stem = re.sub(r"[^A-Za-z0-9_.]+", "-", ascii_stem).strip("-._") or "file"
    return stem[: LIMITS["filename_length"].value - len(extension)] + extension


def split(files: Iterable[File], max_count: int | None = None) -> Split:
    """Put files, ``(name, content)``, into groups that respect the published limits, in the order given.

    The compressed size is not known before compressing; PDFs hardly shrink, so the plain size counts.

    :param int max_count: largest number of files in a group; the published one is the upper bound
    :rtype: Split
    """
    max_count = min(max_count or 1, LIMITS["flow_invoices"].value)
    room = LIMITS["flow_size"].value - _TAR_END - _GZIP_OVERHEAD
    groups: list[tuple[File, ...]] = []
    too_large: list[File] = []
    group: list[File] = []
    size = 0
    for name, content in files:
        if len(content) > LIMITS["file_size"].value:
            too_large.append((name, content))
            continue
        weight = _in_tar(len(content))
        if group and (len(group) >= max_count or size + weight > room):
            groups.append(tuple(group))
            group, size = [], 0
        group.append((name, content))
        size += weight
    if group:
        groups.append(tuple(group))
    return Split(tuple(groups), tuple(too_large))


def _in_tar(size: int) -> int:
    """Bytes a file takes in a tar file, its header and deflate's worst case included."""
    blocks = -(-size // _TAR_BLOCK)
    return (1 + blocks) * _TAR_BLOCK * 1001 // 1000


def pack(files: Iterable[File], stem: str | None = None) -> File:
    """The name and bytes to deposit for a group of ``(name, content)``.

    One file travels bare: that is what was seen to succeed live. Several become a ``.tar.gz`` that depends
    on names and contents only, so that preparing twice gives the same file and the same sha256.

    :param str stem: of the archive's name; default: made from the content
    :raises ValueError: no file, or one name twice
    """
    files = sorted(files)
    names = [name for name, _content in files]
    if not files or len(set(names)) < len(names):
        raise ValueError("files must be given, each name once")
    if len(files) == 1:
        return files[0]
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in files:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            member.mode = 0o644
            archive.addfile(member, io.BytesIO(content))
    packed = gzip.compress(plain.getvalue(), compresslevel=6, mtime=0)
    stem = stem or f"lot_{hashlib.sha256(plain.getvalue()).hexdigest()[:16]}"
    return safe_filename(stem, ".tar.gz"), packed


@dataclass(frozen=True, slots=True)
class DepositReceipt:
    """The server has taken the file; it has not looked into it yet. ``flow_number`` is opaque."""

    flow_number: str
    deposit_date: date | None
    syntax: str


@dataclass(frozen=True, slots=True)
class InvoiceError:
    """Why one invoice of a flow was refused. ``text`` packs several messages, see ``rejections.explain``."""

    supplier: str
    recipient: str
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class TechnicalError:
    """Why a flow as a whole was refused."""

    code: str
    text: str
    nature: str


@dataclass(frozen=True, slots=True)
class FlowReport:
    """What became of a flow. ``state`` is the raw code, see ``statuses.flow_state``; times are UTC.

    ``filename`` is the server's own, never the one deposited (seen live).
    """

    state: str
    state_at: datetime | None
    deposited_at: datetime | None
    filename: str
    interface: str
    invoice_errors: tuple[InvoiceError, ...]
    technical_errors: tuple[TechnicalError, ...]


class FlowOperations(Operations):
    """Mixed into :class:`client.ChorusClient`, which can call."""

    def deposit_flow(
        self, content: bytes, filename: str, syntax: str = "IN_DP_E2_CII_FACTURX", *, signed: bool = False
    ) -> DepositReceipt:
        """Deposit one file, or one archive of files of the same syntax.

        :param bytes content: the file
        :param str filename: ASCII, with the extension that fits the syntax, or that of an archive
        :param str syntax: a key of ``syntaxes.SYNTAXES``
        :rtype: DepositReceipt
        :raises errors.LimitExceeded: before any call
        :raises errors.OutcomeUnknown: the file may have been taken: search before depositing again
        """
        route = routes.DEPOSIT_FLOW
        problem = "unknown_syntax" if syntax not in SYNTAXES else check_flow(content, filename, syntax)
        if problem:
            raise errors.LimitExceeded(problem, route=route.path, correlation_id=self.correlation_id)
        payload = self.call(
            route,
            {
                "fichierFlux": base64.b64encode(content).decode("ascii"),
                "nomFichier": filename,
                "syntaxeFlux": syntax,
                "avecSignature": bool(signed),
            },
        )
        number = reference(payload.get("numeroFluxDepot"))
        if not number:
            raise errors.OutcomeUnknown("no_flow_number", **self._last_context())
        echo = word(payload.get("syntaxeFlux")) or syntax
        return DepositReceipt(number, day(payload.get("dateDepot")), echo)

    def flow_report(self, flow_number: str) -> FlowReport:
        """What became of a flow.

        :rtype: FlowReport
        :raises errors.FlowNotFound: unknown, or deposited moments ago
        """
        payload = self.call(routes.FLOW_REPORT, {"numeroFluxDepot": flow_number})
        state = word(payload.get("etatCourantDepotFlux") or payload.get("etatCourantFlux"))
        if not state:
            raise errors.BadAnswer("missing_field", detail="etatCourantDepotFlux", **self._last_context())
        return FlowReport(
            state=state,
            state_at=moment(payload.get("dateHeureEtatCourantFlux")),
            deposited_at=moment(payload.get("dateDepotFlux")),
            filename=word(payload.get("nomFichier")),
            interface=word(payload.get("codeInterfaceDepotFlux")),
            invoice_errors=tuple(_invoice_error(row) for row in items(payload.get("listeErreurDP"))),
            technical_errors=tuple(
                _technical_error(row) for row in items(payload.get("listeErreurTechnique"))
            ),
        )

    def add_file(self, content: bytes, name: str, mime: str, extension: str) -> int:
        """Store a file on the server, to be referred to by :meth:`complete`.

        :param bytes content: the file
        :param str name: with its extension
        :param str mime: e.g. ``application/pdf``
        :param str extension: e.g. ``PDF``
        :return int: the id of the stored file
        :raises errors.LimitExceeded: before any call
        """
        extension = extension.lstrip(".").upper()
        problem = check_attachment(content, name, extension)
        if problem:
            raise errors.LimitExceeded(
                problem, route=routes.ADD_FILE.path, correlation_id=self.correlation_id
            )
        payload = self.call(
            routes.ADD_FILE,
            {
                "pieceJointeFichier": base64.b64encode(content).decode("ascii"),
                "pieceJointeNom": name,
                "pieceJointeTypeMime": mime,
                "pieceJointeExtension": extension,
            },
        )
        return self._required(identifier(payload.get("pieceJointeId")), "pieceJointeId")

    def health(self) -> bool:
        """True when the transverse services say that they are well."""
        payload = self.call(routes.HEALTH)
        told = (integer(payload.get("statusCodeValue")), word(payload.get("statusCode")))
        return told[0] == 200 or told[1] in ("OK", "200")


def _invoice_error(row: Json) -> InvoiceError:
    return InvoiceError(
        supplier=registration(row.get("identifiantFournisseur"), row.get("typeIdentifiantFournisseur")),
        recipient=registration(row.get("identifiantDestinataire"), row.get("typeIdentifiantDestinataire")),
        number=word(row.get("numeroDP")),
        text=text(row.get("libelleErreurDP")),
    )


def _technical_error(row: Json) -> TechnicalError:
    return TechnicalError(
        code=word(row.get("codeErreur")),
        text=text(row.get("libelleErreur")),
        nature=word(row.get("natureErreur")),
    )
