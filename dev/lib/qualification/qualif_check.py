"""The check of the qualification space: asks, deposits one invoice, follows it, and notes what deviates."""

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import monotonic, sleep

import chorus_api
import einvoice
from einvoice.codes import SCHEME_REGISTER, SCHEME_SIRET

from ..samples import invoices as make
from .qualif_reference import deviations

# Recipients that everybody's test data set has, with what each requires: (service, engagement).
DATA_SET = {
    "12345678200051": (False, False),
    "12345678200036": (False, True),
    "12345678200028": (True, False),
    "12345678200044": (True, True),
    "11000201100044": (True, False),
}
FREE_RECIPIENT = "12345678200051"
# Under which the SIRET of BT-30 and BT-47 is sent: by us, and by other senders. Each is tried once.
SCHEMES = (SCHEME_REGISTER, SCHEME_SIRET)
_TOKEN_SECONDS = 3600  # seen live
_FIRST_PAUSE, _LONGEST_PAUSE = 5, 60


@dataclass
class Record:
    """What was seen, without secrets: ``deviations`` are (where, what), ``times`` (what, seconds)."""

    facts: dict = field(default_factory=dict)
    deviations: list = field(default_factory=list)
    times: list = field(default_factory=list)

    def deviates(self, where, what):
        if (where, what) not in self.deviations:
            self.deviations.append((where, what))


class RecordingClient(chorus_api.ChorusClient):
    """A client whose raw answers are held against the reference."""

    record: Record

    def call(self, route, payload=None):
        answer = super().call(route, payload)
        for what in deviations(route.path, answer):
            self.record.deviates(route.path, what)
        return answer


