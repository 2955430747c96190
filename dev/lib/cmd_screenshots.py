"""`dev/screenshots [NAME ...]`: plays the demo and takes the documentation's pictures of the real screens.

They go to docs/images/NAME.png in English, to docs/images/fr/NAME.png in French, some to the store's page
(static/description) too; without names, all of them. story.gif shows the main job, composed of five of them.
`--axe FILE` asks axe-core about each screen too, and fails for what it names of ours.
"""

import argparse
import contextlib
import dataclasses
import shutil
import tempfile
from pathlib import Path

from PIL import Image

from . import console, paths
from .demo import axe, demo_scenario, screens, screens_beyond, story
from .machine import postgres
from .server import stage
from .server.browser import Browser

_FOLDERS = {"en_US": ".", "fr_FR": "fr"}
# Shown by the store's page too.
_STORE = {"connection", "invoice-suspended", "send"}
# Tabs and notices fade in and out.
_SETTLED = """
!document.querySelector('.o_notification_fade-leave')
&& !document.getAnimations().some(one => one instanceof CSSTransition && one.playState === 'running')
"""


def main(environment, args):
    """Take the pictures that `args` ask for; returns the exit status."""
    parser = argparse.ArgumentParser(
        "dev/screenshots", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(screens_beyond.PICTURES)}", default=[]
    )
    parser.add_argument("--lang", choices=list(_FOLDERS), help="in this language only")
    parser.add_argument("--to", default=paths.ROOT / "docs" / "images", type=Path, help="folder")
    parser.add_argument("--axe", type=Path, metavar="FILE", help="axe.min.js of axe-core")
    options = parser.parse_args(args)
    unknown = set(options.names) - set(screens_beyond.PICTURES)
    if unknown:
        parser.error(f"unknown picture: {', '.join(sorted(unknown))}")
    languages = [options.lang] if options.lang else list(_FOLDERS)
    wanted = [name for name in screens_beyond.PICTURES if not options.names or name in options.names]
    failed = []
    with postgres.server():
        for language in languages:
            camera = _Camera(language, options.to / _FOLDERS[language], options.axe)
            failed += _play(environment, wanted, camera)
    if "en_US" in languages:
        for name in set(wanted) & _STORE:
            shutil.copy(options.to / f"{name}.png", paths.ROOT / "static" / "description")
    for language in languages if set(wanted) & set(story.STEPS) else ():
        story.compose(options.to / _FOLDERS[language])
    for name in failed:
        console.error(f"No good picture: {name}")
    return 1 if failed else 0


@dataclasses.dataclass
class _Camera:
    """What all pictures of one language have in common; ``axe`` is the file of axe-core, or None."""

    language: str
    folder: Path
    axe: Path | None


def _play(environment, wanted, camera):
    """Play the demo among people of one language, and take their pictures; returns what failed."""
    failed = []
    beyond = [name for name in wanted if name in screens_beyond.BEYOND]
    story_names = [name for name in wanted if name not in beyond]

    def take(scene, *, before_send):
        names = [name for name in story_names if screens.PICTURES[name].before_send == before_send]
        failed.extend(_take_all(scene, names, camera))

    if story_names:
        with _speaking(environment, camera) as scene:
            demo_scenario.play(scene, before_send=lambda _moves: take(scene, before_send=True))
            screens.play_on(scene)
            take(scene, before_send=False)
    if beyond:
        with _speaking(environment, camera) as scene:
            screens_beyond.prepare(scene)
            failed += _take_all(scene, beyond, camera)
    return failed


@contextlib.contextmanager
def _speaking(environment, camera):
    """A fresh stage whose people read one language."""
    with (
        tempfile.TemporaryDirectory(dir=paths.work()) as work,
        stage.fresh_stage(environment, "shots", Path(work)) as scene,
    ):
        admin = scene.login()
        users = admin.call("res.users", "search", [("share", "=", False)])
        admin.call("res.users", "write", users, {"lang": camera.language})
        yield scene


def _take_all(scene, names, camera):
    """Take the pictures in one language, each person in a browser of their own; returns what failed."""
    admin = scene.login()
    company, menu = admin.ref("base.demo_company_fr"), admin.ref("account.menu_finance")
    failed = []
    with contextlib.ExitStack() as stack:
        browsers = {}
        for name in names:
            picture = screens_beyond.PICTURES[name]
            if picture.login not in browsers:
                browser = stack.enter_context(Browser(language=camera.language.replace("_", "-")))
                password = {"admin": "admin", **demo_scenario.USERS}[picture.login]
                browser.log_in(scene.server.url, picture.login, password, company)
                browser.wait_for(".o_action_manager > *", 60)
                browsers[picture.login] = browser
            with console.step(f"Picture {name}, {camera.language}"):
                browser = browsers[picture.login]
                # The bar above shows the accounting app, as when one came by its menu.
                browser.run(f"sessionStorage.setItem('menu_id', {menu})")
                if not _take(scene, picture, browser, camera.folder / f"{name}.png", camera.axe):
                    failed.append(f"{name}, {camera.language}")
    return failed


def _take(scene, picture, browser, path, axe_file):
    """Take one picture; returns whether its page had no error."""
    browser.errors.clear()
    browser.resize(*picture.size)
    try:
        picture.show(scene, browser)
        if not picture.notices:
            browser.run("document.querySelectorAll('.o_notification_close').forEach(cross => cross.click())")
        browser.wait(_SETTLED)
    except console.Stop as stop:
        browser.errors.append(str(stop))
    browser.screenshot(path)
    _make_small(path)
    if axe_file:
        browser.errors += axe.look(browser, axe_file.read_text())
    for error in browser.errors:
        console.error(error)
    return not browser.errors


def _make_small(path):
    """Keep 256 colours: a screen has few, and the file is a third of what it was."""
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
