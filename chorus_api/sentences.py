"""A marker for translation tools: English sentences of the tables, which whoever shows them translates."""


def _(sentence: str) -> str:
    return sentence
