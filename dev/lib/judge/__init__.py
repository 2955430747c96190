"""The findings against the verdicts of the simulator."""
