"""The reader of test data sets: whatever a person uploads, it is understood or refused with a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus_api.data_set import MAX_BYTES, MAX_ROWS, DataSetError, read_data_set

ROWS = (
    ("Type", "Raison sociale", "SIRET", "Login", "Mot de passe"),
    ("Privé", "Fournisseur 33254021516357", "33254021516357", "gp@example.org", "S3cret"),
    ("Public", "Destinataire à l'étranger", "12345678200051", "", ""),
    ("Public", "Destinataire Etat", "11000201100044", "", ""),
)


def file_of(rows=ROWS, separator=";", encoding="utf-8", end="\r\n"):
    return end.join(separator.join(row) for row in rows).encode(encoding)


def code_of(content):
    with pytest.raises(DataSetError) as caught:
        read_data_set(content)
    return caught.value.code


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_separator_and_encoding_are_found_out(separator, encoding):
    found = read_data_set(file_of(separator=separator, encoding=encoding))
    assert found.separator == separator
    assert [row.siret for row in found.suppliers] == ["33254021516357"]
    assert [row.name for row in found.recipients] == ["Destinataire à l'étranger", "Destinataire Etat"]
    assert found.columns == {"siret": "SIRET", "name": "Raison sociale"}


def test_the_login_of_the_supplier_is_read_and_no_password():
    found = read_data_set(file_of())
    assert [row.login for row in found.rows] == ["gp@example.org", "", ""]
    assert "S3cret" not in repr(found)


@pytest.mark.parametrize("title", ["N° SIRET", "identifiant_structure", "", "Ã©trange"])
def test_the_siret_column_is_known_by_what_it_holds(title):
    rows = [(*ROWS[0][:2], title, *ROWS[0][3:]), *ROWS[1:]]
    assert len(read_data_set(file_of(rows)).rows) == 3


def test_a_file_without_header():
    found = read_data_set(file_of(ROWS[1:]))
    assert [row.name for row in found.recipients] == ["Destinataire à l'étranger", "Destinataire Etat"]


def test_titles_before_the_header_do_no_harm():
    assert len(read_data_set(b"Matelas de donnees;;\r\n;;\r\n" + file_of()).rows) == 3


def test_several_users_of_one_structure_make_one_row():
    assert len(read_data_set(file_of([*ROWS, ROWS[-1], ROWS[-1]])).rows) == 3


def test_sirets_that_fail_the_luhn_check_are_taken():
    rows = [*ROWS, ("Public", "Faux", "00000000000001", "", "")]
    assert read_data_set(file_of(rows)).rows[-1].name == "Faux"


def test_blanks_and_formulas_around_a_siret():
    rows = [*ROWS, ("Public", "=HYPERLINK(1)", "123 456 782 00069", "", "")]
    rows.append(("Public", "@SUM", '="12345678200077"', "", ""))
    found = read_data_set(file_of(rows)).rows
    assert [(row.siret, row.name) for row in found[-2:]] == [
        ("12345678200069", "HYPERLINK(1)"),
        ("12345678200077", "SUM"),
    ]


def test_no_password_is_kept():
    assert "S3cret" not in repr(read_data_set(file_of()))
    rows = [("SIRET", "Mot de passe du nom de structure"), ("12345678200051", "S3cret word")]
    assert "12345678200051" in repr(read_data_set(file_of(rows)))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \r\n ", "empty"),
        (b"a;" * MAX_BYTES, "too_large"),
        (b"a;b\n" * (MAX_ROWS + 2), "too_large"),
        (b"PK\x03\x04;12345678200051", "spreadsheet"),
        (b"\xd0\xcf\x11\xe0;12345678200051", "spreadsheet"),
        (b"SIRET;Nom\n12345678200051;\x00", "not_text"),
        (b"one word", "not_a_table"),
        (b"a;b\nc;d", "no_siret"),
        (b"SIRET;Nom\n1,23457E+13;Mairie", "shortened_numbers"),
        (b"SIRET;Nom\n33254021516357;Fournisseur", "no_recipient"),
    ],
)
def test_nonsense_is_refused_with_a_reason(content, code):
    assert code_of(content) == code


@given(st.one_of(st.binary(max_size=400), st.text(alphabet=';,\t"\n\r1234 =+é-SIRETnom', max_size=300)))
def test_no_bytes_crash_the_reader(content):
    try:
        found = read_data_set(content.encode() if isinstance(content, str) else content)
    except DataSetError as error:
        assert error.code
    else:
        assert found.recipients
