// Node's own runner over what the seeding player computes and says; tests/test_seeding_player.py holds the draws to Python.
import assert from "node:assert/strict";
import test from "node:test";
import * as core from "../../kmeans_teach/widgets/core.mjs";
import * as seeding from "../../kmeans_teach/widgets/seeding_player.mjs";

const f = (...values) => Float64Array.from(values);
const X = f(0, 1, 8, 9);
const phases = (strategy, k) => seeding.halfDraws(strategy, k).map(({ phase, count }) => `${phase} ${count}`);

test("randint has NumPy's numbers, also where some are rejected", () => {
  assert.deepEqual(seeding.randint(new core.RandomState(0), 5, 8), [4, 0, 3, 3, 3, 1, 3, 2]);
  assert.deepEqual(seeding.randint(new core.RandomState(0), 1, 3), [0, 0, 0]);
});

test("farthest first takes the farthest point", () => {
  assert.deepEqual(seeding.farthestFirst(X, 3, 1, 0).map(d => d.taken), [2, 0, 1]);
});

test("the centres of a random partition are means of parts; a part of no point gets a random point", () => {
  const [parts, centers] = seeding.randomPartition(X, 2, 1, 0);
  for (const j of [0, 1]) {
    const mine = [...X].filter((_, i) => parts[i] === j);
    assert.equal(centers[j], mine.reduce((a, b) => a + b) / mine.length);
  }
  const [few, spare] = seeding.randomPartition(X, 4, 1, 1);
  const empty = [0, 1, 2, 3].filter(j => !few.includes(j));
  assert.ok(empty.length);
  for (const j of empty) assert.ok(X.includes(spare[j]));
});

test("D² is to the nearest centre so far", () => {
  const start = seeding.startOf("farthest first", X, 3, 1, 0);
  assert.equal(start.d2[0], null);
  assert.deepEqual(start.d2.slice(1).map(d2 => [...d2]), [[64, 49, 0, 1], [0, 1, 0, 1], [0, 0, 0, 1]]);
});

test("the draws that Python made are taken as they are", () => {
  const start = seeding.startOf("k-means++", X, 2, 1, 0, [{ taken: 3 }, { taken: 0, candidates: [0, 1], potentials: [2, 2] }]);
  assert.deepEqual([...start.centers], [9, 0]);
});

test("a draw of k-means++ has three halves, the first one two; the others have no candidates", () => {
  assert.deepEqual(phases("k-means++", 2), ["chances 0", "taken 1", "chances 1", "candidates 1", "taken 2", "end 2"]);
  assert.deepEqual(phases("random points", 2), ["chances 0", "taken 1", "chances 1", "taken 2", "end 2"]);
  assert.deepEqual(phases("random points", 2), phases("farthest first", 2));
  assert.deepEqual(phases("random partition", 2), ["points 0", "parts 0", "mean 1", "mean 2", "end 2"]);
});

test("another strategy is shown at the same number of centres", () => {
  for (const from of seeding.STRATEGIES) for (const to of seeding.STRATEGIES) for (const frame of seeding.halfDraws(from, 4)) {
    const frames = seeding.halfDraws(to, 4), found = frames[seeding.sameCount(frames, frame)];
    assert.equal(found.count, frame.count);
    assert.equal(found.phase === "end", frame.phase === "end");
  }
});

test("areas are in proportion to D², and the largest is held down with all others", () => {
  const sizes = seeding.radii(f(0, 1, 4, 3), 4, 100);
  assert.equal(sizes[0], 0);
  assert.equal(sizes[2], 2 * sizes[1]);
  assert.ok(Math.abs(sizes.reduce((sum, r) => sum + r * r, 0) - 4 * 16) < 1e-9);   // on average as large as a plain dot
  const held = seeding.radii(f(0, 1, 4, 3), 4, 3);
  assert.equal(held[2], 3);
  assert.equal(held[1], 1.5);
  assert.deepEqual([...seeding.radii(f(0, 0), 4, 3)], [0, 0]);
});

test("labels stay in the picture and off each other", () => {
  const area = { left: 0, top: 0, right: 200, bottom: 100 }, sizes = [[60, 30], [60, 30], [60, 30]];
  const places = seeding.placeLabels([[195, 50], [100, 50], [110, 55]], sizes, area);
  places.forEach(([x, y], i) => {
    assert.ok(x >= 0 && y >= 0 && x + 60 <= 200 && y + 30 <= 100, `label ${i} at ${x}, ${y}`);
    places.slice(0, i).forEach(([u, v]) => assert.ok(Math.abs(u - x) >= 60 || Math.abs(v - y) >= 30));
  });
});

