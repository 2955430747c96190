"""The functions behind the table of rules: each looks at one :class:`Case` for one breach.

A function returns a false value when all is well, else True or a dict for the placeholders of the rule's
text, or a list of such dicts (one text each).
"""

import datetime
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from .directory import FORBIDDEN_SERVICE, service_of


@dataclass(frozen=True)
class Case:
    """One invoice to judge: its facts, the directory's word on both parties, the day of the deposit."""

    facts: dict
    seller: dict | None
    buyer: dict | None
    day: datetime.date
    engagements: list
    account_structures: list | None = None  # identifiers attached to the depositing account; None: all

    @property
    def service(self):
        code = self.facts["service"]
        return service_of(self.buyer, code) if self.buyer and code else None


def seller_identifier(facts):
    return _identifier(facts["seller"])


def buyer_identifier(facts):
    return _identifier(facts["buyer"])


def _identifier(party):
    """SIRET of the legal organisation (BT-30, BT-47), else the first 14-digit party identifier."""
    legal = party["legal_id"]
    if legal:
        return legal
    return next((value for value in party["ids"] if _siret(value)), next(iter(party["ids"]), None))


def _siret(value):
    return bool(value) and re.fullmatch(r"\d{14}", value) is not None


def _number(text):
    try:
        return Decimal(text)
    except (InvalidOperation, TypeError):
        return None


def longer(path, limit):
    def breach(case):
        value = case.facts
        for name in path:
            value = value[name]
        return bool(value) and len(value) > limit

    return breach


def seller_not_siret(case):
    party = case.facts["seller"]
    if party["country"] not in (None, "FR"):
        return False
    return not _siret(_identifier(party)) and {"value": _identifier(party) or ""}


def buyer_not_siret(case):
    legal = case.facts["buyer"]["legal_id"]
    return not _siret(legal) and {"value": legal or ""}


def seller_unknown(case):
    """Told of a well-formed identifier only: one fault, one message."""
    return case.seller is None and not seller_not_siret(case)


def buyer_unknown(case):
    return (case.buyer is None or not case.buyer["public"]) and not buyer_not_siret(case)


def process_unknown(case):
    process = case.facts["process"]
    return process is not None and re.fullmatch(r"A([1-9]|1\d|2[0-5])", process) is None


def number_charset(case):
    number = case.facts["number"]
    return bool(number) and re.fullmatch(r"[A-Za-z0-9 +_/-]+", number) is None


def no_payment_code(case):
    means = case.facts["payment_means"]
    return not means or any(mean["code"] is None for mean in means)


PAYMENT_CODES = ("01", "1", "10", "20", "30", "31", "42", "48", "49", "58", "59", "97")
_TRANSFER_CODES = ("30", "31", "42", "58")


def payment_code_refused(case):
    return [
        {"value": mean["code"]}
        for mean in case.facts["payment_means"]
        if mean["code"] and mean["code"] not in PAYMENT_CODES
    ]


def _transfers(case):
    """The transfers that move money: not on a credit note, nor when nothing is left to pay."""
    payable = _number(case.facts["totals"]["payable"])
    if case.facts["type_code"] == "381" or payable == 0:
        return []
    return [mean for mean in case.facts["payment_means"] if mean["code"] in _TRANSFER_CODES]


def iban_missing(case):
    return any(not mean["iban"] for mean in _transfers(case))


def iban_wrong(case):
    return any(mean["iban"] and not _good_iban(mean["iban"]) for mean in case.facts["payment_means"])


def _good_iban(iban):
    if re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}", iban) is None:
        return False
    return int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97 == 1


def iban_unknown(case):
    known = {bank["iban"] for bank in case.seller["banks"]} if case.seller else set()
    return bool(known) and any(
        mean["iban"] and mean["iban"] not in known for mean in case.facts["payment_means"]
    )


def service_missing(case):
    return (
        bool(case.buyer)
        and case.buyer["needs_service"]
        and not case.buyer["needs_either"]
        and not case.facts["service"]
    )


def engagement_missing(case):
    if not case.buyer or case.facts["engagement"]:
        return False
    by_structure = case.buyer["needs_engagement"] and not case.buyer["needs_either"]
    return by_structure or bool(case.service and case.service["needs_engagement"])


def both_missing(case):
    return (
        bool(case.buyer)
        and case.buyer["needs_either"]
        and not case.facts["service"]
        and not case.facts["engagement"]
    )


def service_unknown(case):
    known = bool(case.buyer) and bool(case.facts["service"]) and case.service is None
    return known and {"value": case.facts["service"]}


def service_inactive(case):
    return bool(case.service) and not case.service["active"] and {"value": case.service["code"]}


def service_forbidden(case):
    return bool(case.service) and FORBIDDEN_SERVICE in (case.service["code"], case.service["name"])


def _engagement(case):
    return next((item for item in case.engagements if item["number"] == case.facts["engagement"]), None)


