"""One semantic invoice for each kind that the addon sends: `KINDS`, by file name."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from einvoice.terms import (
    Address,
    Attachment,
    BankAccount,
    Contact,
    Note,
    Party,
    PaymentMeans,
    Period,
    Preceding,
)

from . import invoices as make
from .invoices import S10, S20, S21, S55, S85, charge, discount, discounted, line

_STATE = Party(
    "Direction des services de l'État",
    siret="11000201100044",
    address=Address("FR", "139 rue de Bercy", city="Paris", postcode="75012"),
)
_FACTOR = Party("Affacturage Réuni", siret="55203253400646")
_ACCOUNT = BankAccount(make.IBAN, make.BIC)
_DEPOSIT = Preceding("FAC/2026/00100", date(2026, 9, 1))
_DESCRIPTION = "Prestation de maintenance préventive et curative, selon le cahier des charges. " * 12
_ODD = "Pièce « Œ » <A & B> \"C\" 'D' ]]> & fin"

_SUBROGATION = (
    "Pour être libératoire, votre règlement doit être effectué directement à l'ordre de : Affacturage Réuni, "
    "12 rue des Créances, 75009 Paris, téléphone 01 23 45 67 89, compte FR76 3000 4000 0312 3456 7890 143, "
    "qui le reçoit par subrogation dans le cadre d'un contrat d'affacturage."
)

_WORK = line("Travaux de peinture", "3", "1250.00")
_HOURS = line("Heures d'électricien", "12.5", "48.90", unit="HUR")


def _simple(vat=S20, **terms):
    return make.invoice([line("Fournitures de bureau", "10", "12.50", vat)], vats=(vat,), **terms)


def _credit(**terms):
    return make.invoice(
        [_WORK],
        type_code="381",
        due_date=None,
        preceding=(Preceding("FAC/2026/00042", date(2026, 10, 5)),),
        **terms,
    )


def _paid(**terms):
    grand = make.invoice([_WORK]).totals.grand
    return make.invoice([_WORK], prepaid=grand, process="A2", due_date=None, **terms)


def _many(count):
    return [line(f"Article de catalogue n° {place}", "2", "3.15") for place in range(1, count + 1)]


def _paying(code, *accounts):
    return _simple(payment=PaymentMeans(code, None, accounts))


def _attachments(*rows):
    return tuple(Attachment(name, content, mime) for name, content, mime in rows)


_TXT = ("bon de commande.txt", "Bon n° 42 — été".encode(), "text/plain")
_CSV = ("détail.csv", "n°;montant\n1;12,50\n".encode(), "text/csv")
_PNG = (
    "photo.png",
    bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
        "0000000c49444154789c63f8cfc000000301010018dd8db00000000049454e44ae426082"
    ),
    "image/png",
)

# file name: invoice
_ROWS = {
    "invoice": make.invoice([_WORK, _HOURS]),
    "invoice-one-line": _simple(),
    "vat-several-rates": make.invoice(
        [
            line("Livre", "4", "18.00", S55),
            line("Repas", "30", "7.90", S10),
            _WORK,
            line("Journal", "1", "2.00", S21),
        ]
    ),
    "vat-10": _simple(S10),
    "vat-5.5": _simple(S55),
    "vat-2.1": _simple(S21),
    "vat-8.5-overseas": _simple(
        S85,
        buyer=replace(make.BUYER, address=Address("RE", "1 rue du Port", city="Le Port", postcode="97420")),
    ),
    "vat-on-payment": _simple(vat_point_code="72"),
    "vat-on-delivery": _simple(vat_point_code="29"),
    "vat-zero-rated": _simple(make.ZERO_RATED),
    "exempt-293b": _simple(make.FRANCHISE, seller=replace(make.SELLER, vat_number=None, tax_id="332540215")),
    "exempt-training": _simple(make.TRAINING),
    "exempt-and-taxed": make.invoice(
        [_WORK, line("Formation", "2", "900.00", make.TRAINING)], vats=(make.TRAINING,)
    ),
    "reverse-charge": _simple(make.REVERSE_CHARGE),
    "intra-community": _simple(
        make.INTRA_COMMUNITY, buyer=replace(make.BUYER, vat_number="BE0123456749"), ship_to=make.DELIVERY
    ),
    "export": _simple(make.EXPORT),
    "out-of-scope": _simple(make.OUT_OF_SCOPE),
    "credit-note": _credit(),
    "credit-note-with-service": _credit(buyer_reference="SERVICE_DEST_SERV_OBL"),
    "credit-note-without-account": _credit(payment=PaymentMeans("97")),
    "corrected-invoice": make.invoice([_WORK], type_code="384", preceding=(_DEPOSIT,)),
    "down-payment": make.invoice([line("Acompte de 30 % sur commande", "1", "1000.00")], type_code="386"),
    "final-after-down-payment": make.invoice(
        [_WORK, line("Acompte facturé", "-1", "1000.00")], preceding=(_DEPOSIT,)
    ),
    "self-billed": _simple(type_code="389"),
    "a2-paid": _paid(),
    "a9-subcontractor": _simple(process="A9"),
    "a12-co-contractor": _simple(process="A12"),
    "service": _simple(buyer_reference="SERVICE_DEST_SERV_OBL"),
    "engagement": _simple(order_reference="EJ-2026-0042"),
    "service-and-engagement": _simple(buyer_reference="SERVICE_1", order_reference="1512345678"),
    "market": _simple(contract_reference="2025-MAPA-017"),
    "all-references": _simple(
        buyer_reference="SERVICE_1",
        order_reference="EJ-2026-0042",
        contract_reference="2025-MAPA-017",
        sales_order_reference="S00042",
        buyer_accounting="60611",
    ),
    "state": _simple(buyer=_STATE, buyer_reference="SFACETAT", order_reference="1512345678"),
    "line-discount": make.invoice([discounted("Chaise", "6", "89.90", "12.5"), _WORK]),
    "free-line": make.invoice([_WORK, discounted("Échantillon offert", "1", "10.00", "100")]),
    "negative-line": make.invoice([_WORK, line("Reprise de matériel", "-2", "150.00")]),
    "global-discount": make.invoice([_WORK], allowances=[discount("100.00", vat=S20)]),
    "global-charge": make.invoice(
        [_WORK], allowances=[charge("35.00", "Frais de port", vat=S20, reason_code="FC")]
    ),
    "eco-contribution": make.invoice([line("Réfrigérateur", "2", "399.00", allowances=(charge("20.00"),))]),
    "six-decimals": make.invoice([line("Électricité", "12345.6789", "0.123456", unit="KWH")]),
    "base-quantity": make.invoice([line("Vis", "2500", "4.20", base_quantity=Decimal(100))]),
    "hours-and-days": make.invoice([_HOURS, line("Journée de conseil", "1.5", "800.00", unit="DAY")]),
    "five-hundred-lines": make.invoice(_many(500)),
    "invoicing-period": _simple(period=Period(date(2026, 10, 1), date(2026, 10, 31))),
    "line-periods": make.invoice(
        [line("Abonnement", "1", "49.00", unit="MON", period=Period(date(2026, 11, 1), date(2026, 11, 30)))]
    ),
    "two-accounts": _paying("30", _ACCOUNT, BankAccount("DE89370400440532013000")),
    "account-without-bic": _paying("30", BankAccount(make.IBAN)),
    "sepa-transfer": _paying("58", _ACCOUNT),
    "direct-debit": _paying("59"),
    "cheque": _paying("20"),
    "cash": _paying("10"),
    "card": _paying("48"),
    "partial-payment": make.invoice([_WORK], prepaid="500.00"),
    "cash-rounding": make.invoice([line("Café", "1", "1.01")], rounding="-0.01"),
    "early-payment-terms": _simple(payment_terms="2 % sous 8 jours, sinon 30 jours fin de mois"),
    "no-delivery-place": _simple(ship_to=None, delivery_date=None),
    "factor": _simple(
        payee=_FACTOR,
        notes=(*make.MENTIONS, Note("Règlement à l'ordre d'Affacturage Réuni, subrogé dans nos droits.")),
    ),
    "branch-contact": _simple(
        buyer=replace(make.BUYER, contact=Contact("M. Le Goff", "0299000000", "dst@example.org"))
    ),
    "factor-complete": _simple(
        payee=_FACTOR,
        payment=PaymentMeans("30", None, (BankAccount("FR7630004000031234567890143", "BNPAFRPP"),)),
        notes=(*make.MENTIONS, Note(_SUBROGATION)),
    ),
    "instalments": _simple(
        due_date=date(2026, 12, 5),
        payment_terms="30 % le 05/12/2026, 70 % le 05/01/2027",
    ),
    "retention": make.invoice(
        [_WORK],
        due_date=date(2026, 12, 5),
        payment_terms="95 % le 05/12/2026 ; retenue de garantie de 5 %, soit 225,00 €, le 05/12/2027",
    ),
    "long-terms": _simple(
        payment_terms="Règlement par mandat administratif à trente jours. " * 20,
        notes=(*make.MENTIONS, Note("Suite des conditions de règlement, reprises au contrat. " * 18)),
    ),
    "several-eco-contributions": make.invoice(
        [line("Canapé", "1", "899.00", allowances=(charge("14.50", vat=S20), charge("2.35", vat=S20)))]
    ),
    "tiny-quantity": make.invoice([line("Réactif", "0.0005", "18500.00", unit="KGM")]),
    "overseas-department": _simple(
        S85, buyer=replace(make.BUYER, address=Address("RE", "1 place de l'Hôtel", city="Saint-Denis"))
    ),
    "without-mentions": _simple(notes=()),
    "long-description": make.invoice([line("Maintenance", "1", "990.00", description=_DESCRIPTION.strip())]),
    "odd-characters": make.invoice([line(_ODD, "1", "10.00", description="Tabulation\tet contrôle\x0b")]),
    "right-to-left": make.invoice([line("ترجمة עברית", "1", "250.00")]),
    "missing-glyphs": make.invoice([line("Livraison 😀 漢字", "1", "25.00")]),
    "number-of-20": _simple(number="FACTURE-2026-0000042"),
    "number-with-space": _simple(number="FAC 2026 42"),
    "attachment": _simple(attachments=_attachments(_TXT)),
    "three-attachments": _simple(attachments=_attachments(_TXT, _CSV, _PNG)),
}


def _numbered(place, invoice):
    """Give each sample its own number, unless the number is the point of the sample."""
    if invoice.number != "FAC/2026/00001":
        return invoice
    number = f"FAC/2026/{place:05d}"
    return replace(invoice, number=number, payment_reference=number)


KINDS = {name: _numbered(place, invoice) for place, (name, invoice) in enumerate(_ROWS.items(), 1)}
