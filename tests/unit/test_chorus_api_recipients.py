"""The file of all public recipients: what is understood, in which forms, and what is not believed."""

import io
import tracemalloc
import zipfile
from contextlib import suppress
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus_api import ListedService, ListedStructure, RecipientsUnreadable, read_recipients, recipients

TOWN, SCHOOL, PORT = "21350238800019", "19440021700011", "13002271800017"
STRUCTURES = (
    "TypeIdentifiant;Identifiant;RaisonSociale;GestionStatutMiseEnPaiement;GestionEngagement;GestionService;"
    "GestionServiceEngagement;EstMOA;EstMOAUniquement;StructureActive;Ville\r\n"
    f"SIRET;{TOWN};Commune de Rennes;true;false;true;false;false;false;true;RENNES\r\n"
    f"SIRET;{SCHOOL};Lycée Clémenceau;false;true;false;false;false;false;false;NANTES\r\n"
)
SERVICES = (
    "Identifiant;RaisonSociale;Code;Nom;GestionEGMT;ServiceActif;CodePostal\r\n"
    f"{TOWN};Commune de Rennes;DST;Services techniques;true;true;35000\r\n"
    f"{TOWN};Commune de Rennes;OLD;Archives;false;false;35000\r\n"
)
RENNES = ListedStructure(
    TOWN,
    "Commune de Rennes",
    active=True,
    needs_service=True,
    needs_engagement=False,
    needs_service_or_engagement=False,
    works_owner_only=False,
    reports_payment=True,
    services={
        "DST": ListedService("DST", "Services techniques", active=True, needs_engagement=True),
        "OLD": ListedService("OLD", "Archives", active=False, needs_engagement=False),
    },
)


def packed(*members, day=(2026, 11, 27)):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, content in enumerate(members):
            member = zipfile.ZipInfo(f"member_{number}", (*day, 4, 0, 0))
            archive.writestr(
                member, content if isinstance(content, bytes) else content.encode(), zipfile.ZIP_DEFLATED
            )
    return buffer.getvalue()


def read(*members, wanted=(TOWN, SCHOOL), **options):
    return read_recipients(packed(*members), wanted, **options)


def refusal(*members, **options):
    with pytest.raises(RecipientsUnreadable) as caught:
        read(*members, **options)
    return caught.value.code


def elements(row):
    return "".join(f"<{name}>{value}</{name}>" for name, value in row.items())


def as_xml(structures=STRUCTURES, services=SERVICES):
    """The two tables as one XML, the services within their structures."""
    tables = []
    for table in (structures, services):
        header, *lines = (line.split(";") for line in table.splitlines())
        tables.append([dict(zip(header, line, strict=True)) for line in lines])
    blocks = [
        "<Structure>"
        + elements(row)
        + "<ListeServices>"
        + "".join(
            f"<Service>{elements({name: service[name] for name in list(service)[2:]})}</Service>"
            for service in tables[1]
            if service["Identifiant"] == row["Identifiant"]
        )
        + "</ListeServices></Structure>"
        for row in tables[0]
    ]
    return f"<?xml version='1.0' encoding='UTF-8'?><Annuaire><Date>x</Date>{''.join(blocks)}</Annuaire>"


# -- forms --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "members",
    [
        (STRUCTURES, SERVICES),
        (SERVICES, STRUCTURES),
        (as_xml(),),
        (STRUCTURES.encode("utf-8-sig"), SERVICES.encode("utf-16")),
        (STRUCTURES.encode("cp1252"), SERVICES.encode("cp1252")),
        (STRUCTURES.replace(";", "\t"), SERVICES.replace(";", ",")),
        ("Annuaire du 27/11/2026\n\n" + STRUCTURES, b"\x89PNG\x00picture", SERVICES),
        (as_xml().replace("<Structure>", '<p:Structure xmlns:p="x" id="7">').replace("</S", "</p:S", 0)
         .replace("</Structure>", "</p:Structure>"),),
        (as_xml().encode("utf-16"),),
        (as_xml().replace("UTF-8", "windows-1252").encode("cp1252"),),
        (as_xml().encode("cp1252"),),
        (STRUCTURES, as_xml(services=SERVICES)),
    ],
)  # fmt: skip
def test_the_same_is_read_in_every_form(members):
    found = read(*members)
    assert found.structures[TOWN] == RENNES
    assert found.structures[SCHOOL].name == "Lycée Clémenceau"
    assert found.structures[SCHOOL].active is False
    assert found.structures[SCHOOL].services == {}
    assert found.written_at == datetime(2026, 11, 27, 4)
    assert found.counted in (2, 4)


