"""Several invoices in one deposit: which go together, and the archive they travel in."""

import gzip
import hashlib
import io
import re
import tarfile
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from .limits import LIMITS

_TAR_BLOCK = 512
_TAR_END = 20 * _TAR_BLOCK  # a tar file is filled up to a record of 20 blocks
_GZIP_OVERHEAD = 4096


# Name and content.
File = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Split:
    """``groups``: tuples of files that may travel together; ``too_large``: files that cannot travel."""

    groups: tuple[tuple[File, ...], ...]
    too_large: tuple[File, ...]


def safe_filename(name: str, extension: str) -> str:
    """A file name of ASCII letters, digits, ``_ - .`` that ends on ``extension`` (``.pdf``).

    Accents are taken off, everything else becomes ``-``: ``Reçu 2026/0001`` -> ``Recu-2026-0001.pdf``.
    """
    stem = name[: -len(extension)] if name.lower().endswith(extension) else name
    ascii_stem = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode("ascii")
    stem = re.sub(r"[^A-Za-z0-9_.]+", "-", ascii_stem).strip("-._") or "file"
    return stem[: LIMITS["filename_length"].value - len(extension)] + extension


def split(files: Iterable[File], max_count: int | None = None) -> Split:
    """Put files, ``(name, content)``, into groups that respect the published limits, in the order given.

    The compressed size is not known before compressing; PDFs hardly shrink, so the plain size counts.

    :param int max_count: largest number of files in a group; the published one is the upper bound
    :rtype: Split
    """
    max_count = min(max_count or 1, LIMITS["flow_invoices"].value)
    room = LIMITS["flow_size"].value - _TAR_END - _GZIP_OVERHEAD
    groups: list[tuple[File, ...]] = []
    too_large: list[File] = []
    group: list[File] = []
    size = 0
    for name, content in files:
        if len(content) > LIMITS["file_size"].value:
            too_large.append((name, content))
            continue
        weight = _in_tar(len(content))
        if group and (len(group) >= max_count or size + weight > room):
            groups.append(tuple(group))
            group, size = [], 0
        group.append((name, content))
        size += weight
    if group:
        groups.append(tuple(group))
    return Split(tuple(groups), tuple(too_large))


def _in_tar(size: int) -> int:
    """Bytes a file takes in a tar file, its header and deflate's worst case included."""
    blocks = -(-size // _TAR_BLOCK)
    return (1 + blocks) * _TAR_BLOCK * 1001 // 1000


def pack(files: Iterable[File], stem: str | None = None) -> File:
    """The name and bytes to deposit for a group of ``(name, content)``.

    One file travels bare: that is what was seen to succeed live. Several become a ``.tar.gz`` that depends
    on names and contents only, so that preparing twice gives the same file and the same sha256.

    :param str stem: of the archive's name; default: made from the content
    :raises ValueError: no file, or one name twice
    """
    files = sorted(files)
    names = [name for name, _content in files]
    if not files or len(set(names)) < len(names):
        raise ValueError("files must be given, each name once")
    if len(files) == 1:
        return files[0]
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in files:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            member.mode = 0o644
            archive.addfile(member, io.BytesIO(content))
    packed = gzip.compress(plain.getvalue(), compresslevel=6, mtime=0)
    stem = stem or f"lot_{hashlib.sha256(plain.getvalue()).hexdigest()[:16]}"
    return safe_filename(stem, ".tar.gz"), packed
