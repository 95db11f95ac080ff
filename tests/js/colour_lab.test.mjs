// The colour lab's arithmetic, on numbers that are small enough to check by hand.
import assert from "node:assert/strict";
import test from "node:test";

globalThis.document = {};
const { distinct, turned } = await import("../../kmeans_teach/lessons/colour_lab.mjs");

test("each colour comes once, in the order of its first pixel, whatever its alpha", () => {
  const rgba = Uint8ClampedArray.of(
    9,
    0,
    0,
    255,
    1,
    2,
    3,
    255,
    9,
    0,
    0,
    7,
    255,
    255,
    255,
    255,
    0,
    0,
    0,
    255,
  );
  const { colors, which } = distinct(rgba);
  assert.deepEqual([...colors], [9, 0, 0, 1, 2, 3, 255, 255, 255, 0, 0, 0]);
  assert.deepEqual([...which], [0, 1, 0, 2, 3]);
});

test("seen from the front red goes right and green up; from above blue goes up; depth is the third", () => {
  const round = list => list.map(v => Math.round(v * 1000) / 1000 + 0);
  assert.deepEqual(round(turned([255, 0, 0], [0, 0])), [1, -1, -1]);
  assert.deepEqual(round(turned([0, 255, 255], [0, 0])), [-1, 1, 1]);
  assert.deepEqual(round(turned([255, 0, 255], [0, Math.PI / 2])), [1, 1, 1]);
  assert.deepEqual(round(turned([255, 0, 0], [Math.PI / 2, 0])).slice(0, 2), [1, -1]);
  assert.deepEqual(round(turned([127.5, 127.5, 127.5], [1, 1])), [0, 0, 0]);
});

test("turning keeps lengths", () => {
  for (const angle of [
    [0.5, 0.35],
    [2, -1.2],
  ]) {
    assert.ok(Math.abs(Math.hypot(...turned([255, 0, 255], angle)) - Math.sqrt(3)) < 1e-12);
  }
});