def test_names_are_matched_whatever_their_case_accents_and_separators():
    table = (
        "N° SIRET;RAISON SOCIALE;Structure active;Engagement obligatoire;Service_obligatoire\n"
        "213 502 388 00019;Rennes;OUI;Non;1\n"
    ).replace("N° SIRET", "Siret")
    found = read(table).structures[TOWN]
    assert (found.active, found.needs_engagement, found.needs_service) == (True, False, True)
    assert (found.needs_service_or_engagement, found.works_owner_only, found.services) == (None, None, None)


def test_blocks_and_attributes_of_a_structure_belong_to_it():
    xml = (
        f'<A><S Identifiant="{TOWN}" StructureActive="true"><Parametres><GestionService>true</GestionService>'
        "<GestionEngagement/></Parametres><Pays><Code>FR</Code><Libelle>France</Libelle></Pays></S></A>"
    )
    found = read(xml).structures[TOWN]
    assert (found.active, found.needs_service, found.needs_engagement) == (True, True, None)
    assert found.services is None, "the code of a country is no service"


def test_services_in_a_list_of_their_own():
    xml = as_xml(services="Identifiant;RaisonSociale;Code\n")[: -len("</Annuaire>")]
    for line in SERVICES.splitlines()[1:]:
        siret, _name, code, name, strict, active, _postcode = line.split(";")
        row = {"Identifiant": siret, "Code": code, "Nom": name, "GestionEGMT": strict, "ServiceActif": active}
        xml += elements({"S": elements(row)})
    assert read(xml + "</Annuaire>").structures[TOWN] == RENNES


def test_what_the_file_says_twice_differently_it_does_not_say():
    other = STRUCTURES.replace("Rennes;true", "Rennes;false")
    assert set(read(STRUCTURES, other).structures) == {SCHOOL}
    assert set(read(STRUCTURES, STRUCTURES).structures) == {TOWN, SCHOOL}


def test_a_row_with_a_cell_too_many_is_left_out():
    """A separator within a name has moved the flags."""
    assert set(read(STRUCTURES.replace("Commune de", "Commune; de")).structures) == {SCHOOL}
    assert set(read(STRUCTURES.replace("Commune de Rennes", '"Commune; de"')).structures) == {TOWN, SCHOOL}


def test_a_word_that_is_neither_yes_nor_no_says_nothing():
    found = read(STRUCTURES.replace("false;false;true;RENNES", "peut-être;;A_VOIR;RENNES")).structures[TOWN]
    assert (found.works_owner_only, found.active) == (None, None)


@pytest.mark.parametrize("day", [(1980, 1, 1), (2015, 1, 1), (2099, 1, 1)])
def test_a_day_that_makes_no_sense_is_none(day):
    assert read_recipients(packed(STRUCTURES, day=day), [TOWN]).written_at is None


