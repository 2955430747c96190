"""The client: one method per operation of Chorus Pro, grouped by domain in the classes it is made of."""

import base64
import json
from collections.abc import Callable
from typing import Any, Self

from . import errors
from .access import Endpoints, is_loopback_url, usable_token
from .errors import answer
from .flows import FlowOperations
from .invoice_actions import InvoiceActions, ValidationOperations
from .invoices import InvoiceOperations
from .operations import Caller, CallRecord
from .readers import Json
from .routes import Route
from .structures import StructureOperations
from .transport import Headers, Secret, Settings


class ChorusClient(
    FlowOperations, InvoiceOperations, InvoiceActions, StructureOperations, ValidationOperations
):
    """Calls Chorus Pro in the name of one technical account. Use it as a context manager.

    Every method raises a :class:`errors.ChorusError`; nothing is retried, except that a call answered 401
    is repeated once after ``renew`` gave a new token (the gateway refuses before the service sees anything,
    so this is safe for writes too).

    :param Endpoints endpoints: addresses of the environment
    :param str login: of the technical account, ``TECH_…@cpro.fr``
    :param str password: of the technical account
    :param str token: current token; may be empty, then ``renew`` is asked first
    :param renew: ``renew(old_token) -> new_token``; its errors pass through. None: never renewed.
    :param Settings settings: limits
    :param str correlation_id: identifies the caller's work in log lines and errors; made up when absent
    :param caller_options: ``clock``, ``sleep``, ``transport`` of :class:`session.Caller`
    """

    def __init__(
        self,
        endpoints: Endpoints,
        login: str | None,
        password: str | None,
        token: str | None,
        renew: Callable[[str], str] | None = None,
        settings: Settings | None = None,
        correlation_id: str | None = None,
        **caller_options: Any,
    ) -> None:
        self.endpoints = endpoints
        self.settings = settings or Settings()
        account = f"{(login or '').strip()}:{password or ''}".encode()
        self._account = Secret(base64.b64encode(account).decode("ascii"))
        self._token = Secret(token)
        self._renew = renew
        self._caller = Caller(
            self.settings, is_loopback_url(endpoints.api_url), correlation_id, **caller_options
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<ChorusClient {self.endpoints.api_url}>"

    def close(self) -> None:
        """Close the connections. The client can still be used; it connects again."""
        self._caller.__exit__()

    @property
    def correlation_id(self) -> str:
        return self._caller.correlation_id

    @correlation_id.setter
    def correlation_id(self, value: str) -> None:
        self._caller.correlation_id = value

    @property
    def calls(self) -> tuple[CallRecord, ...]:
        """The :class:`session.CallRecord` of each request made, oldest first."""
        return tuple(self._caller.calls)

    @property
    def last_call(self) -> CallRecord | None:
        """The last :class:`session.CallRecord`, or None."""
        return self._caller.calls[-1] if self._caller.calls else None

    def call(self, route: Route, payload: Json | None = None) -> Json:
        """The JSON object a route answers to ``payload`` (a dict, left out for GET).

        The ``codeRetour`` is checked; what else the answer holds is up to the caller to read with care.
        """
        begun = self._caller.begin()
        content = None if route.method == "GET" else json.dumps(payload or {}).encode("ascii")
        if not usable_token(self._token.reveal()):
            self._renew_token(route)
        try:
            return self._try(route, content, begun)
        except errors.TokenRejected:
            if self._renew is None:
                raise
        self._renew_token(route)
        return self._try(route, content, begun)

    def _try(self, route: Route, content: bytes | None, begun: float) -> Json:
        headers = Headers(
            Authorization=Secret(f"Bearer {self._token.reveal()}"),
            cpro_account=self._account,
            Content_Type="application/json;charset=utf-8",
            Accept="application/json;charset=utf-8",
            Accept_Encoding="identity",
            User_Agent=self.settings.user_agent,
        )
        exchange = self._caller.exchange(route, self.endpoints.url(route.path), headers, content, begun)
        return answer(route, exchange, self._caller.max_bytes(route), **self._caller.context(exchange))

    def _renew_token(self, route: Route) -> None:
        if self._renew is not None:
            self._token = Secret(self._renew(self._token.reveal()))
        if not usable_token(self._token.reveal()):
            raise errors.TokenRejected(
                "token_rejected",
                route=route.path,
                detail="no usable token",
                correlation_id=self.correlation_id,
            )
