"""`dev/screenshots [NAME ...]`: plays the demo and takes the documentation's pictures of the real screens.

They go to docs/images/NAME.png in English, to docs/images/fr/NAME.png in French, some to the store's page
(static/description) too; without names, all of them. story.gif shows the main job, composed of five of them.
"""

import argparse
import contextlib
import shutil
import tempfile
from pathlib import Path

from PIL import Image

from . import console, paths
from .demo import demo_scenario, screens, story
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
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(screens.PICTURES)}", default=[]
    )
    parser.add_argument("--lang", choices=list(_FOLDERS), help="in this language only")
    parser.add_argument("--to", default=paths.ROOT / "docs" / "images", type=Path, help="folder")
    options = parser.parse_args(args)
    unknown = set(options.names) - set(screens.PICTURES)
    if unknown:
        parser.error(f"unknown picture: {', '.join(sorted(unknown))}")
    languages = [options.lang] if options.lang else list(_FOLDERS)
    wanted = [name for name in screens.PICTURES if not options.names or name in options.names]
    failed = []
    with postgres.server():
        for language in languages:
            failed += _play(environment, wanted, language, options.to / _FOLDERS[language])
    if "en_US" in languages:
        for name in set(wanted) & _STORE:
            shutil.copy(options.to / f"{name}.png", paths.ROOT / "static" / "description")
    for language in languages if set(wanted) & set(story.STEPS) else ():
        story.compose(options.to / _FOLDERS[language])
    for name in failed:
        console.error(f"No good picture: {name}")
    return 1 if failed else 0


def _play(environment, wanted, language, folder):
    """Play the demo among people of one language, and take their pictures; returns what failed."""
    failed = []
    with (
        tempfile.TemporaryDirectory(dir=paths.work()) as work,
        stage.fresh_stage(environment, "shots", Path(work)) as scene,
    ):
        admin = scene.login()
        users = admin.call("res.users", "search", [("share", "=", False)])
        admin.call("res.users", "write", users, {"lang": language})

        def take(before_send):
            names = [name for name in wanted if screens.PICTURES[name].before_send == before_send]
            if names:
                failed.extend(_take_all(scene, names, language, folder))

        demo_scenario.play(scene, before_send=lambda _moves: take(True))
        screens.play_on(scene)
        take(False)
    return failed


def _take_all(scene, names, language, folder):
    """Take the pictures in one language, each person in a browser of their own; returns what failed."""
    admin = scene.login()
    company, menu = admin.ref("base.demo_company_fr"), admin.ref("account.menu_finance")
    failed = []
    with contextlib.ExitStack() as stack:
        browsers = {}
        for name in names:
            picture = screens.PICTURES[name]
            if picture.login not in browsers:
                browser = stack.enter_context(Browser(language=language.replace("_", "-")))
                password = {"admin": "admin", **demo_scenario.USERS}[picture.login]
                browser.log_in(scene.server.url, picture.login, password, company)
                browser.wait_for(".o_action_manager > *", 60)
                browsers[picture.login] = browser
            with console.step(f"Picture {name}, {language}"):
                browser = browsers[picture.login]
                # The bar above shows the accounting app, as when one came by its menu.
                browser.run(f"sessionStorage.setItem('menu_id', {menu})")
                if not _take(scene, picture, browser, folder / f"{name}.png"):
                    failed.append(f"{name}, {language}")
    return failed


def _take(scene, picture, browser, path):
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
    for error in browser.errors:
        console.error(error)
    return not browser.errors


def _make_small(path):
    """Keep 256 colours: a screen has few, and the file is a third of what it was."""
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
