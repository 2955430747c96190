"""Every state of a flow and every status of an invoice: what it means, who must act, and how.

Codes: flows, reference §4.1 (the contract has no list; ``source`` says who met them); invoices, enum ``S`` of
the Factures Swagger, 56 values. French labels are those of the portal and of AIFE's pages where published,
else the code in words. English sentences are ours, for an accountant.
"""

import unicodedata
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


def _(sentence: str) -> str:
    return sentence


PENDING, INTEGRATED, PARTIAL, REJECTED, INCIDENT = "pending", "integrated", "partial", "rejected", "incident"


@dataclass(frozen=True, slots=True)
class FlowState:
    """``kind``: ``pending``, ``integrated``, ``partial``, ``rejected`` or ``incident`` (may be sent again
    as a whole). Only ``pending`` can still change."""

    code: str
    label_fr: str
    label_en: str
    kind: str
    source: str

    @property
    def final(self) -> bool:
        return self.kind != PENDING


FLOW_STATES = MappingProxyType(
    {
        row.code: row
        for row in (
            FlowState(
                "IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP",
                "Déposé, en attente de traitement",
                "Taken, waiting to be processed",
                PENDING,
                "seen live",
            ),
            FlowState("IN_RECU", "Reçu", "Received", PENDING, "AIFE"),
            FlowState(
                "IN_TRAITE_SE_CPP",
                "Traité par le système d'échange",
                "Passed the exchange system",
                PENDING,
                "other clients",
            ),
            FlowState(
                "IN_EN_ATTENTE_TRAITEMENT_CPP",
                "En attente de traitement",
                "Waiting in Chorus Pro",
                PENDING,
                "other clients",
            ),
            FlowState(
                "IN_EN_COURS_TRAITEMENT_CPP",
                "En cours de traitement",
                "Being processed",
                PENDING,
                "other clients",
            ),
            FlowState(
                "IN_EN_ATTENTE_RETRAITEMENT_CPP",
                "En attente de retraitement",
                "Held until Chorus Pro's operators act",
                PENDING,
                "AIFE",
            ),
            FlowState("QP_RECEVABLE", "Recevable", "Admissible, being processed", PENDING, "other clients"),
            FlowState(
                "QP_RECEVABLE_AVEC_ERREUR",
                "Recevable avec erreur",
                "Admissible with errors, being processed",
                PENDING,
                "other clients",
            ),
            FlowState("IN_INTEGRE", "Intégré", "Integrated", INTEGRATED, "seen live"),
            FlowState("IN_INTEGRE_PARTIEL", "Intégré partiellement", "Integrated in part", PARTIAL, "AIFE"),
            FlowState("IN_REJETE", "Rejeté", "Rejected", REJECTED, "seen live"),
            FlowState("QP_IRRECEVABLE", "Irrecevable", "Not admissible", REJECTED, "other clients"),
            FlowState(
                "IN_INCIDENTE", "Incidenté", "Failed on the server, to be sent again", INCIDENT, "AIFE"
            ),
            FlowState(
                "IN_A_RELANCER",
                "À relancer",
                "Failed on the server, to be sent again",
                INCIDENT,
                "one client only",
            ),
            FlowState(
                "IN_ERREUR_INTERNE",
                "Erreur interne",
                "Failed on the server, to be sent again",
                INCIDENT,
                "one client only",
            ),
        )
    }
)


@dataclass(frozen=True, slots=True)
class InvoiceStatus:
    """One status of an invoice.

    ``who`` must act now: ``nobody`` (it is moving, or over), ``supplier``, ``buyer``. ``action_en`` is what
    the supplier does, "" for nothing. ``terminal``: Chorus Pro will not change it any more;
    MISE_EN_PAIEMENT is the good end. ``kind`` groups statuses:

    - ``draft`` not deposited; ``transit`` on its way to the buyer; ``buyer`` in the buyer's hands
    - ``validation`` waiting for a holder, co-contractor or works party to agree
    - ``approved`` accepted, payment being prepared; ``paid`` payment ordered
    - ``suspended``, ``recycle``, ``returned``: the supplier must complete, redirect, correct
    - ``rejected`` refused by the buyer for good; ``void`` withdrawn or replaced
    - ``unknown`` not told, or a code this table does not have

    ``stage`` is what the supplier sees of it, see :attr:`told_as`. ``asks``: the requests that Chorus Pro
    takes in this status (``complete``, ``recycle``, ``acknowledge``), the one to offer first.
    ``stops_clock``: the buyer's payment period stands still.
    """

    code: str
    label_fr: str
    label_en: str
    kind: str
    who: str
    meaning_en: str
    action_en: str = ""
    terminal: bool = False
    stage: str = ""
    asks: tuple[str, ...] = ()
    stops_clock: bool = False

    @property
    def told_as(self) -> str:
        """``integrated``, ``suspended``, ``recycle``, ``refused``, ``approved``, ``paid``, ``attention``."""
        return self.stage or ("attention" if self.who == "supplier" else "integrated")


