"""Fixtures that several test files share."""

from simulator_kit import simulator  # noqa: F401
