"""Building the web page: every value is escaped, markup is only what this module writes."""

from html import escape

_STYLE = """
body { font: 15px/1.4 system-ui, sans-serif; margin: 0 auto; max-width: 1180px; padding: 0 1em 3em;
color: #222 }
header { border-bottom: 3px solid #000091; margin-bottom: 1em; padding: .5em 0 }
h1 { color: #000091; font-size: 1.3em; margin: .3em 0 } h2 { font-size: 1.05em; margin: 1.5em 0 .4em }
table { border-collapse: collapse; width: 100% } th, td { border-bottom: 1px solid #ddd; padding: .3em .5em;
text-align: left; vertical-align: top } th { color: #666; font-weight: 600 }
.state { border-radius: .6em; padding: 0 .5em; white-space: nowrap; background: #eee }
.good { background: #b8fec9 } .bad { background: #ffe9e9 } .act { background: #feebd0 }
.error { color: #ce0500; overflow-wrap: anywhere } .when { white-space: nowrap }
.quiet { color: #5f5f5f; font-size: .9em } form { display: inline }
input, select, button { font: inherit; padding: 0 .3em; margin: 1px }
"""


class Markup(str):
    """Text that is already HTML."""


def html(template, /, **values):
    """The template with every value escaped, unless it is :class:`Markup`; lists are joined."""
    return Markup(template.format(**{name: _safe(value) for name, value in values.items()}))


def _safe(value):
    if isinstance(value, Markup):
        return value
    if isinstance(value, list | tuple):
        return "".join(_safe(item) for item in value)
    return escape("" if value is None else str(value))


def table(headings, rows):
    """``rows`` is a list of lists of cells."""
    if not rows:
        return html("<p class=quiet>None.</p>")
    return html(
        "<table><tr>{head}</tr>{rows}</table>",
        head=[html("<th>{text}</th>", text=text) for text in headings],
        rows=[
            html("<tr>{cells}</tr>", cells=[html("<td>{cell}</td>", cell=cell) for cell in row])
            for row in rows
        ],
    )


def button(action, label, /, **fields):
    """A form that posts hidden fields with one button."""
    return html(
        "<form method=post action='{action}'>{fields}<button>{label}</button></form> ",
        action=action,
        label=label,
        fields=[
            html("<input type=hidden name='{name}' value='{value}'>", name=name, value=value)
            for name, value in fields.items()
        ],
    )


def choice(name, options):
    """A select; ``options`` is {value: label}."""
    return html(
        "<select name='{name}' aria-label='{name}'>{options}</select>",
        name=name,
        options=[
            html("<option value='{value}'>{label}</option>", value=value, label=label)
            for value, label in options.items()
        ],
    )


_KINDS = {
    "good": ("IN_INTEGRE", "MISE_EN_PAIEMENT", "MANDATEE", "COMPTABILISEE", "SERVICE_FAIT", "integrated"),
    "bad": ("IN_REJETE", "IN_INCIDENTE", "QP_IRRECEVABLE", "REJETEE", "rejected", "incident"),
    "act": ("SUSPENDUE", "A_RECYCLER", "IN_INTEGRE_PARTIEL", "A_VALIDER_1", "REFUSEE_1"),
}


def state(code, label=None):
    kind = next((kind for kind, codes in _KINDS.items() if code in codes), "")
    return html(
        "<span class='state {kind}' title='{code}'>{label}</span>",
        kind=kind,
        code=code,
        label=label or code or "introuvable",
    )


def when(text):
    """An ISO timestamp as date and time, on one line."""
    return html("<span class=when>{text}</span>", text=text[:19].replace("T", " "))


def page(title, *parts):
    return html(
        "<!DOCTYPE html><html lang=en><head><meta charset=utf-8><link rel=icon href='data:,'>"
        "<title>{title}</title><style>{style}</style></head><body><main>{parts}</main></body></html>",
        title=title,
        style=Markup(_STYLE),
        parts=list(parts),
    ).encode()
