"""The web page: what was deposited, the buyer's desk, the clock and the faults."""

import json

from . import flows, invoices
from .clock import timestamp
from .faults import KINDS
from .markup import button, choice, html, page, state, table, when
from .server import Answer

SHOWN = 100  # the newest deposits and invoices; the rest is in the ledger
_BUYER_BUTTONS = {  # label: (status, comment unless another is typed)
    "Suspend": ("SUSPENDUE", "Pièce justificative manquante"),
    "Recycle": ("A_RECYCLER", "Service destinataire erroné"),
    "Reject": ("REJETEE", "Facture non conforme à la commande"),
    "Pay": ("MISE_EN_PAIEMENT", ""),
}
_DEPOSIT_HEADINGS = ("Flow", "Received", "File", "Size", "State", "Errors")
_STEPS = {"+1 min": 60, "+1 hour": 3600, "+1 day": 86400, "+30 days": 30 * 86400}


class Web:
    """GET shows, POST acts and redirects to where it came from."""

    def __init__(self, chorus):
        self.chorus = chorus

    def __call__(self, request):
        parts = [part for part in request.path.split("/") if part]
        if request.method == "POST":
            return self._act(request, parts)
        if request.method != "GET":
            return Answer(405)
        with self.chorus.store.transaction():
            flows.settle(self.chorus)
            body = self._show(parts)
        if body is None:
            return Answer(404, page("Not found", html("<p>Nothing here. <a href='/'>Home</a></p>")), _HTML)
        return Answer(200, body, _HTML)

    def _show(self, parts):
        if not parts:
            return page(
                "Chorus Pro simulator",
                self._header(),
                self._invoices(),
                self._deposits(),
                self._faults(),
                _LINKS,
            )
        if len(parts) == 2 and parts[0] == "invoice" and parts[1].isdigit():
            return self._invoice(int(parts[1]))
        if len(parts) == 2 and parts[0] == "deposit":
            return self._deposit(parts[1])
        return None

    # Acting

    def _act(self, request, parts):
        form = request.form()
        try:
            if parts == ["clock"]:
                self.chorus.clock.advance(float(form["advance"]))
            elif parts == ["faults"]:
                self.chorus.faults.add(
                    {
                        "route": form["route"],
                        "kind": form["kind"],
                        "count": int(form["count"]) if form.get("count") else None,
                    }
                )
            elif parts == ["faults", "clear"]:
                self.chorus.faults.clear()
            elif len(parts) == 2 and parts[0] == "invoice":
                self._move(int(parts[1]), form)
            else:
                return Answer(404)
        except (KeyError, ValueError) as error:
            return Answer(400, page("Refused", html("<p class=error>{error}</p>", error=error)), _HTML)
        target = f"/invoice/{parts[1]}" if form.get("stay") else "/"
        return Answer(303, b"", {"Location": target})

    def _move(self, invoice_id, form):
        with self.chorus.store.transaction():
            flows.settle(self.chorus)
            if invoices.get(self.chorus, invoice_id) is None:
                raise ValueError("unknown invoice")
            status, label = form["status"], form.get("label")
            comment = form.get("comment") or (_BUYER_BUTTONS[label][1] if label in _BUYER_BUTTONS else "")
            invoices.move(self.chorus, invoice_id, status, comment or None, who="DESTINATAIRE")

    # Showing

    def _header(self):
        clock = self.chorus.clock
        return html(
            "<header><h1>Chorus Pro simulator</h1><p>{now} ({mode} clock) {steps}</p>"
            "<p class=quiet>Nothing here is real: no invoice leaves this machine.</p></header>",
            now=when(timestamp(clock.now())),
            mode=clock.mode,
            steps=[button("/clock", label, advance=seconds) for label, seconds in _STEPS.items()],
        )

    def _invoices(self):
        rows = self.chorus.store.all(f"SELECT * FROM invoice ORDER BY id DESC LIMIT {SHOWN}")
        return html(
            "<h2>Invoices: play the buyer</h2>{table}",
            table=table(
                ("Number", "Supplier", "Recipient", "Total", "Status", "Since", "Comment", "Buyer"),
                [
                    [
                        html("<a href='/invoice/{id}'>{number}</a>", id=row["id"], number=row["number"]),
                        self._name(row["seller"]),
                        self._name(row["buyer"]),
                        f"{row['gross']:.2f} {row['currency']}",
                        _status(row["status"]),
                        when(timestamp(row["status_at"])),
                        row["comment"],
                        [
                            button(f"/invoice/{row['id']}", label, status=status, label=label)
                            for label, (status, _) in _BUYER_BUTTONS.items()
                        ],
                    ]
                    for row in rows
                ],
            ),
        )

    def _name(self, identifier):
        structure = self.chorus.directory.get(identifier)
        name = structure["name"] if structure else identifier
        return name if identifier in name else f"{name} ({identifier})"

    def _deposits(self):
        rows = self.chorus.store.all(f"SELECT * FROM deposit ORDER BY taken_seq DESC LIMIT {SHOWN}")
        return html(
            "<h2>Deposits</h2>{table}",
            table=table(_DEPOSIT_HEADINGS, [self._deposit_cells(row) for row in rows]),
        )

    def _deposit_cells(self, row):
        found = flows.state_of(self.chorus, row)
        refused, technical = flows.errors_of(self.chorus, row)
        errors = [f"{item['numeroDP']} : {item['libelleErreurDP']}" for item in refused]
        errors += [item["libelleErreur"] for item in technical]
        return [
            html("<a href='/deposit/{flow}'>{flow}</a>", flow=row["flow_number"]),
            when(timestamp(row["received_at"])),
            row["filename"],
            f"{row['size']:,}",
            state(found and found[0]),
            _errors(errors),
        ]

    def _faults(self):
        rules = self.chorus.faults.list()
        kinds = {name: f"{name}: {kind.meaning}" for name, kind in KINDS.items()}
        return html(
            "<h2>Faults</h2>{table}<p><form method=post action='/faults'>Route "
            "<input name=route value='*' size=34 aria-label=route> {kinds}"
            " times <input name=count value=1 size=3 aria-label=count>"
            "<button>Order</button></form> {clear}</p>",
            table=table(
                ("Route", "Kind", "Left", "Hits"),
                [
                    [
                        rule["route"],
                        rule["kind"],
                        "always" if rule["count"] is None else rule["count"],
                        rule["hits"],
                    ]
                    for rule in rules
                ],
            ),
            kinds=choice("kind", kinds),
            clear=button("/faults/clear", "Clear all"),
        )

    def _invoice(self, invoice_id):
        row = invoices.get(self.chorus, invoice_id)
        if row is None:
            return None
        events = self.chorus.store.all("SELECT * FROM event WHERE invoice_id = ? ORDER BY id", invoice_id)
        pieces = self.chorus.store.all(
            "SELECT name, designation, kind FROM attachment WHERE invoice_id = ? ORDER BY id", invoice_id
        )
        facts = json.loads(row["facts"])
        details = (
            ("Supplier", self._name(row["seller"])),
            ("Recipient", self._name(row["buyer"])),
            ("Service", row["service_code"]),
            ("Engagement", row["purchase_order"]),
            ("Market", row["contract"]),
            ("Cadre", row["cadre"]),
            ("Kind", row["kind"]),
            ("Date", row["issue_date"]),
            ("Net", f"{row['net']:.2f}"),
            ("Total", f"{row['gross']:.2f}"),
            ("To pay", f"{row['payable']:.2f}"),
            ("Flow", row["flow_number"]),
            ("Lines", len(facts.get("lines", []))),
            ("Status", _status(row["status"])),
        )
        return page(
            f"Invoice {row['number']}",
            html("<header><h1>Invoice {number}</h1><a href='/'>Back</a></header>", number=row["number"]),
            table(("", ""), [list(detail) for detail in details]),
            html(
                "<h2>As the buyer</h2><form method=post action='/invoice/{id}'>{statuses} comment "
                "<input name=comment size=50 aria-label=comment><input type=hidden name=stay value=1>"
                "<button>Set</button></form>",
                id=invoice_id,
                statuses=choice("status", invoices.LABELS),
            ),
            html("<h2>Complementary files</h2>"),
            table(
                ("Name", "Designation", "Kind"),
                [[piece["name"], piece["designation"], piece["kind"]] for piece in pieces],
            ),
            html("<h2>History</h2>"),
            table(
                ("When", "Status", "Comment", "Who"),
                [
                    [when(timestamp(event["at"])), _status(event["code"]), event["comment"], event["who"]]
                    for event in events
                ],
            ),
        )

    def _deposit(self, flow_number):
        row = self.chorus.store.one("SELECT * FROM deposit WHERE flow_number = ?", flow_number)
        if row is None:
            return None
        flows.read(self.chorus, row)
        files = self.chorus.store.all("SELECT * FROM file WHERE flow_number = ? ORDER BY id", flow_number)
        return page(
            f"Flow {flow_number}",
            html(
                "<header><h1>Flow {flow}</h1><a href='/'>Back</a> · "
                "<a href='/control/deposits/{flow}/file'>the file as deposited</a></header>",
                flow=flow_number,
            ),
            table(_DEPOSIT_HEADINGS, [self._deposit_cells(row)]),
            html("<h2>Invoice files</h2>"),
            table(
                ("File", "Number", "Seller", "Buyer", "Total", "Verdict", "Errors"),
                [
                    [
                        file["name"],
                        file["number"],
                        file["seller"],
                        file["buyer"],
                        file["total"],
                        state(file["verdict"], file["verdict"] or "not judged yet"),
                        _errors(json.loads(file["errors"])),
                    ]
                    for file in files
                ],
            ),
        )


def _errors(texts):
    return [html("<div class=error>{text}</div>", text=text) for text in texts]


def _status(code):
    return state(code, invoices.LABELS.get(code, code))


_HTML = {"Content-Type": "text/html;charset=utf-8", "Cache-Control": "no-store"}
_LINKS = html(
    "<h2>More</h2><p><a href='/try'>try a call</a> · <a href='/openapi.json'>contract</a> · "
    "<a href='/control/state'>state</a> · <a href='/control/ledger'>ledger</a> · "
    "<a href='/control/calls'>calls</a> · <a href='/control/settings'>settings</a> · "
    "<a href='/control/rules'>rules</a> · <a href='/control/structures'>structures</a> · "
    "<a href='/control/faults'>faults</a></p>"
)
