"""Translation files: reading, bringing up to date, and judging them."""

import re
from datetime import UTC, datetime

import polib

# What a translation must keep: %(name)s, %s, %d, %%, %.2f; {name}; tags with their attributes.
_PLACEHOLDERS = re.compile(r"%\([a-z_]+\)[-.0-9]*[a-z]|%[-.0-9]*[sdif%]|\{[a-z_]*\}")
_TAGS = re.compile(r"</?[a-z][^>]*>")
# Attributes that the reader of the page sees: they are translated, the tag around them stays.
_WORDS_IN_TAGS = re.compile(r'\b(title|aria-label|placeholder|alt|string|data-tooltip)="[^"]*"')
# Keys of our tables: the extractor takes a string that follows a marked sentence for one.
_KEY = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")


def read(path):
    """The translation file at `path`, empty when there is none yet.

    :rtype: polib.POFile
    """
    return polib.pofile(str(path), wrapwidth=78) if path.exists() else polib.POFile(wrapwidth=78)


def words(template):
    """The template without the keys that Odoo's extractor takes for terms.

    :rtype: polib.POFile
    """
    result = polib.POFile(wrapwidth=78)
    result.header, result.metadata = template.header, template.metadata
    result.extend(entry for entry in template if not _KEY.fullmatch(entry.msgid))
    return result


def merged(template, translated):
    """The terms of `template` with the translations that `translated` has for them."""
    known = {entry.msgid: entry.msgstr for entry in translated}
    result = polib.POFile(wrapwidth=78)
    result.header = template.header
    result.metadata = {
        **template.metadata,
        "Language": "fr",
        "Plural-Forms": "nplurals=2; plural=(n > 1);",
    }
    for entry in template:
        result.append(
            polib.POEntry(
                msgid=entry.msgid,
                msgstr=known.get(entry.msgid, ""),
                comment=entry.comment,
                occurrences=entry.occurrences,
            )
        )
    return result


def write(file, path):
    """Write `file` to `path` unless only its dates differ from what is there."""
    old = read(path)
    if [str(entry) for entry in old] == [str(entry) for entry in file]:
        return
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M+0000")
    file.metadata |= {
        "POT-Creation-Date": now,
        "PO-Revision-Date": now,
        "Content-Transfer-Encoding": "8bit",
    }
    path.parent.mkdir(exist_ok=True)
    file.save(str(path))


def faults(template, translated):
    """What is wrong with a translation of `template`.

    :rtype: list[tuple[str, str]]: the fault in words, the term
    """
    known = {entry.msgid: entry.msgstr for entry in translated if not entry.obsolete}
    found = []
    for source in (entry.msgid for entry in template):
        target = known.get(source)
        if target is None:
            found.append(("no entry", source))
        elif not target:
            found.append(("no translation", source))
        elif _skeleton(source) != _skeleton(target):
            found.append(("other placeholders or tags", source))
    return found


def _skeleton(text):
    tags = [_WORDS_IN_TAGS.sub(r"\1", tag) for tag in _TAGS.findall(text)]
    return sorted(_PLACEHOLDERS.findall(text)), sorted(tags)
