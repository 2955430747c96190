"""Several invoices in one deposit: groups within the limits, and an archive that is always the same."""

import gzip
import io
import random
import re
import tarfile

import pytest

from chorus_api import LIMITS, flows, pack, safe_filename, split


def test_an_archive_depends_on_its_files_only():
    files = [("b.pdf", b"two"), ("a.pdf", b"one")]
    name, content = pack(files)
    assert pack(list(reversed(files))) == (name, content)
    assert re.fullmatch(r"lot_[0-9a-f]{16}\.tar\.gz", name)
    assert flows.check_flow(content, name, "IN_DP_E2_CII_FACTURX") is None
    assert content[4:8] == bytes(4)  # gzip's own time stamp
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(content))) as archive:
        members = archive.getmembers()
        assert [(member.name, archive.extractfile(member).read()) for member in members] == [
            ("a.pdf", b"one"),
            ("b.pdf", b"two"),
        ]
        assert {(member.mtime, member.uid, member.uname) for member in members} == {(0, 0, "")}


def test_the_name_of_an_archive_can_be_chosen():
    assert pack([("a.pdf", b"1"), ("b.pdf", b"2")], "Lot de la mairie")[0] == "Lot-de-la-mairie.tar.gz"


def test_one_file_travels_bare():
    assert pack([("a.pdf", b"one")]) == ("a.pdf", b"one")


@pytest.mark.parametrize("files", [[], [("a.pdf", b"1"), ("a.pdf", b"2")]])
def test_what_cannot_be_packed(files):
    with pytest.raises(ValueError):
        pack(files)


def names(group):
    return [name for name, _content in group]


def test_groups_respect_the_count_and_the_order():
    files = [(f"{number}.pdf", b"x") for number in range(7)]
    assert [names(group) for group in split(files, 3).groups] == [
        ["0.pdf", "1.pdf", "2.pdf"],
        ["3.pdf", "4.pdf", "5.pdf"],
        ["6.pdf"],
    ]
    assert len(split(files).groups) == 7
    assert [len(group) for group in split([("x", b"")] * 1001, 5000).groups] == [500, 500, 1]


def test_groups_respect_the_size():
    megabyte = 1024 * 1024
    files = [(f"{number}.pdf", bytes(9 * megabyte)) for number in range(4)] + [
        ("big.pdf", bytes(11 * megabyte))
    ]
    result = split(files, 10)
    assert [names(group) for group in result.groups] == [["0.pdf", "1.pdf", "2.pdf"], ["3.pdf"]]
    assert names(result.too_large) == ["big.pdf"]


def test_a_group_that_does_not_shrink_stays_below_the_limit():
    noise = [(f"{number}.pdf", _noise(10 * 1024 * 1024 - 1, number)) for number in range(3)]
    for group in split(noise, 10).groups:
        _name, content = pack(group)
        assert len(content) <= LIMITS["flow_size"].value


def _noise(size, seed):
    return random.Random(seed).randbytes(size)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Reçu 2026/0001", "Recu-2026-0001.pdf"),
        ("FAC.pdf", "FAC.pdf"),
        ("../../etc/passwd", "etc-passwd.pdf"),
        ("///", "file.pdf"),
        ("a" * 300, "a" * 196 + ".pdf"),
        ("FAC.PDF", "FAC.pdf"),
    ],
)
def test_file_names(name, expected):
    assert safe_filename(name, ".pdf") == expected
    assert flows.check_flow(b"x", expected, "IN_DP_E2_CII_FACTURX") is None
