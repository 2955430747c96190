"""Deposits: hand a file over, learn what became of it, store attachments."""

import base64
from dataclasses import dataclass
from datetime import date, datetime

from . import errors, packing, routes
from .operations import Operations
from .packing import SYNTAXES
from .readers import Json, day, identifier, integer, items, moment, reference, text, word


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
        problem = (
            "unknown_syntax" if syntax not in SYNTAXES else packing.check_flow(content, filename, syntax)
        )
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
        problem = packing.check_attachment(content, name, extension)
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
        supplier=word(row.get("identifiantFournisseur")),
        recipient=word(row.get("identifiantDestinataire")),
        number=word(row.get("numeroDP")),
        text=text(row.get("libelleErreurDP")),
    )


def _technical_error(row: Json) -> TechnicalError:
    return TechnicalError(
        code=word(row.get("codeErreur")),
        text=text(row.get("libelleErreur")),
        nature=word(row.get("natureErreur")),
    )
