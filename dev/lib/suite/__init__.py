"""The parts of the test suite and their results."""
