"""Odoo as its web client sees it: a session, and the calls that the screens make."""

import http.cookiejar
import json
import time
import urllib.request

from .. import console


class Refused(console.Stop):
    """Odoo answered a call with an error; the text is what a person would see."""


class Session:
    """One user logged in to one database; `context` goes with every call, and the user's language with it."""

    def __init__(self, url, database, login, password, timeout=120):
        self.url, self.timeout = url, timeout
        self.context = {}
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies)
        account = {"db": database, "login": login, "password": password}
        self.user = self._post("/web/session/authenticate", account)
        self.language = self.user["user_context"]["lang"]

    def call(self, model, method, *args, **kwargs):
        """Call a public method of a model, as `env[model].method(*args, **kwargs)`.

        A method of records takes the list of ids as its first argument. Returns the decoded answer.
        """
        kwargs["context"] = {"lang": self.language, **kwargs.get("context", self.context)}
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self._post(f"/web/dataset/call_kw/{model}/{method}", params)

    def search_read(self, model, domain, fields, **kwargs):
        """The records that match, as a list of dicts."""
        return self.call(model, "search_read", domain, fields, **kwargs)

    def create(self, model, values, **kwargs):
        """Create one record (dict) or several (list of dicts); returns the id or the list of ids."""
        ids = self.call(model, "create", values if isinstance(values, list) else [values], **kwargs)
        return ids if isinstance(values, list) else ids[0]

    def ref(self, xmlid):
        """The id of the record with this external identifier, e.g. "base.fr"."""
        module, name = xmlid.split(".")
        rows = self.search_read("ir.model.data", [("module", "=", module), ("name", "=", name)], ["res_id"])
        if not rows:
            raise Refused(f"There is no record {xmlid}")
        return rows[0]["res_id"]

    def download(self, path):
        """The bytes at a path of the server, e.g. "/web/content/12"."""
        with self._opener.open(self.url + path, timeout=self.timeout) as answer:
            return answer.read()

    def _post(self, path, params):
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}).encode()
        request = urllib.request.Request(self.url + path, body, {"Content-Type": "application/json"})
        with self._opener.open(request, timeout=self.timeout) as answer:
            reply = json.load(answer)
        if "error" in reply:
            data = reply["error"].get("data") or {}
            detail = data.get("debug", "") if data.get("name", "").startswith("builtins") else ""
            raise Refused(f"{path}: {data.get('message') or reply['error']['message']}\n{detail}".strip())
        # Odoo leaves it out where a method returns nothing.
        return reply.get("result")


def poll(probe, seconds, what, pause=0.3):
    """Ask `probe()` until it gives something true and return that; Stop when time is up."""
    deadline = time.monotonic() + seconds
    while True:
        result = probe()
        if result:
            return result
        if time.monotonic() > deadline:
            raise console.Stop(f"Not within {seconds} s: {what}")
        time.sleep(pause)
