"""The structures Chorus Pro knows: public recipients with their duties and services, and suppliers.

A record holds, beside the columns ``id``, ``identifier``, ``name``, ``public`` and ``active``:
``type`` (kind of identifier), ``needs_service``, ``needs_engagement``, ``needs_either``,
``reports_payment``, ``moa``, ``moa_only``, ``state``, ``vat``, ``email``, ``address`` {line, postcode,
city}, ``services`` [{id, code, name, active, needs_engagement, ends}] and ``banks`` [{id, name, iban,
bic}]. ``dataset.json`` is the test data set ("matelas") as reported by those who generated one, completed
with invented structures.
"""

import json
from pathlib import Path

FORBIDDEN_SERVICE = "FACTURES_PUBLIQUES"  # AIFE: this service must not be targeted

FIRST_STRUCTURE_ID, FIRST_SERVICE_ID, FIRST_BANK_ID = 26300001, 9100001, 570001
_DEFAULTS = {
    "type": "SIRET",
    "needs_service": False,
    "needs_engagement": False,
    "needs_either": False,
    "reports_payment": True,
    "moa": False,
    "moa_only": False,
    "state": False,
    "vat": "",
    "email": "",
    "address": {"line": "1 rue du Simulateur", "postcode": "75000", "city": "PARIS"},
    "services": [],
    "banks": [],
    "created_on": "2016-10-25 17:42",
}
COLUMNS = ("id", "identifier", "name", "public", "active")


class Directory:
    def __init__(self, store):
        self._store = store
        with store.transaction():
            if store.recall("dataset") is None:
                self._load_dataset()

    def _load_dataset(self):
        data = json.loads((Path(__file__).parent / "dataset.json").read_text())
        for record in data["structures"]:
            self.set(record.pop("identifier"), **record)
        self._store.remember("engagements", data["engagements"])
        self._store.remember("dataset", True)

    def get(self, identifier):
        """The record of an identifier (SIRET…), or None."""
        return _record(self._store.one("SELECT * FROM structure WHERE identifier = ?", identifier or ""))

    def by_id(self, structure_id):
        return _record(self._store.one("SELECT * FROM structure WHERE id = ?", structure_id))

    def all(self):
        return [_record(row) for row in self._store.all("SELECT * FROM structure ORDER BY id")]

    def set(self, identifier, **changes):
        """Creates or changes a structure. Services and banks are matched by code and name, so that their
        ids stay; a list replaces the former one. Raises ValueError for an unknown field."""
        unknown = set(changes) - set(_DEFAULTS) - set(COLUMNS)
        if unknown:
            raise ValueError(f"unknown field: {', '.join(sorted(unknown))}")
        record = self.get(identifier) or {
            **_DEFAULTS,
            "id": None,
            "identifier": identifier,
            "name": f"Structure {identifier}",
            "public": True,
            "active": True,
        }
        former = {
            kind: {item[key]: item["id"] for item in record[kind]}
            for kind, key in (("services", "code"), ("banks", "name"))
        }
        record.update(changes, identifier=identifier)
        with self._store.transaction():
            if record["id"] is None:
                record["id"] = self._store.next_number("structure_id", FIRST_STRUCTURE_ID)
            record["services"] = [self._service(item, former["services"]) for item in record["services"]]
            record["banks"] = [self._bank(item, former["banks"]) for item in record["banks"]]
            extra = {name: value for name, value in record.items() if name not in COLUMNS}
            self._store.run(
                "INSERT OR REPLACE INTO structure VALUES (?, ?, ?, ?, ?, ?)",
                record["id"],
                identifier,
                record["name"],
                bool(record["public"]),
                bool(record["active"]),
                json.dumps(extra),
            )
        return record

    def _service(self, service, former):
        number = service.get("id") or former.get(service["code"])
        return {
            "name": service["code"],
            "active": True,
            "needs_engagement": False,
            "reports_payment": True,
            "ends": None,
            **service,
            "id": number or self._store.next_number("service_id", FIRST_SERVICE_ID),
        }

    def _bank(self, bank, former):
        number = bank.get("id") or former.get(bank["name"])
        return {"bic": "", **bank, "id": number or self._store.next_number("bank_id", FIRST_BANK_ID)}

    @property
    def engagements(self):
        return self._store.recall("engagements", [])

    def set_engagements(self, engagements):
        self._store.remember("engagements", engagements)


def service_of(structure, code):
    """The structure's service with that code, or None."""
    return next((item for item in structure["services"] if item["code"] == code), None)


def _record(row):
    if row is None:
        return None
    record = dict(row)
    extra = json.loads(record.pop("record"))
    return {
        **_DEFAULTS,
        **record,
        **extra,
        "public": bool(record["public"]),
        "active": bool(record["active"]),
    }
