"""A headless Chromium, driven over its DevTools protocol: what a person sees, as pictures.

with Browser() as browser:
    browser.log_in(url, "admin", "admin")
    browser.open(f"{url}/odoo/action-123")
    browser.wait_for(".o_list_renderer")
    browser.screenshot(path)
"""

import base64
import contextlib
import itertools
import json
import shutil
import tempfile
import time
import urllib.request
from pathlib import Path

import websocket

from .. import console
from ..machine import processes, system

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
    # Only connections that name this origin, as ours does, may drive the browser.
    "--remote-allow-origins=http://127.0.0.1",
)
# Name of a key → its code, its virtual key code and the text that it types.
_KEYS = {
    "ArrowDown": ("ArrowDown", 40, ""),
    "Enter": ("Enter", 13, "\r"),
    "Tab": ("Tab", 9, ""),
    " ": ("Space", 32, " "),
}


class Browser:
    """One page of one browser with a profile of its own.

    `errors` collects the page's console errors and uncaught exceptions.
    """

    def __init__(self, width=1440, height=900, language="en-US"):
        self.errors = []
        self._size, self._language = (width, height), language
        self._ids = itertools.count(1)

    def __enter__(self):
        self._stack = contextlib.ExitStack()
        try:
            profile = Path(tempfile.mkdtemp(prefix="chromium-"))
            self._stack.callback(shutil.rmtree, profile, ignore_errors=True)
            size = f"--window-size={self._size[0]},{self._size[1]}"
            command = [
                system.browser(),
                *_FLAGS,
                f"--user-data-dir={profile}",
                size,
                f"--lang={self._language}",
            ]
            process = self._stack.enter_context(processes.Process(command, "chromium", patience=5))
            self._socket = self._stack.enter_context(contextlib.closing(self._connect(process, profile)))
            for domain in ("Page", "Runtime", "Log", "Network"):
                self.send(f"{domain}.enable")
            self.send("Emulation.setFocusEmulationEnabled", enabled=True)
            # Where the people are who read what it shows.
            self.send("Emulation.setTimezoneOverride", timezoneId="Europe/Paris")
            self.resize(*self._size)
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_exception):
        self._stack.close()

    def _connect(self, process, profile):
        port_file = profile / "DevToolsActivePort"
        process.wait_for(
            lambda: port_file.exists() and port_file.read_text().count("\n"), 120, "DevTools port"
        )
        port = port_file.read_text().split("\n")[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=60) as answer:
            pages = [target for target in json.load(answer) if target["type"] == "page"]
        return websocket.create_connection(
            pages[0]["webSocketDebuggerUrl"], timeout=120, origin="http://127.0.0.1"
        )

    def send(self, method, **params):
        """Send one DevTools command and return its result."""
        number = next(self._ids)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == number:
                if "error" in message:
                    raise console.Stop(f"Browser: {method}: {message['error']['message']}")
                return message["result"]
            if "method" in message:
                self._note(message)

    def _note(self, event):
        params = event.get("params", {})
        if event["method"] == "Page.javascriptDialogOpening":
            # A form left as it is; the page waits for the answer, and nobody waits for this command's.
            command = {"id": next(self._ids), "method": "Page.handleJavaScriptDialog"}
            self._socket.send(json.dumps({**command, "params": {"accept": True}}))
        elif event["method"] == "Runtime.exceptionThrown":
            detail = params["exceptionDetails"]
            self.errors.append(detail.get("exception", {}).get("description") or detail["text"])
        elif event["method"] == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.errors.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
        elif event["method"] == "Runtime.consoleAPICalled" and params["type"] == "error":
            self.errors.append(" ".join(str(arg.get("value", "")) for arg in params["args"]))

    def resize(self, width, height, scale=1):
        """Set the size of the page in CSS pixels, `scale` device pixels each."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=False,
        )

    def run(self, script):
        """Evaluate JavaScript (promises are awaited) and return its JSON value."""
        answer = self.send(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True
        )
        if "exceptionDetails" in answer:
            raise console.Stop(f"Browser: {answer['exceptionDetails']['exception'].get('description')}")
        return answer["result"].get("value")

    def open(self, url):
        """Go to an address and wait until the document is loaded."""
        self.send("Page.navigate", url=url)
        self.wait("document.readyState === 'complete'", 60)

    def wait(self, condition, seconds=60):
        """Wait until a JavaScript expression is true; Stop when time is up."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(console.Stop):  # the page may be between two documents
                if self.run(f"Boolean({condition})"):
                    return
            time.sleep(0.1)
        raise console.Stop(f"Browser: not within {seconds} s: {condition}\n" + "\n".join(self.errors[-5:]))

    def wait_for(self, selector, seconds=60):
        """Wait until an element that matches the CSS selector is there."""
        self.wait(f"document.querySelector({json.dumps(selector)})", seconds)

    def click(self, selector):
        """Click the first element that matches, once it is there."""
        self.wait_for(selector)
        self.run(f"document.querySelector({json.dumps(selector)}).click()")

    def fill(self, selector, text):
        """Put `text` into a field and tell the page, as typing does."""
        self.wait_for(selector)
        field = f"document.querySelector({json.dumps(selector)})"
        self.run(f"({field}.focus(), {field}.value = {json.dumps(text)})")
        for event in ("input", "change"):
            self.run(f"{field}.dispatchEvent(new Event('{event}', {{bubbles: true}}))")

    def choose_file(self, selector, path):
        """Give the file at `path` to a file field, as its dialog does."""
        self.wait_for(selector)
        root = self.send("DOM.getDocument")["root"]["nodeId"]
        node = self.send("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.send("DOM.setFileInputFiles", nodeId=node, files=[str(path)])

    def type(self, text):
        """Put `text` where the cursor stands, as typing does."""
        self.send("Input.insertText", text=text)

    def press(self, key, alt=False, shift=False):
        """Press and release a key, as a person does: a letter, or a name such as "Enter" or "ArrowDown"."""
        code, virtual, text = _KEYS.get(key, (f"Key{key.upper()}", ord(key.upper()[0]), "" if alt else key))
        common = {"key": key, "code": code, "windowsVirtualKeyCode": virtual}
        common["modifiers"] = (1 if alt else 0) | (8 if shift else 0)
        kind = "keyDown" if text else "rawKeyDown"
        self.send("Input.dispatchKeyEvent", type=kind, **common, **({"text": text} if text else {}))
        self.send("Input.dispatchKeyEvent", type="keyUp", **common)

    def log_in(self, url, login, password, company=None):
        """Log in to Odoo's web client; `company` is the id of the company to work in."""
        self.open(f"{url}/web/login")
        self.fill("#login", login)
        self.fill("#password", password)
        self.click(".oe_login_form button[type=submit]")
        self.wait_for(".o_main_navbar", 180)
        if company:
            self.send("Network.setCookie", name="cids", value=str(company), url=url)

    def screenshot(self, path, selector=None):
        """Write a PNG of the page, or of the first element that matches."""
        clip = {}
        if selector:
            self.wait_for(selector)
            box = self.run(
                f"(() => {{ const r = document.querySelector({json.dumps(selector)}).getBoundingClientRect();"
                " return {x: r.x, y: r.y, width: r.width, height: r.height}; })()"
            )
            clip = {"clip": {**box, "scale": 1}}
        picture = self.send("Page.captureScreenshot", format="png", **clip)
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(base64.b64decode(picture["data"]))
