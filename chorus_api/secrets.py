"""Values that must not be seen in a repr, a log line or the frames of a traceback."""

from collections.abc import KeysView


class Secret:
    """Holds a str; shows nothing. Compared and copied like any object, read with :meth:`reveal`."""

    __slots__ = ("_value",)

    def __init__(self, value: str | None) -> None:
        self._value = value or ""

    def reveal(self) -> str:
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "<secret>"

    __str__ = __repr__


class Headers:
    """Request headers of which some are secret; ``dict(headers)`` gives them all."""

    __slots__ = ("_headers",)

    def __init__(self, **headers: str | Secret) -> None:
        self._headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def keys(self) -> KeysView[str]:
        return self._headers.keys()

    def __getitem__(self, name: str) -> str:
        value = self._headers[name]
        return value.reveal() if isinstance(value, Secret) else value

    def __repr__(self) -> str:
        return f"<Headers {', '.join(self._headers)}>"
