"""Make the moving pictures of the README in docs: ``python -m tools.readme_picture``.

It opens the pages that widgets save in Chromium and steps through them.
"""

import io
import tempfile
from pathlib import Path

import pandas as pd
from PIL import Image
from playwright.sync_api import sync_playwright

from kmeans_teach import FailureLab, Player
from tests.browser.lab import ROOT, launch


def player():
    """Four centres that find four groups."""
    X = pd.read_csv(ROOT / "data" / "kmeans_blobs.csv")[["x", "y"]]
    return Player(X, X.to_numpy()[:4], height=380)


def failure_lab():
    """Two moons under more and more noise."""
    lab = FailureLab("moons", "spectral", height=270)
    lab.noise = 0
    return lab


# the widget, what of its page is shown, the page's height, its steps, and milliseconds for each
MOVIES = {
    "player": (player, {}, 620, 20, 700),
    "failure_lab": (failure_lab, {"everything": False}, 720, 6, 1100),
}


def screens(page, steps):
    """Yield a picture of the widget after each step."""
    page.locator(".kmt-scrub").first.focus()
    for step in range(steps + 1):
        if step:
            page.keyboard.press("ArrowRight")
        page.wait_for_timeout(350)
        yield Image.open(io.BytesIO(page.locator(".kmt").screenshot())).convert("RGB")


def main():
    """Write the pictures and say how large they are."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = launch(playwright)
        for name, (make, look, height, steps, pause) in MOVIES.items():
            page = browser.new_page(viewport={"width": 960, "height": height})
            page.goto(make().save(Path(folder) / f"{name}.html", **look).as_uri())
            pictures = list(screens(page, steps))
            palette = pictures[-1].quantize(96)
            first, *rest = (p.quantize(palette=palette, dither=Image.Dither.NONE) for p in pictures)
            durations = [1500, *[pause] * (steps - 1), 2500]
            target = ROOT / "docs" / f"{name}.gif"
            first.save(target, save_all=True, append_images=rest, duration=durations, loop=0)
            size = target.stat().st_size / 1000
            print(f"{target.name}: {len(pictures)} pictures, {size:.0f} kB")


if __name__ == "__main__":
    main()
