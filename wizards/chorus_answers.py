"""Answers to what buyers usually ask for, in French: those who read them are French public bodies."""

TEMPLATES = [
    ("proof", "The proof that was missing"),
    ("bank", "Our bank details"),
    ("order", "The order or engagement number"),
]
# Whoever writes, the buyer reads French.
BUYERS_LANGUAGE = "fr_FR"


def answer(move, template):
    """The text of an answer about an invoice; what Odoo does not know is left to be filled in.

    :param move: account.move, whose reader may see it
    :param str template: a key of ``TEMPLATES``
    """
    env = move.with_context(lang=BUYERS_LANGUAGE).env
    number = move.name
    match template:
        case "proof":
            return env._(
                "Please find attached the document that was missing for invoice %(number)s.", number=number
            )
        case "bank":
            account = move.partner_bank_id.sudo()
            return env._(
                "Invoice %(number)s is to be paid to the account %(account)s of %(holder)s. The bank details"
                " are attached.",
                number=number,
                account=account._chorus_account_number() or "…",
                holder=account.acc_holder_name or account.partner_id.name or move.company_id.name,
            )
        case _:
            return env._(
                "Invoice %(number)s answers your order %(order)s.",
                number=number,
                order=move.purchase_order_reference or "…",
            )