def engagement_closed(case):
    if not (case.buyer and case.buyer["state"] and case.facts["engagement"]):
        return False
    found = _engagement(case)
    return found is not None and found["state"] != "COMMANDE" and {"value": found["number"]}


def engagement_unknown(case):
    return bool(case.buyer and case.buyer["state"] and case.facts["engagement"]) and _engagement(case) is None


def document_without_binary(case):
    return any(not document["binary"] for document in case.facts["documents"])


def gross_price_alone(case):
    return any(line["gross_price_group"] and line["price_discount"] is None for line in case.facts["lines"])


def type_refused(case):
    return case.facts["type_code"] not in ("380", "381", "384", "386", "389") and {
        "value": case.facts["type_code"]
    }


def future(case):
    issued = case.facts["issue_date"]
    return bool(issued) and issued > case.day.isoformat()


def mixed_currencies(case):
    used = {case.facts["currency"], *case.facts["currencies"]}
    if case.facts["tax_currency"]:
        used.add(case.facts["tax_currency"])
    return len(used) > 1


def _amounts(case):
    yield from (value for value in case.facts["totals"].values() if value)
    yield from (value for vat in case.facts["vat"] for value in (vat["amount"], vat["base"]) if value)
    yield from (line["amount"] for line in case.facts["lines"] if line["amount"])


def amount_too_precise(case):
    return any(
        (number := _number(text)) is not None
        and (number.normalize().as_tuple().exponent < -2 or len(number.as_tuple().digits) > 19)
        for text in _amounts(case)
    )


def quantity_too_long(case):
    return any(
        line["quantity"] and len(re.sub(r"\D", "", line["quantity"])) > 10 for line in case.facts["lines"]
    )


def item_id_too_long(case):
    return any(line["standard_id"] and len(line["standard_id"]) > 40 for line in case.facts["lines"])


def _sum(values):
    return sum((_number(value) or Decimal(0) for value in values), Decimal(0))


def bad_arithmetic(case):
    totals = {name: _number(text) or Decimal(0) for name, text in case.facts["totals"].items()}
    checks = {
        "BR-CO-10": totals["lines"] == _sum(line["amount"] for line in case.facts["lines"]),
        "BR-CO-13": totals["net"] == totals["lines"] - totals["allowances"] + totals["charges"],
        "BR-CO-14": totals["vat"] == _sum(vat["amount"] for vat in case.facts["vat"]),
        "BR-CO-15": totals["gross"] == totals["net"] + totals["vat"],
        "BR-CO-16": totals["payable"] == totals["gross"] - totals["prepaid"] + totals["rounding"],
    }
    return [{"value": name} for name, holds in checks.items() if not holds]


def negative_total(case):
    return (_number(case.facts["totals"]["gross"]) or 0) < 0


def credit_without_original(case):
    return case.facts["type_code"] == "381" and not case.facts["preceding"]


def not_pdfa3(case):
    declared = case.facts["declared"]
    return declared is not None and declared.get("part") != "3"


_LEVELS = {"EN 16931": "urn:cen.eu:en16931:2017"}


def level_differs(case):
    """The XMP's conformance level against BT-24; only the level with one known identifier is compared."""
    level = (case.facts["declared"] or {}).get("level")
    return level in _LEVELS and _LEVELS[level] != case.facts["guideline"]


ATTACHMENT_EXTENSIONS = frozenset(
    (
        "BMP",
        "GIF",
        "FAX",
        "ODT",
        "PPT",
        "TIFF",
        "XLS",
        "BZ2",
        "GZ",
        "JPEG",
        "P7S",
        "RTF",
        "TXT",
        "XML",
        "CSV",
        "GZIP",
        "JPG",
        "PDF",
        "SVG",
        "XHTML",
        "XLSX",
        "DOC",
        "HTM",
        "ODP",
        "PNG",
        "TGZ",
        "XLC",
        "ZIP",
        "DOCX",
        "HTML",
        "ODS",
        "PPS",
        "TIF",
        "XLM",
        "PPTX",
    )
)
MAX_ATTACHMENT = 10 * 1024 * 1024
MAX_ATTACHMENT_NAME = 50


def attachment_problem(name, size):
    """The limits AIFE publishes for attachments; None when all is well."""
    if len(name) > MAX_ATTACHMENT_NAME:
        return "nom de plus de 50 caracteres"
    if name.rpartition(".")[2].upper() not in ATTACHMENT_EXTENSIONS:
        return "extension non admise"
    if not 0 < size <= MAX_ATTACHMENT:
        return "taille nulle ou superieure a 10 Mo"
    return None


def bad_attachments(case):
    return [
        {"value": f"{name} : {problem}"}
        for name, size in case.facts["attachments"]
        if (problem := attachment_problem(name, size))
    ]


def account_not_attached(case):
    attached = case.account_structures
    return attached is not None and seller_identifier(case.facts) not in attached
