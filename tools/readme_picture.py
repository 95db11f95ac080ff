"""Make docs/player.gif, the moving picture of the README: ``python -m tools.readme_picture``.

It opens the page that ``Player.save`` writes in Chromium and steps through the run.
"""

import io
import shutil
import sys
import tempfile
from pathlib import Path

import pandas as pd
from PIL import Image
from playwright.sync_api import sync_playwright

from kmeans_teach import Player

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def screens(page):
    """Yield (picture, milliseconds to show it)."""
    canvas, root = page.locator(".kmt-points"), page.locator(".kmt")

    def shot():
        page.wait_for_timeout(350)
        return Image.open(io.BytesIO(root.screenshot())).convert("RGB")

    yield shot(), 1500
    canvas.focus()
    for _ in range(19):
        page.keyboard.press("ArrowRight")
        yield shot(), 700
    page.keyboard.press("End")
    yield shot(), 2500


def main():
    """Write the picture and say how large it is."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit(f"no browser found ({', '.join(BROWSERS)}): install Chromium first")
    blobs = pd.read_csv(ROOT / "data" / "kmeans_blobs.csv")
    player = Player(blobs[["x", "y"]], blobs[["x", "y"]].to_numpy()[:4], height=380)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = player.save(Path(folder) / "run.html")
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 960, "height": 620}, color_scheme="light")
        page.goto(path.as_uri())
        pictures, durations = zip(*screens(page), strict=True)
        chromium.close()
    palette = pictures[-1].quantize(96)
    frames = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    target = ROOT / "docs" / "player.gif"
    frames[0].save(target, save_all=True, append_images=frames[1:], duration=durations, loop=0)
    print(f"{target.name}: {len(frames)} pictures, {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
