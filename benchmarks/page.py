"""A real JupyterLab in headless Chromium, with a clock in the page.

A listener in the page sees the trusted key press or pointer move before anybody else. From then on
every picture of the browser ends with a look at the pixels: a callback of requestAnimationFrame
posts a task, which runs after the browser has painted that picture, notes the time and compares the
pixels of the canvases (or the address of a finished image) with those from before. The time from
the event's own ``timeStamp`` to the first such task with other pixels counts. It holds the
browser's queue, the script, drawing and painting, and waiting for the next picture (up to 16.7 ms
at 60 a second); not the way to the glass.
"""

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from tests.browser.lab import ROOT, Lab, launch

CLOCK = """canvases => {
  const picture = () => new Promise(requestAnimationFrame);
  const pixels = () => {
    let sum = 0;
    for (const c of document.querySelectorAll(canvases)) {
      if (!c.width || !c.height) continue;
      const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height);
      for (const pixel of new Int32Array(data.buffer)) sum = (Math.imul(sum, 31) + pixel) | 0;
    }
    return sum;
  };
  window.bench = {
    picture, pixels,
    /** Waits until nothing changes any more, then times the next event of this kind. */
    async arm([look, event]) {
      const signature = bench[look];
      let before = signature();
      for (let still = 0; still < 4; still++) {
        await picture();
        const now = signature();
        if (now === null || now !== before) { before = now; still = -1; }
      }
      bench.result = new Promise(resolve => addEventListener(event, e => {
        if (!e.isTrusted) return;
        const channel = new MessageChannel();
        channel.port1.onmessage = () => {
          const shown = performance.now(), now = signature();
          if (now !== null && now !== before) resolve(shown - e.timeStamp);
          else requestAnimationFrame(ask);
        };
        const ask = () => channel.port2.postMessage(0);
        requestAnimationFrame(ask);
      }, { capture: true, once: true }));
    },
  };
}"""


@contextmanager
def opened():
    """Give a JupyterLab whose folder has the data, and an empty page."""
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        page = launch(playwright).new_page(viewport={"width": 1280, "height": 900})
        lab = Lab(Path(home))
        try:
            shutil.copytree(ROOT / "data", lab.folder / "data")
            yield lab, page
        finally:
            lab.stop()


def timed(page, act, look="pixels", event="keydown", wait=0.0):
    """Milliseconds from the event that ``act`` causes to other pixels."""
    page.evaluate("what => bench.arm(what)", [look, event])
    page.wait_for_timeout(wait)
    act()
    return page.evaluate("() => bench.result")


def quantiles(times):
    """Name the median and the 95th percentile."""
    return {"p50": float(np.quantile(times, 0.5)), "p95": float(np.quantile(times, 0.95))}
