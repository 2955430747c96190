"""Which Odoo a run is made on, by its own date."""

from lib.machine import odoo_source


def source(tmp_path, header):
    template = tmp_path / "odoo" / "addons" / "account" / "i18n" / "account.pot"
    template.parent.mkdir(parents=True)
    template.write_text(f'msgid ""\nmsgstr ""\n{header}\n')
    return odoo_source.Source(str(tmp_path), (), "x")


def test_the_day_of_an_odoo_is_that_of_its_translation_template(tmp_path):
    found = source(tmp_path, '"POT-Creation-Date: 2026-07-03 17:35+0000\\n"')
    assert found.dated == "2026-07-03"
    assert str(found) == "Odoo 19.0 of 2026-07-03"


def test_addons_apart_count_first(tmp_path):
    inside = source(tmp_path / "inside", '"POT-Creation-Date: 2020-01-01 00:00+0000\\n"')
    apart = tmp_path / "addons" / "account" / "i18n" / "account.pot"
    apart.parent.mkdir(parents=True)
    apart.write_text('"POT-Creation-Date: 2026-07-03 17:35+0000\\n"\n')
    assert odoo_source.Source(inside.pythonpath, (str(tmp_path / "addons"),), "x").dated == "2026-07-03"


def test_an_odoo_without_a_date_says_so(tmp_path):
    assert str(source(tmp_path, "")) == "Odoo 19.0 of an unknown day"
    assert odoo_source.Source(str(tmp_path / "none"), (), "x").dated == ""
