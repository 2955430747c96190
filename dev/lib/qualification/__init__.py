"""The check of the State's test space, for a person with keys."""
