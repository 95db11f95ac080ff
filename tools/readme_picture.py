"""Make the moving pictures of the README in docs: ``python -m tools.readme_picture``.

It opens the pages that widgets save in Chromium and steps through them.
"""

import io
import shutil
import sys
import tempfile
from pathlib import Path

import pandas as pd
from PIL import Image
from playwright.sync_api import sync_playwright

from kmeans_teach import FailureLab, Player

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def player():
    """Four centres that find four groups."""
    blobs = pd.read_csv(ROOT / "data" / "kmeans_blobs.csv")
    return Player(blobs[["x", "y"]], blobs[["x", "y"]].to_numpy()[:4], height=380)


def failure_lab():
    """Two moons under more and more noise."""
    lab = FailureLab("moons", "spectral", height=270)
    lab.noise = 0
    return lab


# the widget, the height of its page, how many steps it has, and milliseconds for each
MOVIES = {"player": (player, 620, 20, 700), "failure_lab": (failure_lab, 720, 6, 1100)}


def screens(page, steps, pause):
    """Yield (picture, milliseconds to show it)."""

    def shot():
        page.wait_for_timeout(350)
        return Image.open(io.BytesIO(page.locator(".kmt").screenshot())).convert("RGB")

    yield shot(), 1500
    page.locator(".kmt-scrub").first.focus()
    for step in range(steps):
        page.keyboard.press("ArrowRight")
        yield shot(), pause if step < steps - 1 else 2500


def main():
    """Write the pictures and say how large they are."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit(f"no browser found ({', '.join(BROWSERS)}): install Chromium first")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        for name, (make, height, steps, pause) in MOVIES.items():
            widget, page = make(), Path(folder) / f"{name}.html"
            look = {} if name == "player" else {"everything": False}
            view = chromium.new_page(viewport={"width": 960, "height": height})
            view.goto(widget.save(page, **look).as_uri())
            pictures, durations = zip(*screens(view, steps, pause), strict=True)
            palette = pictures[-1].quantize(96)
            frames = [one.quantize(palette=palette, dither=Image.Dither.NONE) for one in pictures]
            target = ROOT / "docs" / f"{name}.gif"
            more = {"append_images": frames[1:], "duration": durations, "loop": 0}
            frames[0].save(target, save_all=True, **more)
            size = target.stat().st_size / 1000
            print(f"{target.name}: {len(frames)} pictures, {size:.0f} kB")
        chromium.close()


if __name__ == "__main__":
    main()
