"""What several test files share: fixtures, and how Hypothesis works."""

from hypothesis import HealthCheck, settings
from simulator_kit import simulator  # noqa: F401

# The same examples in each run, however slow the machine: a find is mended once, not met now and then.
settings.register_profile(
    "steady", derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
settings.load_profile("steady")
