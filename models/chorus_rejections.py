"""Known reasons of a rejection, by the code that ``chorus_api.explain`` gives: one sentence each."""

EXPLANATIONS = {}