_LOOK = _("Read the comment, and look at the invoice on the Chorus Pro portal.")
_COMPLETE = _("Complete the invoice: add the documents or the comment asked for.")
_COMPLETE_THERE = _("Add the documents asked for to the works file, on the Chorus Pro portal.")
_CORRECT = _("Read the comment, correct the invoice's parties on Chorus Pro, and send it again.")
_REFUSED_BY_VALIDATOR = _(
    "Read the reason, agree with the validator, and send a corrected invoice with a new number."
)
_NEW_INVOICE = _(
    "Correct the invoice: cancel it by an internal credit note, send a corrected one with a new "
    "number, and acknowledge the rejection."
)
_RECYCLE = _(
    "Redirect the invoice: correct the recipient, the service or the engagement number; its number stays."
)


def _works(
    code: str,
    label_fr: str,
    label_en: str,
    meaning_en: str,
    who: str = "buyer",
    kind: str = "validation",
    action_en: str = "",
    **more: Any,
) -> InvoiceStatus:
    """A status of works contracts ("factures de travaux"), which a plain invoice never takes."""
    return InvoiceStatus(code, label_fr, label_en, kind, who, meaning_en, action_en, **more)


_ROWS = (
    # The ordinary life of an invoice, in its usual order.
    InvoiceStatus(
        "BROUILLON",
        "Brouillon",
        "Draft",
        "draft",
        "supplier",
        _("The invoice was begun on the portal and not sent."),
        _("Finish or delete the draft on the portal."),
    ),
    InvoiceStatus(
        "INTERPRETEE_OCR",
        "Interprétée OCR",
        "Read by OCR",
        "draft",
        "supplier",
        _("A PDF was read by the portal and waits for confirmation."),
        _("Confirm or delete the invoice on the portal."),
    ),
    InvoiceStatus(
        "DEPOSEE", "Déposée", "Deposited", "transit", "nobody", _("Chorus Pro has created the invoice.")
    ),
    InvoiceStatus(
        "EN_COURS_TRAITEMENT_PIVOT_S",
        "En cours de traitement",
        "Being processed",
        "transit",
        "nobody",
        _("Chorus Pro is converting the invoice for the buyer's system."),
    ),
    InvoiceStatus(
        "EN_COURS_ACHEMINEMENT",
        "En cours d'acheminement",
        "On its way",
        "transit",
        "nobody",
        _("The invoice is on its way to the buyer's system."),
    ),
    InvoiceStatus(
        "MISE_A_DISPOSITION",
        "Mise à disposition",
        "Available to the buyer",
        "buyer",
        "buyer",
        _("The buyer can see the invoice; the payment period runs."),
    ),
    InvoiceStatus(
        "PRISE_EN_COMPTE_DESTINATAIRE",
        "Prise en compte par le destinataire",
        "Taken over by the buyer",
        "buyer",
        "buyer",
        _("The buyer has taken the invoice into its system."),
    ),
    InvoiceStatus(
        "SUSPENDUE",
        "Suspendue",
        "Suspended",
        "suspended",
        "supplier",
        _("The buyer misses documents or information; the payment period stands still."),
        _COMPLETE,
        stage="suspended",
        asks=("complete",),
        stops_clock=True,
    ),
    InvoiceStatus(
        "COMPLETEE",
        "Complétée",
        "Completed",
        "buyer",
        "buyer",
        _("The supplier has completed the suspended invoice; the buyer goes on."),
    ),
    InvoiceStatus(
        "A_RECYCLER",
        "À recycler",
        "To be redirected",
        "recycle",
        "supplier",
        _("The recipient, the service or the engagement is wrong."),
        _RECYCLE,
        stage="recycle",
        asks=("recycle",),
    ),
    InvoiceStatus(
        "REJETEE",
        "Rejetée",
        "Rejected by the buyer",
        "rejected",
        "supplier",
        _("The buyer has refused the invoice for good."),
        _NEW_INVOICE,
        terminal=True,
        stage="refused",
        asks=("acknowledge",),
    ),
    InvoiceStatus(
        "NON_CONFORME",
        "Non conforme",
        "Not compliant",
        "returned",
        "supplier",
        _("A check on the buyer's side found the invoice not compliant."),
        _("Read the comment and ask the buyer what is wrong; the invoice may be rejected next."),
    ),
    InvoiceStatus(
        "SERVICE_FAIT",
        "Service fait",
        "Delivery certified",
        "approved",
        "buyer",
        _("The buyer has certified that the goods or services were delivered."),
    ),
    InvoiceStatus(
        "MANDATEE",
        "Mandatée",
        "Payment order issued",
        "approved",
        "buyer",
        _("The buyer has issued the payment order; some buyers never report a later step."),
        stage="approved",
    ),
    InvoiceStatus(
        "MISE_A_DISPOSITION_COMPTABLE",
        "Mise à disposition du comptable",
        "With the public accountant",
        "approved",
        "buyer",
        _("The public accountant is checking the payment order."),
        stage="approved",
    ),
    InvoiceStatus(
        "COMPTABILISEE",
        "Comptabilisée",
        "Booked",
        "approved",
        "buyer",
        _("The public accountant has booked the payment order."),
        stage="approved",
    ),
    InvoiceStatus(
        "MISE_EN_PAIEMENT",
        "Mise en paiement",
        "Payment on its way",
        "paid",
        "nobody",
        _(
            "The payment was ordered; the money arrives within days. It may cover a part only: compare the"
            " amount when it is there."
        ),
        terminal=True,
        stage="paid",
    ),
    InvoiceStatus(
        "ABANDONNEE",
        "Abandonnée",
        "Abandoned",
        "void",
        "nobody",
        _("The invoice was given up and will not be paid."),
        terminal=True,
    ),
    InvoiceStatus(
        "SUPPRIMEE",
        "Supprimée",
        "Deleted",
        "void",
        "nobody",
        _("The invoice was deleted on Chorus Pro."),
        terminal=True,
    ),
    InvoiceStatus(
        "DUPLIQUE_APRES_REFUS",
        "Dupliquée après refus",
        "Replaced after a refusal",
        "void",
        "nobody",
        _("After a refusal the invoice was copied into a new one, which goes on in its place."),
        terminal=True,
    ),
    # Sub-contracting and co-contracting (cadres A9, A12): the holder validates first.
    InvoiceStatus(
        "A_VALIDER_1",
        "À valider (1)",
        "To be validated",
        "validation",
        "buyer",
        _("A first validator (holder of the contract, for a subcontractor's invoice) must agree."),
    ),
    InvoiceStatus(
        "VALIDEE_1", "Validée (1)", "Validated", "validation", "nobody", _("The first validator has agreed.")
    ),
    InvoiceStatus(
        "REFUSEE_1",
        "Refusée (1)",
        "Refused by the validator",
        "returned",
        "supplier",
        _("The first validator has refused the invoice."),
        _REFUSED_BY_VALIDATOR,
        stage="refused",
        asks=("acknowledge",),
    ),
    InvoiceStatus(
        "ABSENCE_VALIDATION_1_HORS_DELAI",
        "Absence de validation (1), hors délai",
        "Not validated in time",
        "validation",
        "nobody",
        _("The first validator let the legal period pass; the invoice goes on to the buyer."),
    ),
    InvoiceStatus(
        "A_VALIDER_2",
        "À valider (2)",
        "To be validated (second)",
        "validation",
        "buyer",
        _("A second validator (representative of the group of contractors) must agree."),
    ),
    InvoiceStatus(
        "VALIDEE_2",
        "Validée (2)",
        "Validated (second)",
        "validation",
        "nobody",
        _("The second validator has agreed."),
    ),
    InvoiceStatus(
        "REFUSEE_2",
        "Refusée (2)",
        "Refused by the second validator",
        "returned",
        "supplier",
        _("The second validator has refused the invoice."),
        _REFUSED_BY_VALIDATOR,
        stage="refused",
        asks=("acknowledge",),
    ),
    InvoiceStatus(
        "ABSENCE_VALIDATION_2_HORS_DELAI",
        "Absence de validation (2), hors délai",
        "Not validated in time (second)",
        "validation",
        "nobody",
        _("The second validator let the legal period pass; the invoice goes on to the buyer."),
    ),
    InvoiceStatus(
        "ERREUR_FOURNISSEUR_SUR_VALIDEUR",
        "Erreur du fournisseur sur le valideur",
        "Wrong validator",
        "returned",
        "supplier",
        _("The validator named by the supplier is not the right one."),
        _CORRECT,
        stage="refused",
    ),
    InvoiceStatus(
        "ERREUR_COTRAITANT_SUR_VALIDEUR",
        "Erreur du cotraitant sur le valideur",
        "Wrong validator named by the co-contractor",
        "returned",
        "supplier",
        _("The validator named by the co-contractor is not the right one."),
        _CORRECT,
        stage="refused",
    ),
    InvoiceStatus(
        "ERREUR_DESTINATAIRE_PD",
        "Erreur sur le destinataire (paiement direct)",
        "Wrong recipient (direct payment)",
        "returned",
        "supplier",
        _("The invoice for direct payment was addressed to the wrong recipient."),
        _CORRECT,
    ),
    InvoiceStatus(
        "ERREUR_DESTINATAIRE_EA",
        "Erreur sur le destinataire (état d'acompte)",
        "Wrong recipient (interim statement)",
        "returned",
        "supplier",
        _("The interim statement was addressed to the wrong recipient."),
        _CORRECT,
    ),
    InvoiceStatus(
        "EN_ATTENTE_RECYCLAGE_FOURNISSEUR",
        "En attente de recyclage par le fournisseur",
        "Waiting to be redirected",
        "recycle",
        "supplier",
        _("The supplier must redirect the invoice."),
        _RECYCLE,
        stage="recycle",
        # Told by its name only: AIFE documents "recycler" for A_RECYCLER.
        asks=("recycle",),
    ),
    # Works contracts. MOE: the project manager (maître d'œuvre); MOA: the works owner (maître d'ouvrage).
    _works(
        "A_ASSOCIER_FOURNISSEUR",
        "À associer par le fournisseur",
        "To be linked by the supplier",
        _("The supplier must link the document to its works file."),
        "supplier",
        action_en=_("Link the document to its works file on the portal."),
    ),
    _works(
        "A_ASSOCIER_MOE",
        "À associer par la MOE",
        "To be linked by the project manager",
        _("The project manager must link the document to its works file."),
    ),
    _works(
        "A_ASSOCIER_MOA",
        "À associer par la MOA",
        "To be linked by the works owner",
        _("The works owner must link the document to its works file."),
    ),
    _works("ASSOCIEE", "Associée", "Linked", _("The document is linked to its works file."), "nobody"),
    _works(
        "A_COMPLETER",
        "À compléter",
        "To be completed",
        _("Documents are missing in the works file."),
        "supplier",
        "suspended",
        _COMPLETE_THERE,
        stage="suspended",
        stops_clock=True,
    ),
    _works(
        "A_VALIDER_MOE",
        "À valider par la MOE",
        "To be validated by the project manager",
        _("The project manager must agree."),
    ),
    _works(
        "MISE_A_DISPOSITION_MOE",
        "Mise à disposition de la MOE",
        "Available to the project manager",
        _("The project manager can see the document."),
    ),
    _works(
        "PRISE_EN_COMPTE_MOE",
        "Prise en compte par la MOE",
        "Taken over by the project manager",
        _("The project manager has taken the document."),
    ),
    _works(
        "REFUSEE_MOE",
        "Refusée par la MOE",
        "Refused by the project manager",
        _("The project manager has refused the document."),
        "supplier",
        "returned",
        _REFUSED_BY_VALIDATOR,
    ),
    _works(
        "ERREUR_DE_MOE",
        "Erreur de MOE",
        "Wrong project manager",
        _("The document was addressed to the wrong project manager."),
        "supplier",
        "returned",
        _CORRECT,
    ),
    _works(
        "ERREUR_FOURNISSEUR_SUR_MOE",
        "Erreur du fournisseur sur la MOE",
        "Wrong project manager named by the supplier",
        _("The supplier named the wrong project manager."),
        "supplier",
        "returned",
        _CORRECT,
    ),
    _works(
        "ERREUR_MOE_SUR_FOURNISSEUR",
        "Erreur de la MOE sur le fournisseur",
        "Wrong supplier named by the project manager",
        _("The project manager named the wrong supplier and must correct it."),
    ),
    _works(
        "ERREUR_MOE_SUR_MOA",
        "Erreur de la MOE sur la MOA",
        "Wrong works owner named by the project manager",
        _("The project manager named the wrong works owner and must correct it."),
    ),
    _works(
        "MISE_A_DISPOSITION_MOA",
        "Mise à disposition de la MOA",
        "Available to the works owner",
        _("The works owner can see the document."),
    ),
    _works(
        "PRISE_EN_COMPTE_MOA",
        "Prise en compte par la MOA",
        "Taken over by the works owner",
        _("The works owner has taken the document."),
    ),
    _works(
        "TRANSMISE_MOA",
        "Transmise à la MOA",
        "Passed on to the works owner",
        _("The document was passed on to the works owner."),
        kind="transit",
    ),
    _works(
        "REFUSEE_MOA",
        "Refusée par la MOA",
        "Refused by the works owner",
        _("The works owner has refused the document."),
        "supplier",
        "returned",
        _REFUSED_BY_VALIDATOR,
    ),
    _works(
        "ERREUR_DE_MOA",
        "Erreur de MOA",
        "Wrong works owner",
        _("The document was addressed to the wrong works owner."),
        "supplier",
        "returned",
        _CORRECT,
    ),
    _works(
        "ERREUR_FOURNISSEUR_SUR_MOA",
        "Erreur du fournisseur sur la MOA",
        "Wrong works owner named by the supplier",
        _("The supplier named the wrong works owner."),
        "supplier",
        "returned",
        _CORRECT,
    ),
    _works(
        "ERREUR_MOA_SUR_FOURNISSEUR",
        "Erreur de la MOA sur le fournisseur",
        "Wrong supplier named by the works owner",
        _("The works owner named the wrong supplier and must correct it."),
    ),
    _works(
        "REFUSEE_FOURNISSEUR",
        "Refusée par le fournisseur",
        "Refused by the supplier",
        _("The supplier has refused the statement drawn up by the other party."),
    ),
    _works(
        "REMPLACEE_PAR_A22",
        "Remplacée par une A22",
        "Replaced (tacit procedure)",
        _("A document of the tacit procedure (cadre A22) has taken its place."),
        "nobody",
        "void",
        terminal=True,
    ),
    InvoiceStatus(
        "TECHNIQUE_INCONNU",
        "Statut inconnu",
        "Unknown",
        "unknown",
        "supplier",
        _("Chorus Pro could not tell the status."),
        _LOOK,
    ),
)

