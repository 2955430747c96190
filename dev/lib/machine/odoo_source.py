"""Where Odoo 19 comes from: `ODOO_HOME`, else an installed `odoo`, else Debian's package in the cache."""

import dataclasses
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from .. import console, paths

_PACKAGES = ("odoo-19", "libjs-jquery", "libjs-underscore", "libjs-jquery-form")
# Left out of Debian's package (not free), yet named by Odoo's bundles: its absence is a console error,
# and a console error fails every browser test.
_STUB = "odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"


@dataclasses.dataclass(frozen=True)
class Source:
    """One Odoo 19."""

    pythonpath: str
    """the folder in which `import odoo` works"""
    addons: tuple[str, ...]
    """folders of addons besides odoo/addons"""
    version: str
    """text that changes when the source changes (a key of the template databases)"""

    @property
    def dated(self):
        """The day of its translation template of `account`, as "2026-02-06"; "" when it has none.

        Odoo 19.0 has one number for all its days: what a run saw is known by this date only.
        """
        for addons in (*self.addons, f"{self.pythonpath}/odoo/addons"):
            template = Path(addons, "account", "i18n", "account.pot")
            if template.exists():
                found = re.search(
                    r"^\"POT-Creation-Date: (\d{4}-\d\d-\d\d)", template.read_text(), re.MULTILINE
                )
                return found[1] if found else ""
        return ""

    def __str__(self):
        return f"Odoo 19.0 of {self.dated or 'an unknown day'}"

    def program(self):
        """The path of Odoo's own script, or None; the websocket worker is started by it."""
        home = Path(self.pythonpath)
        places = [home / "odoo-bin", *(folder / "bin" / "odoo" for folder in home.parents[:3])]
        found = next((str(place) for place in places if place.is_file()), None)
        return found or shutil.which("odoo")


def find():
    """The Odoo 19 to use, or None when it still has to be downloaded."""
    named = os.environ.get("ODOO_HOME")
    if named:
        return _source(Path(named).expanduser().resolve(), f"ODOO_HOME={named}")
    return _installed() or _unpacked()


def is_ready():
    """Whether find() has an answer."""
    return find() is not None


def prepare():
    """Download and unpack Debian's package if there is no Odoo 19 yet."""
    if not is_ready():
        _download_and_unpack()


def _source(home, origin):
    release = next((p for p in (home / "odoo" / "release.py", home / "release.py") if p.exists()), None)
    if release is None:
        raise console.Stop(f"No Odoo in {home} ({origin}): there is no odoo/release.py")
    if home.name == "odoo" and release.parent == home:
        home = home.parent
    text = release.read_text()
    series = re.search(r"version_info = \((\d+), (\d+)", text)
    if not series or series.groups() != ("19", "0"):
        raise console.Stop(f"{home} ({origin}) is Odoo {series and '.'.join(series.groups())}, not 19.0")
    addons = home / "addons"
    separate = (addons / "account").exists() and not (home / "odoo/addons/account").exists()
    return Source(str(home), (str(addons),) if separate else (), f"{home}:{_commit(home)}")


def _commit(home):
    head = home / ".git"
    if not head.exists():
        return ""
    done = subprocess.run(["git", "-C", home, "rev-parse", "HEAD"], capture_output=True, text=True)
    return done.stdout.strip()


def _installed():
    """An `odoo` 19 that is importable on this machine, seen through a folder that holds nothing else."""
    for folder in ["/usr/lib/python3/dist-packages", *sys.path]:
        release = Path(folder or ".") / "odoo" / "release.py"
        if release.exists() and "version_info = (19, 0" in release.read_text():
            package = release.parent.resolve()
            view = paths.cache() / "installed" / paths.digest(str(package))
            view.mkdir(parents=True, exist_ok=True)
            if not (view / "odoo").is_symlink():
                (view / "odoo").symlink_to(package)
            return Source(str(view), (), str(package))
    return None


def _unpacked():
    trees = sorted(paths.cache().glob("odoo-19.*/usr/lib/python3/dist-packages"))
    if not trees or not (trees[-1] / _STUB).exists():
        return None
    return Source(str(trees[-1]), (), trees[-1].parents[3].name)


def _download_and_unpack():
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise console.Stop(_NO_ODOO.format(reason="This is not a Debian-like system (no apt-get)."))
    folder = paths.cache() / "downloads"
    folder.mkdir(exist_ok=True)
    with console.step("Downloading Odoo 19 (Debian's package odoo-19, 123 MB)"):
        files = _download(folder)
    version = next(p for p in files if p.name.startswith("odoo-19_")).name.split("_")[1]
    final = paths.cache() / f"odoo-{version}"
    if not final.exists():
        with console.step(f"Unpacking Odoo {version}"):
            fresh = paths.cache() / f".odoo-{version}.partial"
            shutil.rmtree(fresh, ignore_errors=True)
            for file in files:
                subprocess.run(["dpkg-deb", "-x", file, fresh], check=True)
            fresh.rename(final)
    stub = final / "usr/lib/python3/dist-packages" / _STUB
    stub.parent.mkdir(parents=True, exist_ok=True)
    stub.write_text("// Not in Debian's package: background blur of video calls.\n")


def _download(folder):
    """Fetch the packages of Debian's suite sid through this machine's apt; returns their paths."""
    present = [next(folder.glob(f"{name}_*.deb"), None) for name in _PACKAGES]
    if all(present):
        return present
    listing = folder / "sid.list"
    keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
    listing.write_text(f"deb [signed-by={keyring}] {_mirror()} sid main\n")
    (folder / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (folder / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    options = {
        "Dir::Etc::sourcelist": listing,
        "Dir::Etc::sourceparts": "-",
        "Dir::State::lists": folder / "lists",
        "Dir::Cache::archives": folder / "archives",
        "Dir::Cache::pkgcache": "",
        "Dir::Cache::srcpkgcache": "",
        "APT::Sandbox::User": "root",
    }
    flags = [arg for key, value in options.items() for arg in ("-o", f"{key}={value}")]
    for action in (["update", "-qq"], ["download", "-qq", *_PACKAGES]):
        done = subprocess.run(["apt-get", *flags, *action], cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise console.Stop(_NO_ODOO.format(reason=f"apt-get {action[0]}: {done.stderr.strip()[-1500:]}"))
    return [next(folder.glob(f"{name}_*.deb")) for name in _PACKAGES]


def _mirror():
    """The address of the Debian mirror that this machine already uses."""
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME)", "Created-By: Packages"]
    codename = re.search(r"^VERSION_CODENAME=(\w+)", Path("/etc/os-release").read_text(), re.MULTILINE)
    lines = subprocess.run(command, capture_output=True, text=True).stdout.split("\n")
    wanted = [line.split()[0] for line in lines if codename and line.endswith(f" {codename[1]}")]
    if not wanted:
        raise console.Stop(_NO_ODOO.format(reason="apt names no Debian mirror for this system's release."))
    return wanted[0]


_NO_ODOO = """Odoo 19 could not be fetched as Debian's package odoo-19 (suite sid).
   {reason}
   Other ways: ODOO_HOME=/path/to/an/odoo/checkout (branch 19.0), or an installed Python package `odoo` 19."""
