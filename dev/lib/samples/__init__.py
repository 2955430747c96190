"""Semantic invoices and pages for tests, samples and fuzzing, and their judge."""
