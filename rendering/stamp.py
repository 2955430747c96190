"""A page that was only sent to the test environment says so, in letters that no font has to draw."""

import pikepdf

# Strokes of each letter on a grid 2 wide and 4 high.
STROKES = {
    "T": (((0, 4), (2, 4)), ((1, 4), (1, 0))),
    "E": (((2, 4), (0, 4)), ((0, 4), (0, 0)), ((0, 0), (2, 0)), ((0, 2), (1.6, 2))),
    "S": (((2, 4), (0, 4)), ((0, 4), (0, 2)), ((0, 2), (2, 2)), ((2, 2), (2, 0)), ((2, 0), (0, 0))),
}
ADVANCE = 3
RED = "0.85 0.2 0.2"
WIDTH_SHARE = 0.16  # of the page


def stamp_test(document: pikepdf.Pdf) -> None:
    """Draw the word TEST at the top of each page of an open document.

    Drawn with strokes in RGB over the page: nothing that PDF/A-3 forbids, no text that a reader could
    take for the invoice's.
    """
    for page in document.pages:
        box = [float(value) for value in page.mediabox]
        # What the page's own content does to the coordinates ends before the stamp.
        page.contents_add(pikepdf.Stream(document, b"q"), prepend=True)
        page.contents_add(pikepdf.Stream(document, b"Q " + _drawing(box)))


def _drawing(box: list[float]) -> bytes:
    left, _bottom, right, top = box
    unit = (right - left) * WIDTH_SHARE / (4 * ADVANCE - 1)
    x, y = (left + right) / 2 - unit * (4 * ADVANCE - 1) / 2, top - 6 * unit
    parts = ["q", f"{RED} RG", f"{unit * 0.6:.2f} w", "1 J 1 j"]
    for position, letter in enumerate("TEST"):
        for (x1, y1), (x2, y2) in STROKES[letter]:
            ox = x + position * ADVANCE * unit
            parts.append(
                f"{ox + x1 * unit:.2f} {y + y1 * unit:.2f} m {ox + x2 * unit:.2f} {y + y2 * unit:.2f} l S"
            )
    return "\n".join([*parts, "Q"]).encode()
