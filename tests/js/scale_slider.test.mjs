// The scale slider's pure functions, with numbers small enough to check by hand.
import assert from "node:assert/strict";
import test from "node:test";
import * as scale from "../../kmeans_teach/widgets/scale_slider.mjs";

const f = (...values) => Float64Array.from(values);
const near = (a, b, tolerance = 1e-12) => assert.ok(Math.abs(a - b) <= tolerance, `${a} is not ${b}`);
// a rectangle of 1 by 4: k-means halves its long side, which is y until x is stretched by more than 4
const RECTANGLE = f(0, 0, 0, 4, 1, 0, 1, 4);
const groups = labels => new Set([...new Set(labels)].map(j => [...labels.keys()].filter(i => labels[i] === j).join()));

test("stretching multiplies one axis and leaves the other", () => {
  assert.deepEqual([...scale.stretched(f(1, 2, 3, 4), 0, 10)], [10, 2, 30, 4]);
  assert.deepEqual([...scale.stretched(f(1, 2, 3, 4), 1, 0.5)], [1, 1, 3, 2]);
});

test("the longer side is halved, whichever it is at this factor", () => {
  const base = scale.cluster(RECTANGLE, 2, 0, 1, 0);
  assert.deepEqual(groups([...base.labels]), new Set(["0,2", "1,3"]));
  assert.equal(base.inertia, 1);
  const still = scale.cluster(RECTANGLE, 2, 0, 3.9, 0, base);
  assert.deepEqual([...still.labels], [...base.labels]);
  const swung = scale.cluster(RECTANGLE, 2, 0, 8, 0, base);
  assert.deepEqual(groups([...swung.labels]), new Set(["0,1", "2,3"]));
  assert.equal(swung.inertia, 16);
  assert.deepEqual([...swung.centers].sort(), [0, 1, 2, 2]);   // in the units of the data
});

test("a start that ends higher does not win", () => {
  // at factor 8 the stretched centres of factor 1 are stuck at inertia 64; the draws find 16
  const base = scale.cluster(RECTANGLE, 2, 0, 1, 0);
  assert.equal(scale.cluster(RECTANGLE, 2, 0, 8, 0, base).inertia, 16);
  for (let seed = 0; seed < 20; seed++) assert.equal(scale.cluster(RECTANGLE, 2, 0, 8, seed, base).inertia, 16);
});

test("the other axis by the reciprocal gives the same clusters", () => {
  const X = Float64Array.from({ length: 200 }, (_, i) => Math.sin(12.9 * i * i + i) * (i % 2 ? 3 : 1));
  const base = scale.cluster(X, 4, 0, 1, 0), one = scale.cluster(X, 4, 0, 4, 0, base), other = scale.cluster(X, 4, 1, 0.25, 0, base);
  assert.deepEqual([...one.labels], [...other.labels]);
  near(one.inertia, 16 * other.inertia, 1e-9);
});

test("numbers follow the clusters that they agree with", () => {
  const base = { labels: [0, 0, 0, 1, 1, 2], centers: f(0, 0, 5, 5, 9, 9) };
  const found = { labels: Uint16Array.of(2, 2, 2, 0, 0, 1), centers: f(5, 5, 9, 9, 0, 1), inertia: 3 };
  const made = scale.renumbered(found, base, 3);
  assert.deepEqual([...made.labels], [0, 0, 0, 1, 1, 2]);
  assert.deepEqual([...made.centers], [0, 1, 5, 5, 9, 9]);
  assert.equal(made.inertia, 3);
});

test("among equally good numbers the centres move least", () => {
  const base = { labels: [0, 0, 1, 1], centers: f(0, 0, 0, 10) };
  const made = scale.renumbered({ labels: Uint16Array.of(0, 1, 0, 1), centers: f(0, 9, 0, 1), inertia: 0 }, base, 2);
  assert.deepEqual([...made.labels], [1, 0, 1, 0]);
});

test("the Hungarian method finds the best of all permutations", () => {
  const all = n => n ? all(n - 1).flatMap(p => Array.from({ length: n }, (_, at) => [...p.slice(0, at), n - 1, ...p.slice(at)])) : [[]];
  for (let round = 0; round < 60; round++) {
    const n = 1 + round % 6, profit = Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (_, j) => Math.floor(30 * Math.abs(Math.sin(7 * round + 3 * i * i + 5 * j * j * j)))));
    const sum = p => p.reduce((total, j, i) => total + profit[i][j], 0), best = Math.max(...all(n).map(sum)), found = scale.bestPairs(profit);
    assert.equal(new Set(found).size, n);
    near(sum(found), best, 1e-9);
  }
});