test("every half-draw of k-means++ has its sentence, with numbers that are right", () => {
  const known = [{ taken: 3 }, { taken: 0, candidates: [1, 0, 1], potentials: [2, 2.5, 2] }];
  const start = seeding.startOf("k-means++", X, 2, 1, 0, known);
  assert.deepEqual(seeding.halfDraws("k-means++", 2).slice(0, -1).map(frame => seeding.drawSentence(start, frame, X)), [
    "Draw 1 of 2: there is no centre yet, so each of the 4 points has the same chance, 1 in 4",
    "Draw 1 of 2: point 3 is drawn and becomes centre 0; the sum of D² is now 146.0",
    "Draw 2 of 2: chance grows with D², the squared distance to the nearest centre. Point 0, the farthest, counts 2.2 times as much as the mean point",
    "Draw 2 of 2: candidates 1 (drawn 2 times) and 0 would bring the sum of D² from 146.0 to 2.000 and 2.500",
    "Draw 2 of 2: point 0 leaves the least and becomes centre 1; the sum of D² is now 2.000",
  ]);
});

test("a single candidate, and D² of 0 everywhere, have sentences too", () => {
  const same = f(5, 5, 5), start = seeding.startOf("k-means++", same, 2, 1, 0);
  const said = seeding.halfDraws("k-means++", 2).slice(0, -1).map(frame => seeding.drawSentence(start, frame, same));
  assert.equal(said[2], "Draw 2 of 2: every point lies on a centre, so D² is 0 everywhere");
  assert.equal(said[3], "Draw 2 of 2: candidate 0 (drawn 2 times) would bring the sum of D² from 0 to 0");
  assert.equal(said[4], "Draw 2 of 2: point 0 is the only candidate and becomes centre 1; the sum of D² is now 0");
});

test("the other strategies say how they go", () => {
  const say = (strategy, at) => seeding.drawSentence(seeding.startOf(strategy, X, 2, 1, 0), seeding.halfDraws(strategy, 2)[at], X);
  assert.equal(say("random points", 2), "Draw 2 of 2: where the centres are does not count: each of the other 3 points has the same chance, 1 in 3");
  assert.equal(say("farthest first", 2), "Draw 2 of 2: no chance here. Point 0 is the farthest: 8 to its nearest centre; a point has 4 on average");
  assert.equal(say("farthest first", 3), "Draw 2 of 2: point 0, the farthest, becomes centre 1; the sum of D² is now 2.000");
  assert.equal(say("random partition", 0), "No point is drawn here: each of the 4 points gets one of 2 parts by chance");
  assert.equal(say("random partition", 1), "Each point has its part: 2 points a part, wherever they lie");
  assert.equal(say("random partition", 2), "Centre 1 of 2: the mean of 2 points. It lies 0 from the middle of all data; a point lies 4 from there on average");
});

test("the end says which start did best", () => {
  const ends = (...values) => Object.fromEntries(values.map((inertia, i) => [seeding.STRATEGIES[i], { inertia, iterations: i + 1 }]));
  assert.equal(seeding.endSentence("k-means++", ends(5, 5, 5, 5)), "End: from this start k-means stops at inertia 5.000 after 1 iteration. All four starts end there");
  assert.equal(seeding.endSentence("k-means++", ends(5, 6, 5, 8)), "End: from this start k-means stops at inertia 5.000 after 1 iteration, the lowest of the four, as from random partition");
  assert.equal(seeding.endSentence("farthest first", ends(5, 6, 5, 8)), "End: from this start k-means stops at inertia 8.000 after 4 iterations, 60% above the lowest of the four, 5.000 from k-means++ and random partition");
  assert.equal(seeding.endSentence("random points", ends(5, 6, 7, 8)), "End: from this start k-means stops at inertia 6.000 after 2 iterations, 20% above the lowest of the four, 5.000 from k-means++");
  assert.match(seeding.endSentence("random points", ends(5, 5.001, 7, 8)), /, less than 0.1% above the lowest of the four, 5.000 from k-means\+\+$/);
});
