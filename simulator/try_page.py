"""A page on which a call can be tried: pick an operation, fill its body, see what would come back."""

import json

from . import openapi
from .markup import Markup, html, page

_SCRIPT = """
const contract = __CONTRACT__;
const byId = (id) => document.getElementById(id);
const resolve = (schema) => schema.$ref ? contract.components.schemas[schema.$ref.split("/").pop()] : schema;
function example(schema, depth) {
    schema = resolve(schema);
    if (schema.enum) return schema.enum[0];
    if (schema.type === "array") return depth > 2 ? [] : [example(schema.items, depth + 1)];
    if (schema.type === "object") {
        const entries = depth > 2 ? [] : Object.entries(schema.properties || {});
        return Object.fromEntries(entries.map(([name, kind]) => [name, example(kind, depth + 1)]));
    }
    return null;
}
function choose() {
    const operation = contract.paths[byId("route").value].post;
    byId("summary").textContent = (operation || contract.paths[byId("route").value].get).summary;
    byId("body").value = operation && operation.requestBody.content["application/json"]
        ? JSON.stringify(example(operation.requestBody.content["application/json"].schema, 0), null, 2) : "";
}
async function call(event) {
    event.preventDefault();
    const keys = new URLSearchParams({grant_type: "client_credentials", scope: "openid",
        client_id: byId("client").value, client_secret: byId("secret").value});
    const token = await (await fetch("/api/oauth/token", {method: "POST", body: keys})).json();
    const route = byId("route").value;
    const post = Boolean(contract.paths[route].post);
    const body = post ? JSON.stringify(
        JSON.parse(byId("body").value || "{}"), (key, value) => value ?? undefined) : undefined;
    const answer = await fetch(route, {method: post ? "POST" : "GET", body, headers: {
        "Authorization": "Bearer " + token.access_token, "Content-Type": "application/json",
        "cpro-account": btoa(byId("login").value + ":" + byId("password").value)}});
    const text = await answer.text();
    let shown = text;
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON: shown as it came */ }
    byId("answer").textContent = "HTTP " + answer.status + "\\n" + shown;
}
byId("route").addEventListener("change", choose);
byId("form").addEventListener("submit", (event) => call(event).catch((error) => {
    byId("answer").textContent = String(error);
}));
choose();
"""
_FORM = """
<p class=quiet>The contract: <a href='/openapi.json'>/openapi.json</a>. <a href='/'>Home</a></p>
<form id=form>
<p><select id=route aria-label='route'>{routes}</select> <span id=summary class=quiet></span></p>
<p><input id=client value='{client_id}' aria-label='client id'>
<input id=secret type=password placeholder='client secret' aria-label='client secret'>
<input id=login value='{login}' aria-label='login'>
<input id=password type=password placeholder='password' aria-label='password'></p>
<p><textarea id=body rows=16 cols=90 aria-label='body'></textarea></p><p><button>Call</button></p></form>
<pre id=answer></pre><script>{script}</script>
"""


def try_page(address, client_id, login):
    """The page.

    :param str client_id, login: filled in; the secret and the password are typed
    """
    contract = openapi.document(address)
    routes = [
        html("<option>{route}</option>", route=route) for route in contract["paths"] if "/cpro/" in route
    ]
    # "<" is escaped for the HTML parser, which knows nothing of JavaScript's strings.
    script = _SCRIPT.replace("__CONTRACT__", json.dumps(contract).replace("<", "\\u003c"))
    return page(
        "Try a call",
        html(_FORM, routes=routes, client_id=client_id, login=login, script=Markup(script)),
    )
