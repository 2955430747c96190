"""Names of types for code about PDFs."""

from typing import Any

from pikepdf import ContentStreamInlineImage, ContentStreamInstruction

# What a file holds at some place: a dictionary, a number, nothing … Whoever wrote the file decided. Readers
# ask with isinstance, and callers catch what a wrong type leads to (``pdf.WRONG_OBJECTS``).
Object = Any

Instruction = ContentStreamInstruction | ContentStreamInlineImage
Instructions = list[Instruction]

# Clause of ISO 19005-3, and words.
Broken = tuple[str, str]
