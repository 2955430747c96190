"""The main job as one moving picture, composed of the pictures of docs/: from the click to the payment."""

from PIL import Image

# In the order in which an invoice meets them.
STEPS = ("send", "deposits", "invoices", "complete", "invoice-paid")
NAME = "story.gif"
_WIDTH = 960
_COLOURS = 96
_MILLISECONDS = 2800


def compose(folder):
    """Write ``story.gif`` from the pictures of the steps in a folder.

    :param pathlib.Path folder: with STEP.png for each of ``STEPS``
    """
    frames = []
    for step in STEPS:
        with Image.open(folder / f"{step}.png") as picture:
            height = round(picture.height * _WIDTH / picture.width)
            small = picture.convert("RGB").resize((_WIDTH, height), Image.Resampling.LANCZOS)
            frames.append(small.quantize(_COLOURS, dither=Image.Dither.NONE))
    frames[0].save(
        folder / NAME, save_all=True, append_images=frames[1:], duration=_MILLISECONDS, loop=0, optimize=True
    )
