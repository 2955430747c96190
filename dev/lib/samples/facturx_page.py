"""A readable page for a semantic invoice: HTML that wkhtmltopdf prints."""

from html import escape

_STYLE = """
body { font-family: "DejaVu Sans", sans-serif; font-size: 11px; color: #222; }
h1 { color: #1f3a6e; font-size: 20px; } h2 { font-size: 13px; margin: 14px 0 4px; }
table { width: 100%; border-collapse: collapse; } td, th { padding: 3px 4px; text-align: left; }
th { background: rgba(31, 58, 110, 0.15); } .n { text-align: right; } .parties td { width: 50%; }
tr { page-break-inside: avoid; } .paid { opacity: 0.4; font-size: 30px; }
"""
# A disc that fades out: a logo with an alpha channel.
_LOGO = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAABgAAAAYCAYAAADgdz34AAABZUlEQVR42rWW7WrCQBBFj9ZYLSqCgtIW+h59qD61lAgG"
    "JIamNVX7ZwbGZb+krXBByc49u5vdO/ZeXt/4z88gY8xENAYKoA+cgQ5ogUZ0M2AGLIC5AQyBHnABjgawByqgzgWsgRWw"
    "dAChFexlQlugTAGegccbATPgAbgXz00IsBbzJwHoFk0jgINjDvCtKxk4e75ylAPwmX8BH0BtAQvZkqV8X2RuUdDcAiZi"
    "FFIIEDOfA5OBc9ZVU5H9PZJjqoBjwPzKSweMExp57sGdY+6tVUAhxUVAQ/NcVwBwStQUCujLzPoR2efkjlfAWZZ9juhi"
    "Zp49XgGdvLQuoKPZc5tFqZpOAW1E9iienFP0mahttbBxFLr+sbg+iK68LGBvUjF0/WNp6lNjo6JKmMfCTvtBBexElRt2"
    "teR56PrnALZGtS+uy8j1TzWcnRi/26bjazgbT3DdAihzWmbppuJf92R9J/Vv/1X8AN6t4nQWnzCLAAAAAElFTkSuQmCC"
)
_TYPES = {
    "380": "Facture",
    "381": "Avoir",
    "384": "Facture rectificative",
    "386": "Facture d'acompte",
    "389": "Autofacture",
}


def html(invoice):
    """Return the page of an invoice, with its number, SIRETs, codes, lines, VAT and totals."""
    parts = [
        f"<h1>{_TYPES[invoice.type_code]} {_text(invoice.number)}</h1>",
        f'<p><img src="{_LOGO}" width="40"/> Date : {invoice.issue_date:%d/%m/%Y}'
        f" — cadre de facturation {_text(invoice.process)}</p>",
        f'<table class="parties"><tr><td>{_party(invoice.seller)}</td>',
        f"<td>{_party(invoice.buyer)}</td></tr></table>",
        _facts(invoice),
        _lines(invoice),
        _vat(invoice),
        _totals(invoice.totals),
        *(f"<p>{_text(note.text)}</p>" for note in invoice.notes),
        '<p>Conditions : <a href="https://example.org/conditions">example.org</a></p>',
    ]
    if invoice.process == "A2":
        parts.append('<p class="paid">ACQUITTÉE</p>')
    body = "\n".join(parts)
    head = f'<head><meta charset="utf-8"><style>{_STYLE}</style></head>'
    return f"<!DOCTYPE html><html>{head}<body>{body}</body></html>"


def shown(invoice):
    """Return the texts that the page of an invoice must show, as they stand in the XML."""
    texts = [invoice.number, invoice.seller.siret, invoice.buyer.siret]
    texts += [invoice.buyer_reference, invoice.order_reference, invoice.contract_reference]
    totals = invoice.totals
    texts += [_amount(value) for value in (totals.tax_basis, totals.tax, totals.grand, totals.payable)]
    return [text for text in texts if text]


def _party(party):
    address = party.address
    place = f"{address.postcode} {address.city} ({address.country})"
    rows = [f"<b>{_text(party.name)}</b>", address.line_one, place]
    rows = rows[:1] + [_text(row) for row in rows[1:]] + [f"SIRET {party.siret}"]
    if party.vat_number:
        rows.append(f"TVA {_text(party.vat_number)}")
    return "<br/>".join(rows)


def _facts(invoice):
    rows = (
        ("Code service", invoice.buyer_reference),
        ("Engagement", invoice.order_reference),
        ("Marché", invoice.contract_reference),
        ("Échéance", f"{invoice.due_date:%d/%m/%Y}" if invoice.due_date else None),
        ("Conditions", invoice.payment_terms),
        ("Facture d'origine", ", ".join(item.number for item in invoice.preceding)),
        ("Bénéficiaire", invoice.payee.name if invoice.payee else None),
        ("Compte", ", ".join(account.number for account in invoice.payment.accounts)),
    )
    return "".join(f"<div>{name} : {_text(value)}</div>" for name, value in rows if value)


def _lines(invoice):
    rows = "".join(
        f"<tr><td>{_text(item.name)}<br/><small>{_text(item.description or '')}</small></td>"
        f'<td class="n">{item.quantity} {item.unit}</td><td class="n">{item.net_price}</td>'
        f"<td>{item.vat.category} {item.vat.rate or ''}</td>"
        f'<td class="n">{_amount(item.net_amount)}</td></tr>'
        for item in invoice.lines
    )
    head = "<tr><th>Désignation</th><th>Quantité</th><th>Prix</th><th>TVA</th><th>Montant HT</th></tr>"
    return f"<h2>Détail</h2><table>{head}{rows}</table>"


def _vat(invoice):
    rows = "".join(
        f"<tr><td>TVA {group.vat.category} {group.vat.rate or ''} {_text(group.vat.reason or '')}</td>"
        f'<td class="n">{_amount(group.base)}</td><td class="n">{_amount(group.amount)}</td></tr>'
        for group in invoice.breakdown
    )
    return f"<h2>TVA</h2><table>{rows}</table>"


def _totals(totals):
    rows = (
        ("Total HT", totals.tax_basis),
        ("TVA", totals.tax),
        ("Total TTC", totals.grand),
        ("Déjà réglé", totals.prepaid),
        ("Arrondi", totals.rounding),
        ("Net à payer", totals.payable),
    )
    body = "".join(f'<tr><td>{name}</td><td class="n">{_amount(value)}</td></tr>' for name, value in rows)
    return f"<h2>Totaux (EUR)</h2><table>{body}</table>"


def _amount(value):
    return f"{value:.2f}"


def _text(value):
    return escape(str(value))
