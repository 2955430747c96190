"""The addon in a folder of another name: refused at once, in words, with nothing installed."""

from lib import paths
from lib.machine import processes
from lib.server import databases, odoo


def test_a_folder_of_another_name_is_refused_with_the_reason(environment, tmp_path):
    (tmp_path / "chorus_pro").symlink_to(paths.ROOT)
    path = ",".join([*environment.odoo.addons, str(tmp_path)])
    with databases.temporary(environment, "folder") as database:
        args = ["-d", database, "--addons-path", path, "--no-http", "-i", "chorus_pro", "--stop-after-init"]
        with processes.Process(odoo.command(environment, args), "folder") as run:
            status = run.wait(300)
            text = run.text()
        states = databases.sql(database, "SELECT state FROM ir_module_module WHERE name = 'chorus_pro'")
    assert status != 0
    assert "must be named l10n_fr_chorus_pro (not chorus_pro)" in text
    assert states != ["installed"]