test("the adjusted Rand index is 1 for the same clusters, by hand in between, and 0 for one cluster", () => {
  assert.equal(scale.adjustedRand([0, 0, 1, 1], [1, 1, 0, 0]), 1);
  // pairs together in both: 1; in one: 2, in the other: 3; of 6: (1 - 1) / (2.5 - 1)
  near(scale.adjustedRand([0, 0, 1, 1], [0, 0, 0, 1]), 0);
  near(scale.adjustedRand([0, 0, 1, 1], [0, 1, 0, 1]), -0.5);
  assert.equal(scale.adjustedRand([0, 0, 0], [0, 1, 1]), 0);
  assert.equal(scale.adjustedRand([0, 0], [0, 0]), 1);
});

test("shares of the squared distances go with the square of the factor", () => {
  assert.deepEqual(scale.shares([1, 2], 0, 1), [0.2, 0.8]);
  assert.deepEqual(scale.shares([1, 2], 0, 2), [0.5, 0.5]);
  assert.deepEqual(scale.shares([1, 2], 1, 1.5), [0.1, 0.9]);
});

test("neighbours have nobody in the circle over their line", () => {
  assert.deepEqual(scale.neighbours([[0, 0], [2, 0], [5, 0]]), [[0, 1], [1, 2]]);
  assert.deepEqual(scale.neighbours([[0, 0], [4, 0], [2, 3]]), [[0, 1], [0, 2], [1, 2]]);
  assert.deepEqual(scale.neighbours([[0, 0], [4, 0], [2, 1]]), [[0, 2], [1, 2]]);
  assert.deepEqual(scale.neighbours([[1, 1], [1, 1]]), []);
});

test("steps of the slider: 50 to a factor of ten, 1 among them, exact ends", () => {
  assert.equal(scale.toFactor(0.4, [0.1, 10]), 1);
  near(scale.toFactor(10, [0.1, 10]), 10 ** 0.2);
  assert.equal(scale.toFactor(50, [0.1, 10]), 10);
  assert.equal(scale.toFactor(-130, [0.003, 10]), 0.003);
  assert.equal(scale.toFactor(4, [0.5, 1.17]), 1.17);
});

test("from between two steps an arrow goes to the next one, and always on", () => {
  assert.equal(scale.nextStep(1, 1), 1);
  assert.equal(scale.nextStep(1, -10), -10);
  const between = 10 ** (2.5 / 50);
  assert.equal(scale.nextStep(between, 1), 3);
  assert.equal(scale.nextStep(between, -1), 2);
});

test("numbers in words", () => {
  assert.deepEqual([1, 2.5118864, 0.0033809, 887.32].map(scale.factorText), ["1", "2.51", "0.00338", "887"]);
  assert.deepEqual([0.996, 0.5, 1, 0.99996, 0.00004, 0].map(scale.percent), ["99.6 %", "50.0 %", "100.0 %", "over 99.9 %", "under 0.1 %", "0.0 %"]);
});

test("the sentence says where the slider is, who moved and who rules the distances", () => {
  const now = { names: ["age", "money"], axis: 1, factor: 10, same: 0.02, n: 300, moved: 57, share: [0.004, 0.996], inertia: 1234.5, agreement: null };
  assert.equal(scale.words(now), "Stretched (money × 10): 57 of 300 points are in another cluster than at factor 1. money makes up 99.6 % of all squared distances. Inertia 1235 in stretched units.");
  assert.match(scale.words({ ...now, factor: 0.5 }), /^Shrunk \(money × 0.5\)/);
  assert.match(scale.words({ ...now, moved: 1, agreement: 0.587 }), /: 1 of 300 points is in .* adjusted Rand index 0\.59\.$/);
  assert.match(scale.words({ ...now, factor: 0.02, share: [0.5, 0.5] }), /^Same spread \(money × 0.02\): .*Both columns make up half of all squared distances\./);
  assert.match(scale.words({ ...now, factor: 1, moved: 0 }), /^As given \(factor 1\): the clusters to compare with\. money makes/);
});
