"""The archive of all public recipients.

Its content is not published. The columns are those of the spreadsheet that AIFE offers on its pages; the
elements of the XML are made up from them.
"""

import base64
import io
import zipfile
from xml.sax.saxutils import escape

from ..clock import plain_date
from .call import bad_request

HUGE = 700 * 1024 * 1024  # bytes when unpacked
STRUCTURE_COLUMNS = (
    "TypeIdentifiant",
    "Identifiant",
    "RaisonSociale",
    "EmetteurEdi",
    "RecepteurEdi",
    "GestionStatutMiseEnPaiement",
    "GestionEngagement",
    "GestionService",
    "GestionServiceEngagement",
    "EstMOA",
    "EstMOAUniquement",
    "StructureActive",
    "Adresse",
    "CodePostal",
    "Ville",
)
BARE_COLUMNS = ("TypeIdentifiant", "Identifiant", "RaisonSociale", "StructureActive")
SERVICE_COLUMNS = ("Identifiant", "RaisonSociale", "Code", "Nom", "GestionEGMT", "ServiceActif")


def recipients_file(call):
    """A zip of the public recipients, in the form that the settings ask for."""
    form = call.chorus.settings["recipients_file"]
    if form not in _FORMS:
        raise bad_request(f"recipients_file {form}")
    structures = [item for item in call.chorus.directory.all() if item["public"]]
    day = call.chorus.settings["recipients_file_day"] or plain_date(call.chorus.clock.now())
    content = _FORMS[form](structures, tuple(int(part) for part in day.split("-")))
    return {"fichierResultat": base64.b64encode(content).decode()}


def _archive(members, day):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members:
            member = zipfile.ZipInfo(name, (*day, 3, 0, 0))
            archive.writestr(member, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _structure_row(item, said=lambda flag: "true" if flag else "false"):
    address = item["address"]
    return {
        "TypeIdentifiant": item["type"],
        "Identifiant": item["identifier"],
        "RaisonSociale": item["name"],
        "EmetteurEdi": "false",
        "RecepteurEdi": "false",
        "GestionStatutMiseEnPaiement": said(item["reports_payment"]),
        "GestionEngagement": said(item["needs_engagement"]),
        "GestionService": said(item["needs_service"]),
        "GestionServiceEngagement": said(item["needs_either"]),
        "EstMOA": said(item["moa"]),
        "EstMOAUniquement": said(item["moa_only"]),
        "StructureActive": said(item["active"]),
        "Adresse": address["line"],
        "CodePostal": address["postcode"],
        "Ville": address["city"],
    }


def _service_rows(item):
    for service in item["services"]:
        yield {
            "Identifiant": item["identifier"],
            "RaisonSociale": item["name"],
            "Code": service["code"],
            "Nom": service["name"],
            "GestionEGMT": "true" if service["needs_engagement"] else "false",
            "ServiceActif": "true" if service["active"] else "false",
        }


def _table(columns, rows):
    lines = [";".join(columns)]
    lines += [";".join(_cell(row[column]) for column in columns) for row in rows]
    return "\r\n".join(lines) + "\r\n"


def _cell(value):
    return '"' + value.replace('"', '""') + '"' if any(sign in value for sign in ';"\n') else value


def _xml(structures, day):
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<Annuaire>", "<Structures>"]
    for item in structures:
        lines.append("<Structure>" + _elements(_structure_row(item)))
        services = "".join(
            "<Service>" + _elements({name: row[name] for name in SERVICE_COLUMNS[2:]}) + "</Service>"
            for row in _service_rows(item)
        )
        lines.append(f"<Services>{services}</Services></Structure>")
    lines += ["</Structures>", "</Annuaire>"]
    return _archive([("annuaire.xml", "\n".join(lines).encode())], day)


def _elements(row):
    return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in row.items())


def _csv(structures, day, encoding="utf-8-sig"):
    services = [row for item in structures for row in _service_rows(item)]
    tables = [
        ("structures.csv", _table(STRUCTURE_COLUMNS, map(_structure_row, structures))),
        ("services.csv", _table(SERVICE_COLUMNS, services)),
    ]
    return _archive([(name, text.encode(encoding, "replace")) for name, text in tables], day)


def _bare(structures, day):
    text = _table(BARE_COLUMNS, map(_structure_row, structures))
    return _archive([("annuaire.csv", text.encode())], day)


def _inverted(structures, day):
    rows = [_structure_row(item, lambda flag: "false" if flag else "true") for item in structures]
    return _archive([("structures.csv", _table(STRUCTURE_COLUMNS, rows).encode())], day)


def _huge(_structures, day):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        member = zipfile.ZipInfo("annuaire.csv", (*day, 3, 0, 0))
        member.compress_type = zipfile.ZIP_DEFLATED
        with archive.open(member, "w", force_zip64=True) as out:
            out.write(_table(STRUCTURE_COLUMNS, ()).encode())
            line = b" " * 65_535 + b"\n"
            for _number in range(HUGE // len(line)):
                out.write(line)
    return buffer.getvalue()


_FORMS = {
    "xml": _xml,
    "csv": _csv,
    "windows": lambda structures, day: _csv(structures, day, "cp1252"),
    "bare": _bare,
    "inverted": _inverted,
    "unknown": lambda _structures, day: _archive([("annuaire.bin", b"\x00\x01" * 500)], day),
    "no_zip": lambda _structures, _day: b"%PDF-1.7 annuaire",
    "damaged": lambda structures, day: _xml(structures, day)[:-40],
    "huge": _huge,
}