class Check:
    """One run. ``keys`` holds client_id, client_secret, login and password.

    ``render`` makes a page (PDF bytes) of an invoice; ``wait`` waits so many seconds; ``patience`` bounds the
    seconds that the deposit is followed; ``say`` gets each line of progress.
    """

    def __init__(
        self,
        endpoints,
        keys,
        *,
        render,
        patience,
        supplier=None,
        recipient=FREE_RECIPIENT,
        wait=None,
        say=print,
    ):
        self.record = Record()
        self._endpoints, self._keys = endpoints, keys
        self._render, self._patience, self._say = render, patience, say
        self._wait = wait or sleep
        self._supplier, self._recipient = supplier, recipient

    def run(self):
        """Do all the steps; returns the :class:`Record`, also when one of them fails."""
        try:
            with self._step("token"):
                token = self._token()
            with RecordingClient(
                self._endpoints,
                self._keys["login"],
                self._keys["password"],
                token,
                renew=lambda _old: self._token(),
            ) as client:
                client.record = self.record
                try:
                    self._walk(client)
                finally:
                    self.record.times += [(call.route, round(call.seconds, 3)) for call in client.calls]
        except chorus_api.ChorusError as error:
            where = error.route or "network"
            status = f", HTTP {error.http_status}" if error.http_status else ""
            remote = f", {error.remote_code} {error.remote_label or ''}".rstrip() if error.remote_code else ""
            self.record.deviates(where, f"the check ended here: {error.code}{status}{remote}")
        return self.record

    def _walk(self, client):
        with self._step("attachments"):
            supplier = self._attachments(client)
        with self._step("directory"):
            for siret in DATA_SET:
                self._structure(client, siret)
            client.bank_accounts(supplier.structure_id)
            client.search_engagements(supplier.structure_id)
        for place, scheme in enumerate(SCHEMES):
            with self._step(f"deposit, SIRET under {scheme}"):
                number, flow_number = self._deposit(client, supplier, scheme, place)
            with self._step(f"follow, SIRET under {scheme}"):
                self._follow(client, number, flow_number, scheme)

    @contextmanager
    def _step(self, name):
        self._say(f"{name} ...")
        start = monotonic()
        yield
        self.record.facts[f"{name}_seconds"] = round(monotonic() - start, 3)

    # ------------------------------------------------------------ steps

    def _token(self):
        asked = datetime.now(UTC)
        token = chorus_api.fetch_token(self._endpoints, self._keys["client_id"], self._keys["client_secret"])
        seconds = round((token.expires_at - asked).total_seconds())
        self.record.facts["token_lifetime"] = seconds
        self.record.facts["token_length"] = len(token.value)
        if abs(seconds - _TOKEN_SECONDS) > 5:
            self.record.deviates("oauth", f"a token lives {seconds} s, {_TOKEN_SECONDS} in the reference")
        return token.value

    def _attachments(self, client):
        attached = list(client.my_structures())
        self.record.facts["attached_structures"] = len(attached)
        wanted = [item for item in attached if self._supplier in (None, item.identifier)]
        if not wanted:
            raise chorus_api.NothingFound("supplier_not_attached", route="utilisateurs/v1")
        return wanted[0]

    def _structure(self, client, siret):
        page = client.search_structures(siret)
        summary = next((item for item in page.items if item.identifier == siret and item.id), None)
        if summary is None:
            self.record.deviates("data set", f"no structure {siret}")
            return
        detail = client.structure(summary.id)
        duties = (detail.needs_service, detail.needs_engagement)
        if duties != DATA_SET[siret]:
            self.record.deviates("data set", f"{siret} requires (service, engagement) {duties}")
        services = list(client.services(summary.id))
        if services:
            client.service(summary.id, services[0].id)
        self.record.facts.setdefault("services", {})[siret] = len(services)

    def _deposit(self, client, supplier, scheme, place):
        now = datetime.now(UTC)
        number = f"QC{now:%y%m%d%H%M%S}{place or ''}"
        siren = supplier.identifier[:9]
        vat_number = f"FR{(12 + 3 * (int(siren) % 97)) % 97:02}{siren}"
        invoice = make.invoice(
            [make.line("Essai de raccordement", "1", "10.00")],
            number,
            issue_date=now.date(),
            delivery_date=now.date(),
            due_date=None,
            seller=replace(make.SELLER, siret=supplier.identifier, vat_number=vat_number),
            buyer=replace(make.BUYER, siret=self._recipient),
        )
        for finding in einvoice.blocking(einvoice.check(invoice, today=now.date())):
            self.record.deviates("our own checks", finding.code)
        xml = _under_scheme(einvoice.build_xml(invoice), scheme)
        content = einvoice.build_pdf(self._render(invoice), xml, invoice, now=now)
        receipt = client.deposit_flow(content, f"{number}.pdf")
        self.record.facts.setdefault("number", number)
        self.record.facts.setdefault("flow_number", receipt.flow_number)
        self.record.facts.setdefault("flows", {})[scheme] = receipt.flow_number
        return number, receipt.flow_number

    def _follow(self, client, number, flow_number, scheme):
        states, waited, pause, report = [], 0, _FIRST_PAUSE, None
        while True:
            try:
                report = client.flow_report(flow_number)
                state = report.state
            except chorus_api.FlowNotFound:
                state = "introuvable"
            if not states or states[-1][0] != state:
                states.append((state, waited))
                self._say(f"  after {waited} s: {state}")
            ended = report and chorus_api.flow_state(report.state).kind != "pending"
            if ended or waited >= self._patience:
                break
            self._wait(pause)
            waited, pause = waited + pause, min(pause * 2, _LONGEST_PAUSE)
        self.record.facts.setdefault("flow_states", states)
        self.record.facts.setdefault("verdicts", {})[scheme] = states[-1][0]
        for state, _at in states:
            if state != "introuvable" and state not in chorus_api.FLOW_STATES:
                self.record.deviates("flow states", f"unknown state {state}")
        if not ended:
            self.record.deviates("flow states", f"no verdict after {waited} s")
        elif chorus_api.flow_state(report.state).kind != "integrated":
            self._tell_rejection(report, scheme)
        else:
            self._invoice(client, number, flow_number)

    def _tell_rejection(self, report, scheme):
        for text in [error.text for error in (*report.invoice_errors, *report.technical_errors)] or ["?"]:
            self.record.deviates("rejection", f"SIRET under {scheme}, {report.state}: {text}")

    def _invoice(self, client, number, flow_number):
        found = list(client.iter_invoices(chorus_api.InvoiceSearch(flow_number=flow_number)))
        if [item.number for item in found] != [number]:
            self.record.deviates("search", f"the flow shows {len(found)} invoices, not the one deposited")
            return
        history = client.invoice_history(found[0].id)
        client.supplier_invoice(found[0].id)
        codes = [event.code for event in history.events]
        self.record.facts["invoice_statuses"] = codes
        for code in {*codes, found[0].status}:
            if code not in chorus_api.INVOICE_STATUSES:
                self.record.deviates("invoice statuses", f"unknown status {code}")


def _under_scheme(xml, scheme):
    """The same data with the SIRETs of BT-30 and BT-47 under another scheme."""
    return xml.replace(f'schemeID="{SCHEME_REGISTER}"'.encode(), f'schemeID="{scheme}"'.encode())
