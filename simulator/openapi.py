"""The contract that the simulator serves, as an OpenAPI 3.0 document, made from the tables it checks with."""

from . import contract
from .operations import GET_ROUTES, OPERATIONS

_SCALARS = {
    "int32": {"type": "integer", "format": "int32"},
    "int64": {"type": "integer", "format": "int64"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "string": {"type": "string"},
    "date-time": {"type": "string", "format": "date-time"},
    "object": {"type": "object"},
}
_ANSWER = {
    "type": "object",
    "required": ["codeRetour", "libelle"],
    "properties": {
        "codeRetour": {"type": "integer", "description": "0: done; anything else: a functional refusal"},
        "libelle": {"type": "string"},
    },
    "additionalProperties": True,
}
_GATEWAY_ANSWERS = {
    "400": {"description": "no token, or a request that does not fit the contract"},
    "401": {"description": "token expired, or technical account refused (empty body)"},
    "403": {"description": "the application has not subscribed to this API, or its terms are not accepted"},
}
_TOKEN_FORM = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"type": "string", "enum": ["client_credentials"]},
        "scope": {"type": "string", "default": "openid"},
        "client_id": {"type": "string", "description": "here, or in an HTTP Basic header"},
        "client_secret": {"type": "string", "format": "password"},
    },
}


def document(address):
    """The whole contract.

    :param str address: where the simulator is reached, such as ``http://127.0.0.1:8090``
    :return: dict, an OpenAPI 3.0.3 document
    """
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Chorus Pro behind PISTE, as simulated",
            "version": "1",
            "description": "The factures operations follow the published contract; those of the other "
            "domains have none and follow AIFE's pages and clients in use. Only requests are typed.",
        },
        "servers": [{"url": address}],
        "security": [{"piste": [], "technicalAccount": []}],
        "paths": {
            "/api/oauth/token": {"post": _token()},
            **{f"/cpro/{route}": _path(route) for route in sorted(OPERATIONS)},
        },
        "components": {
            "securitySchemes": {
                "piste": {
                    "type": "oauth2",
                    "flows": {
                        "clientCredentials": {
                            "tokenUrl": f"{address}/api/oauth/token",
                            "scopes": {"openid": "everything"},
                        }
                    },
                },
                "technicalAccount": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "cpro-account",
                    "description": "login:password in base64; GET operations need none",
                },
            },
            "schemas": {
                "Answer": _ANSWER,
                **{name: _object(fields) for name, fields in contract.published()["objects"].items()},
            },
        },
    }


def _token():
    return {
        "summary": "A token for one hour",
        "tags": ["oauth"],
        "security": [],
        "requestBody": {
            "required": True,
            "content": {"application/x-www-form-urlencoded": {"schema": _TOKEN_FORM}},
        },
        "responses": {
            "200": {"description": "the token"},
            "400": {"description": "invalid_client: unknown id and wrong secret alike"},
        },
    }


def _path(route):
    function, _success = OPERATIONS[route]
    operation = {
        "summary": (function.__doc__ or function.__name__).strip().splitlines()[0],
        "operationId": route.replace("/", "."),
        "tags": [route.split("/")[0]],
        "responses": {
            "200": {
                "description": "codeRetour 0 and the fields asked for, or a functional refusal",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}},
            },
            **_GATEWAY_ANSWERS,
        },
    }
    if route in GET_ROUTES:
        return {"get": {**operation, "security": [{"piste": []}]}}
    operation["requestBody"] = {"content": {"application/json": {"schema": _request(route)}}}
    return {"post": operation}


def _request(route):
    shape = contract.OTHER_DOMAINS.get(route)
    if shape is not None:
        return _object(shape)
    name = contract.published()["operations"].get(route)
    nothing = {"type": "object", "description": "No field of it is read."}
    return {"$ref": f"#/components/schemas/{name}"} if name else nothing


def _object(fields):
    return {
        "type": "object",
        "properties": {name: _schema(kind) for name, kind in fields.items() if kind != "refused"},
    }


def _schema(kind):
    if isinstance(kind, list):
        return {"type": "array", "items": _schema(kind[0])}
    if isinstance(kind, dict):
        return _object(kind)
    if kind in contract.published()["objects"]:
        return {"$ref": f"#/components/schemas/{kind}"}
    if "|" in kind:
        return {"type": "string", "enum": kind.split("|")}
    return dict(_SCALARS[kind])
