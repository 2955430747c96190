"""What screens and buttons ask of the worker. Each works in transactions of its own, with the code's rights:
the caller has checked who may, and reads afterwards what was written."""

from typing import Any

from .channel import Channel, Record
from .history import Copies, History
from .reports import Reports
from .requests import Requests
from .resolver import Resolver
from .sealing import seal_company
from .validations import Validations


def check_deposit(deposit: Record) -> None:
    """Ask Chorus Pro now what became of a deposit; it changes nothing there."""
    deposit = deposit.sudo()
    if deposit.state == "unconfirmed":
        Resolver(Channel.of(deposit)).resolve(deposit.id)
    elif deposit.state == "sent":
        Reports(Channel.of(deposit)).follow(deposit.id)


def fetch_history(line: Record) -> None:
    """Fetch the whole history of one invoice from Chorus Pro.

    :raises UserError: when Chorus Pro could not be asked
    """
    History(Channel.of(line.sudo())).read_whole(line.id)


def ask(line: Record, kind: str, values: dict[str, Any], files: Any = (), *, now: bool = True) -> Any:
    """Ask Chorus Pro to do something with an invoice that it holds; see :meth:`.requests.Requests.ask`.

    :param line: ``chorus.deposit.line``
    :return: ``chorus.request``, in the caller's environment
    """
    request_id = Requests(Channel.of(line)).ask(line.id, kind, values, files, now=now)
    return line.env["chorus.request"].browse(request_id)


def check_request(request: Any) -> None:
    """Ask Chorus Pro what became of a request whose answer was lost; it changes nothing there."""
    Requests(Channel.of(request.sudo())).look_at(request.id)


def fetch_copies(lines: Record) -> Any:
    """Fetch Chorus Pro's own copies of invoices; it changes nothing there.

    :param lines: ``chorus.deposit.line`` of one company and environment
    :return: dict: Chorus Pro's identifier → bytes, or a sentence why it did not come
    """
    lines = lines.sudo().filtered(lambda line: line._id_there())
    if not lines:
        return {}
    return Copies(Channel.of(lines[0])).fetch_copies([line._id_there() for line in lines])


def seal(company: Record) -> None:
    """Seal now what Chorus Pro has judged of a company's deposits."""
    seal_company(company.env, company.id)


def answer_validation(validation: Record, accept: Any, reason: str) -> None:
    """Tell Chorus Pro whether a company accepts an invoice of its subcontractor.

    :param validation: ``chorus.validation``
    :raises UserError: when it waits for no answer any more, or somebody is answering now
    """
    Validations(Channel.of(validation)).answer(validation.id, accept, reason)


def fetch_file(validation: Record) -> Any:
    """Fetch the invoice that waits for validation.

    :return: its bytes, or a sentence why it did not come
    """
    invoice_id = int(validation.chorus_invoice_id)
    return Copies(Channel.of(validation)).fetch_copies([invoice_id])[invoice_id]
