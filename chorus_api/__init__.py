"""Client of PISTE's OAuth server and of the Chorus Pro API, for a supplier. Needs ``requests`` only.

>>> endpoints = OFFICIAL["test"]
>>> token = fetch_token(endpoints, client_id, client_secret)
>>> with ChorusClient(endpoints, login, password, token.value, renew=renew) as client:
...     receipt = client.deposit_flow(pdf, "FAC-2026-0001.pdf", FACTURX)
...     report = client.flow_report(receipt.flow_number)

Every failure is a :class:`ChorusError` that says whether something may have been done; see ``errors``.
"""

from .client import OFFICIAL, ChorusClient, EndpointError, Endpoints, Token, allowed_host, fetch_token
from .errors import (
    AccessDenied,
    BadAnswer,
    ChorusError,
    FlowNotFound,
    InvalidCredentials,
    LimitExceeded,
    NothingFound,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Refused,
    RouteNotFound,
    TokenRejected,
    Unavailable,
)
from .flows import (
    FACTURX,
    LIMITS,
    SYNTAXES,
    DepositReceipt,
    FlowReport,
    InvoiceError,
    TechnicalError,
    pack,
    safe_filename,
    split,
)
from .invoices import InvoiceHistory, InvoiceIdentity, InvoicePage, InvoiceSearch, InvoiceSummary, StatusEvent
from .operations import CallRecord
from .readers import plain_registration
from .recipients import ListedService, ListedStructure, RecipientsList, RecipientsUnreadable, read_recipients
from .rejections import Explained, explain
from .statuses import FLOW_STATES, INVOICE_STATUSES, flow_state, invoice_status
from .transport import Settings

__all__ = [
    "FACTURX",
    "FLOW_STATES",
    "INVOICE_STATUSES",
    "LIMITS",
    "OFFICIAL",
    "SYNTAXES",
    "AccessDenied",
    "BadAnswer",
    "CallRecord",
    "ChorusClient",
    "ChorusError",
    "DepositReceipt",
    "EndpointError",
    "Endpoints",
    "Explained",
    "FlowNotFound",
    "FlowReport",
    "InvalidCredentials",
    "InvoiceError",
    "InvoiceHistory",
    "InvoiceIdentity",
    "InvoicePage",
    "InvoiceSearch",
    "InvoiceSummary",
    "LimitExceeded",
    "ListedService",
    "ListedStructure",
    "NotSent",
    "NothingFound",
    "OutcomeUnknown",
    "RateLimited",
    "RecipientsList",
    "RecipientsUnreadable",
    "Refused",
    "RouteNotFound",
    "Settings",
    "StatusEvent",
    "TechnicalError",
    "Token",
    "TokenRejected",
    "Unavailable",
    "allowed_host",
    "explain",
    "fetch_token",
    "flow_state",
    "invoice_status",
    "pack",
    "plain_registration",
    "read_recipients",
    "safe_filename",
    "split",
]
