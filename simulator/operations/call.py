"""What an operation is given, and how it refuses."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..clock import parse_instant


class Refusal(Exception):
    """A functional refusal: codeRetour and libelle (numbers are per service)."""

    def __init__(self, code, label, http_status=None):
        super().__init__(code, label)
        self.code, self.label, self.http_status = code, label, http_status


def nothing_found():
    return Refusal(20000, "TRA_MSG_00.015")


def bad_request(field):
    """A mandatory value is missing or empty. The real code and text are not known."""
    return Refusal(20000, f"SIMULATEUR - {field} est obligatoire ou mal forme", 400)


@dataclass
class Call:
    chorus: Any
    request: Any
    body: dict
    client: str
    account: str
    untold: Callable = lambda: None  # takes back what the call noted as told to the client

    def fault(self, kind):
        return self.request.fault(kind)

    def integer(self, name, where=None):
        value = (self.body if where is None else where or {}).get(name)
        return None if value in (None, "") else int(value)

    def required_integer(self, name):
        value = self.integer(name)
        if value is None:
            raise bad_request(name)
        return value

    def required_text(self, name):
        value = self.body.get(name)
        if not isinstance(value, str) or not value:
            raise bad_request(name)
        return value

    def instant(self, name, *, end_of_day=False):
        text = self.body.get(name)
        return parse_instant(text, end_of_day=end_of_day) if text else None

    def page_size(self, asked):
        """Results per page: what was asked, else 10, under the caps in force."""
        size = asked or self.chorus.settings["page_size"]
        caps = [self.chorus.settings["page_cap"]]
        if rule := self.fault("page_cap"):
            caps.append(rule.options.get("n", 10))
        return max(min([size, *(cap for cap in caps if cap)]), 1)


@dataclass(frozen=True)
class Page:
    number: int
    size: int
    total: int

    @property
    def pages(self):
        return -(-self.total // self.size)

    @property
    def offset(self):
        return (self.number - 1) * self.size

    def cut(self, items):
        return items[self.offset : self.offset + self.size]

    def as_answer(self):
        return {
            "pageCourante": self.number,
            "pages": self.pages,
            "nbResultatsParPage": self.size,
            "total": self.total,
        }


def page(call, asked, total, names=("pageResultatDemandee", "nbResultatsParPage")):
    """The page a request object asks for; ``asked`` may be None."""
    number, size = (call.integer(name, asked or {}) for name in names)
    return Page(max(number or 1, 1), call.page_size(size), total)


def without_none(fields):
    """Absent terms are left out: the contract's types do not admit null."""
    return {name: value for name, value in fields.items() if value is not None}