def test_a_file_is_as_old_as_its_oldest_part():
    """The sheet of structures may be older than that of services beside it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, day, text in (("a", 20, STRUCTURES), ("b", 27, SERVICES), ("c", 1, "a picture")):
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, day, 4, 0, 0)), text.encode())
    assert read_recipients(buffer.getvalue(), [TOWN]).written_at == datetime(2026, 11, 20, 4)


def test_a_part_without_a_day_leaves_the_file_without_one():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, year, text in (("a", 1980, STRUCTURES), ("b", 2026, SERVICES)):
            archive.writestr(zipfile.ZipInfo(name, (year, 1, 1, 4, 0, 0)), text.encode())
    assert read_recipients(buffer.getvalue(), [TOWN]).written_at is None


# -- what is not understood ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("member", "code"),
    [
        (b"", "unknown_form"),
        (b"%PDF-1.7\x00", "unknown_form"),
        ("a;b\n1;2\n", "unknown_form"),
        ('{"structures": []}', "unknown_form"),
        ("<Annuaire><Ligne>1</Ligne></Annuaire>", "unknown_form"),
        (as_xml()[:-20], "unknown_form"),
        (SERVICES, "unknown_form"),
        ('<!DOCTYPE a [<!ENTITY e "x">]>' + as_xml().partition("?>")[2], "unknown_form"),
        ('<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a>&e;</a>', "unknown_form"),
        ("<a>" * 5000, "unknown_form"),
        ('<?xml version="1.0" encoding="klingon"?><a/>', "unknown_form"),
        ("x" * 600_000, "unknown_form"),
        (STRUCTURES + '"' + "x" * 200_000, "unknown_form"),
    ],
)
def test_what_is_not_understood_is_told(member, code):
    assert refusal(member) == code


@pytest.mark.parametrize("archive", [b"", b"%PDF", packed(STRUCTURES)[:-30], packed(STRUCTURES)[:60]])
def test_what_is_no_archive(archive):
    with pytest.raises(RecipientsUnreadable) as caught:
        read_recipients(archive, [TOWN])
    assert caught.value.code == "broken"


def test_a_damaged_member():
    archive = bytearray(packed(STRUCTURES * 50))
    archive[60] ^= 0xFF
    with pytest.raises(RecipientsUnreadable) as caught:
        read_recipients(bytes(archive), [TOWN])
    assert caught.value.code in ("broken", "unknown_form")


def test_names_of_members_that_are_no_letters():
    named = io.BytesIO()
    with zipfile.ZipFile(named, "w") as archive:
        archive.writestr("\u00e9.csv", STRUCTURES)
    for archive in (
        named.getvalue().replace(b"\xc3\xa9", b"\xc3\x28"),
        # In the member's own header alone.
        named.getvalue().replace(b"\xc3\xa9", b"\xc3\x28", 1),
    ):
        with pytest.raises(RecipientsUnreadable, match="broken"):
            read_recipients(archive, (TOWN,))


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_packing_that_reserves_memory_by_itself_is_not_opened(packing):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", packing) as opened:
        opened.writestr("list.csv", STRUCTURES)
    with pytest.raises(RecipientsUnreadable, match="packing"):
        read_recipients(archive.getvalue(), (TOWN,))


@given(
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA]),
    st.lists(st.tuples(st.integers(-150, 150), st.integers(0, 255)), min_size=1, max_size=4),
)
def test_a_zip_that_is_damaged_anywhere_is_read_or_refused(packing, damages):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as opened:
        opened.writestr("liste_\u00e9.csv", STRUCTURES)
    archive = bytearray(buffer.getvalue())
    for place, byte in damages:
        archive[place] = byte
    with suppress(RecipientsUnreadable):
        read_recipients(bytes(archive), (TOWN,))


def test_what_unpacks_to_more_than_anybody_lists(monkeypatch):
    monkeypatch.setattr(recipients, "MAX_BYTES", 10**6)
    assert refusal(STRUCTURES + (" " * 60_000 + "\n") * 20) == "too_large"
    assert refusal(*[STRUCTURES] * 51) == "too_large"
    monkeypatch.setattr(recipients, "MAX_SERVICES", 10)
    rows = "".join(f"{TOWN};x;S{number};x;true;true;x\n" for number in range(11))
    assert refusal(STRUCTURES, SERVICES + rows) == "too_large"


def test_reading_ends_when_time_is_up():
    answers = iter([True, False])
    assert refusal(STRUCTURES, SERVICES, go_on=lambda: next(answers)) == "out_of_time"


# -- anything at all ----------------------------------------------------------------------------------

words = st.text(max_size=40)
cells = st.one_of(words, st.sampled_from(["true", "false", "OUI", TOWN, SCHOOL, "", '"', ";"]))
columns = st.sampled_from(
    [*STRUCTURES.partition("\r")[0].split(";"), *SERVICES.partition("\r")[0].split(";"), "x", ""]
)


@given(st.lists(st.binary(max_size=300), max_size=4))
def test_any_bytes_are_read_or_refused(members):
    with suppress(RecipientsUnreadable):
        read(*members)
    with suppress(RecipientsUnreadable):
        read_recipients(b"".join(members), [TOWN])


@given(
    st.lists(columns, min_size=1, max_size=8),
    st.lists(st.lists(cells, max_size=9), max_size=8),
    st.booleans(),
)
def test_any_table_is_read_or_refused(header, rows, as_elements):
    if as_elements:
        lines = (elements({"S": elements({name or "y": "x" for name in header})}) for _row in rows)
        text = f"<a>{''.join(lines)}</a>"
    else:
        text = "\n".join(";".join(row) for row in [header, *rows])
    with suppress(RecipientsUnreadable):
        found = read(text.encode("utf-8", "replace"))
        assert set(found.structures) <= {TOWN, SCHOOL}


flags = st.sampled_from(
    [("true", True), ("false", False), ("OUI", True), ("non", False), ("?", None), ("", None)]
)


@given(
    st.dictionaries(
        st.integers(0, 10**13).map(lambda number: f"{number:014}"),
        # An element of which nothing is told is no structure.
        st.tuples(flags, flags, flags, st.text(alphabet="abcdé ÈÇ-'", max_size=20)).filter(
            lambda said: said[3].strip() or any(word for word, _flag in said[:3])
        ),
        min_size=1,
        max_size=20,
    ),
    st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
    st.booleans(),
)
def test_what_was_written_is_read(structures, encoding, as_elements):
    names = ("Identifiant", "StructureActive", "GestionService", "GestionEngagement", "RaisonSociale")
    rows = [
        dict(zip(names, (siret, *(word for word, _flag in said[:3]), said[3]), strict=True))
        for siret, said in structures.items()
    ]
    if as_elements:
        text = f"<a>{''.join(elements({'S': elements(row)}) for row in rows)}</a>"
    else:
        text = "\n".join([";".join(names), *(";".join(row.values()) for row in rows)])
    found = read(text.encode(encoding), wanted=structures)
    assert {
        siret: ((listed.active, listed.needs_service, listed.needs_engagement), listed.name)
        for siret, listed in found.structures.items()
    } == {
        siret: (tuple(flag for _word, flag in said[:3]), " ".join(said[3].split()))
        for siret, said in structures.items()
    }


# -- size ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "xml"])
def test_memory_grows_with_what_is_asked_about_and_not_with_the_file(form):
    header, row, *_rest = STRUCTURES.splitlines()
    sirets = [f"{number:014}" for number in range(50_000)]
    if form == "csv":
        text = "\n".join([header, *(row.replace(TOWN, siret) for siret in sirets)])
    else:
        names = ("Identifiant", "RaisonSociale", "GestionService", "GestionEngagement", "StructureActive")
        row = dict(zip(header.split(";"), row.split(";"), strict=True))
        block = elements({name: row[name] for name in names})
        text = f"<a>{''.join(f'<S>{block.replace(TOWN, siret)}</S>' for siret in sirets)}</a>"
    archive = packed(text)
    del text
    tracemalloc.start()
    found = read_recipients(archive, sirets[:300])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (found.counted, len(found.structures)) == (50_000, 300)
    assert peak < 4 * 2**20, f"{peak / 2**20:.1f} MB"


def test_the_day_after_tomorrow_is_no_day_on_which_a_file_was_made():
    later = date.today() + timedelta(days=2)
    assert read_recipients(packed(STRUCTURES, day=later.timetuple()[:3]), [TOWN]).written_at is None