INVOICE_STATUSES = MappingProxyType({row.code: row for row in _ROWS})


def that(**columns: object) -> tuple[str, ...]:
    """The codes of the invoice statuses whose columns have these values: ``that(stops_clock=True)``.

    :rtype: tuple[str, ...]
    """
    return tuple(
        row.code for row in _ROWS if all(getattr(row, name) == value for name, value in columns.items())
    )


def _plain(words: str) -> str:
    """``À recycler`` and ``a_recycler`` -> ``ARECYCLER``."""
    letters = unicodedata.normalize("NFKD", words).upper()
    return "".join(letter for letter in letters if letter.isascii() and letter.isalnum())


# The search declares its status as any text, and portal pages write labels where the contract has codes.
_BY_WORDS = MappingProxyType(
    {_plain(row.label_fr): row.code for row in _ROWS} | {_plain(row.code): row.code for row in _ROWS}
)


def status_code(words: str) -> str:
    """The code of an invoice status told by its code in any case or by its French label; else ``words``."""
    return words if words in INVOICE_STATUSES else _BY_WORDS.get(_plain(words), words)


def flow_state(code: str) -> FlowState:
    """The row of a flow state; for a code nobody has published, a pending one that shows the raw code."""
    return FLOW_STATES.get(code) or FlowState(code, code, code, PENDING, "not published")


def invoice_status(code: str) -> InvoiceStatus:
    """The row of an invoice status; for a code nobody has published, one that shows the raw code, is still
    followed, and has a person look: it may well be a dispute."""
    return INVOICE_STATUSES.get(code) or InvoiceStatus(
        code,
        code,
        code,
        "unknown",
        "supplier",
        _("Chorus Pro uses a status this program does not know."),
        _LOOK,
    )
