// Node's own runner over the k explorer's pure functions: the numbers are small enough to check by hand.
import assert from "node:assert/strict";
import test from "node:test";
import * as explorer from "../../kmeans_teach/widgets/k_explorer.mjs";

const list = rows => rows.map(row => [...row].map(v => Math.round(v * 1000) / 1000));

test("the arrays that crossed are cut into one entry for each k", () => {
  const runs = explorer.decode({
    info: { n: 3, k: [1, 2], inertia: [9, 1], silhouette: [null, 0.5], words: ["one", "two"] },
    centers: Float64Array.of(1, 2, 3, 4, 5, 6),
    labels: Uint8Array.of(0, 0, 0, 1, 0, 1),
    silhouettes: Float32Array.of(NaN, NaN, NaN, 0.9, -0.1, 0.7),
  });
  assert.deepEqual(runs.map(run => run.k), [1, 2]);
  assert.deepEqual(runs.map(run => run.centers), [[[1, 2]], [[3, 4], [5, 6]]]);
  assert.deepEqual([...runs[1].labels], [1, 0, 1]);
  assert.deepEqual(list(runs[1].bars), [[-0.1], [0.9, 0.7]]);
  assert.deepEqual([...runs[1].others], [1, -1, 1], "the point with a negative silhouette gets a ring");
  assert.deepEqual([...runs[0].others], [0, 0, 0]);
  assert.deepEqual([runs[1].mean, runs[1].inertia, runs[1].words], [0.5, 1, "two"]);
});

test("bars are sorted within each cluster, the largest first", () => {
  assert.deepEqual(list(explorer.barsOf([0.1, 0.5, -0.2, 0.3], [1, 0, 1, 1], 3)), [[0.5], [0.3, 0.1, -0.2], []]);
});

test("heights follow the counts, and small clusters keep room for their number", () => {
  assert.deepEqual(explorer.slots([1, 3], 100, 10), [25, 75]);
  assert.deepEqual(explorer.slots([1, 99], 100, 10), [10, 90]);
  assert.deepEqual(explorer.slots([100, 1, 1], 100, 13), [74, 13, 13]);
  assert.deepEqual(explorer.slots([5, 0], 100, 10), [90, 10]);
  const tight = explorer.slots([1, 1, 8], 30, 20);   // no room for 20 each: all alike
  assert.deepEqual(tight, [10, 10, 10]);
  for (const counts of [[5, 1, 1, 50], [7], [1, 1, 1], [300, 2, 40, 1, 1]]) {
    assert.ok(Math.abs(explorer.slots(counts, 200, 13).reduce((a, b) => a + b) - 200) < 1e-9);
  }
});

test("a click goes to the nearest k, also where some are left out", () => {
  const ks = [1, 2, 5, 9];
  assert.deepEqual([-3, 1.4, 1.6, 3.4, 3.6, 8, 99].map(x => explorer.nearestPlace(ks, x)), [0, 0, 1, 1, 2, 3, 3]);
});

test("the range of a curve takes in its errors and leaves out holes", () => {
  const [low, high] = explorer.rangeOf([null, 1, 2], [null, 0.5, 1]);
  assert.ok(low < 0.5 && low > 0 && high > 3 && high < 3.5);
  assert.equal(explorer.rangeOf([5, 9], [], true)[0], 0);
  assert.deepEqual(explorer.rangeOf([null, null]), [0, 1]);
  const [a, b] = explorer.rangeOf([4, 4]);
  assert.ok(a < 4 && b > 4);
});

test("large ticks stay short", () => {
  assert.deepEqual([0, 0.25, 2000, 20_000, 1_500_000].map(explorer.shortTick), ["0", "0.25", "2000", "20K", "1.5M"]);
});
