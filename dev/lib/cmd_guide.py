"""`dev/guide`: makes the pages of static/guide from the guides in docs/, for reading inside Odoo."""

from . import console, paths
from .texts import guide_page


def main(environment, args):
    """Write the pages; returns the exit status."""
    folder = paths.ROOT / "static" / "guide"
    folder.mkdir(parents=True, exist_ok=True)
    for source in sorted((paths.ROOT / "docs").glob("guide_*.md")):
        page = folder / f"{source.stem}.html"
        page.write_text(guide_page.page(source.read_text(), source.stem.removeprefix("guide_")))
        console.say(f"{page.relative_to(paths.ROOT)}")
    return 0
