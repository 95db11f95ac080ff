// Node's own runner over the canvas's pure functions: the numbers are small enough to check by hand.
import assert from "node:assert/strict";
import test from "node:test";
import * as core from "../../kmeans_teach/widgets/core.mjs";

const f = (...values) => Float64Array.from(values);
const near = (a, b, tolerance = 1e-12) =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} is not ${b}`);
const area = polygon =>
  Math.abs(
    polygon.reduce((sum, [x, y], i) => {
      const [u, v] = polygon[(i + 1) % polygon.length];
      return sum + x * v - u * y;
    }, 0),
  ) / 2;

test("assign takes the nearest centre, the first of equally near ones", () => {
  assert.deepEqual([...core.assign(f(0, 1, 9), f(0, 8), 1)], [0, 0, 1]);
  assert.deepEqual([...core.assign(f(1), f(0, 2, 1.5), 1)], [2]);
  assert.deepEqual([...core.assign(f(1), f(0, 2), 1)], [0]);
  assert.deepEqual([...core.assign(f(0, 0, 3, 4), f(3, 4, 0, 1), 2)], [1, 0]);
});

test("update takes means, weighted ones too, and leaves a centre without points", () => {
  assert.deepEqual([...core.update(f(0, 1, 9), [0, 0, 1], f(0, 8, 7), 1)], [0.5, 9, 7]);
  assert.deepEqual([...core.update(f(0, 1, 9), [0, 0, 1], f(0, 8), 1, f(1, 3, 2))], [0.75, 9]);
  assert.deepEqual([...core.update(f(0, 9), [0, 1], f(5, 6), 1, f(0, 1))], [5, 9]);
});

test("inertia adds up squared distances", () => {
  assert.equal(core.inertia(f(0, 1, 9), [0, 0, 1], f(0, 8), 1), 2);
  assert.equal(core.inertia(f(0, 1, 9), [0, 0, 1], f(0, 8), 1, f(1, 3, 2)), 5);
});

test("an empty cluster gets the farthest point, whose cluster gives it up", () => {
  const [centers, who] = core.relocate(f(0, 1, 5), [0, 0, 0], f(2, 90), f(2, 90), 1);
  assert.deepEqual([...centers], [0.5, 5]);
  assert.deepEqual(who, [1]);
  const [same, none] = core.relocate(f(3, 3), [0, 0], f(3, 9), f(3, 9), 1);
  assert.deepEqual([...same], [3, 9]);
  assert.deepEqual(none, []);
});

test("lloyd goes E, M, E, M until no point changes", () => {
  const { frames, stop } = core.lloyd(f(0, 1, 8, 9), f(0, 1), 1);
  assert.deepEqual(
    frames.map(frame => frame.phase),
    ["init", "assign", "update", "assign", "update", "assign", "update"],
  );
  assert.equal(stop, "no point changed cluster");
  assert.deepEqual([...frames.at(-1).centers], [0.5, 8.5]);
  assert.equal(frames.at(-1).inertia, 1);
  const short = core.lloyd(f(0, 1, 8, 9), f(0, 1), 1, { max_iter: 1 });
  assert.equal(short.stop, "max_iter reached");
  assert.equal(short.frames.length, 4);
});

test("inertia never rises without relocation", () => {
  const X = Float64Array.from({ length: 400 }, (_, i) => (i * Math.SQRT2) % 1);
  for (let k = 1; k < 9; k++) {
    const { frames } = core.lloyd(X, X.slice(0, 2 * k), 2, { tol: 0, empty: "stay" });
    for (let i = 2; i < frames.length; i++)
      assert.ok(frames[i].inertia <= frames[i - 1].inertia * (1 + 1e-12));
  }
});

test("nothing changes what it is given", () => {
  const X = f(0, 1, 8, 9),
    start = f(0, 1);
  core.lloyd(X, start, 1);
  assert.deepEqual([...X, ...start], [0, 1, 8, 9, 0, 1]);
});

test("Voronoi regions share the box out", () => {
  const cells = core.voronoi(
    [
      [0.25, 0.5],
      [0.75, 0.5],
    ],
    [0, 0, 1, 1],
  );
  near(area(cells[0]), 0.5);
  near(area(cells[1]), 0.5);
  assert.ok(cells[0].every(([x]) => x <= 0.5 + 1e-12));
  const many = [
    [0.1, 0.2],
    [0.8, 0.3],
    [0.4, 0.9],
    [0.5, 0.5],
    [5, 5],
  ];
  const regions = core.voronoi(many, [0, 0, 1, 1]);
  near(
    regions.reduce((sum, cell) => sum + area(cell), 0),
    1,
    1e-9,
  );
  assert.equal(regions[4].length, 0);
});

test("of two centres at one place one has the region", () => {
  const areas = core
    .voronoi(
      [
        [0.5, 0.5],
        [0.5, 0.5],
      ],
      [0, 0, 1, 1],
    )
    .map(area);
  assert.deepEqual(areas.sort(), [0, 1]);
  assert.deepEqual([...core.assign(f(0, 0), f(0.5, 0.5, 0.5, 0.5), 2)], [0]);
  assert.ok(
    core.voronoi(
      [
        [0.5, 0.5],
        [0.5, 0.5],
      ],
      [0, 0, 1, 1],
    )[0].length,
    "the first, as in assign",
  );
});

test("clip keeps the part of a polygon on one side", () => {
  const square = [
    [0, 0],
    [2, 0],
    [2, 2],
    [0, 2],
  ];
  near(area(core.clip(square, ([x]) => x - 0.5)), 1);
  assert.equal(core.clip(square, ([x]) => x + 1).length, 0);
  assert.deepEqual(
    core.clip(square, ([x]) => x - 9),
    square,
  );
});

test("project and lift take points to the plane and back", () => {
  const plane = {
    identity: false,
    components: [
      [0.6, 0.8, 0],
      [0, 0, 1],
    ],
    origin: [1, 2, 3],
    offset: [10, 20],
  };
  const flat = core.project(f(1, 2, 3, 1.6, 2.8, 5), 3, plane);
  [10, 20, 11, 22].forEach((value, i) => near(flat[i], value));
  core.lift([11, 22], plane).forEach((value, i) => near(value, [1.6, 2.8, 5][i]));
});

test("ticks are round, inside and enough", () => {
  assert.deepEqual(
    core.ticks(0, 10).map(t => t + 0),
    [0, 2, 4, 6, 8, 10],
  );
  for (const [low, high] of [
    [-3.7, 8.1],
    [0, 1e-9],
    [1e6, 1e6 + 7],
    [-5e12, 5e12],
    [0.1, 0.7],
  ]) {
    const found = core.ticks(low, high);
    assert.ok(found.length >= 2 && found.length <= 11, `${found}`);
    assert.ok(found.every(t => t >= low - 1e-6 * (high - low) && t <= high + 1e-6 * (high - low)));
  }
  assert.deepEqual(core.ticks(3, 3), [3]);
  assert.equal(core.tickText(0.30000000000000004), "0.3");
});

test("numbers have four digits", () => {
  const pairs = [
    [3.14159, "3.142"],
    [412.25, "412.3"],
    [98765.4, "98765"],
    [2.5e9, "2.50e+9"],
    [0, "0"],
    [-0.5, "-0.5000"],
  ];
  for (const [value, text] of pairs) assert.equal(core.number(value), text);
  assert.equal(core.number(NaN), "nan");
  assert.equal(core.number(-Infinity), "-infinity");
});

test("sentences say what happened", () => {
  const { frames } = core.lloyd(f(0, 1, 5), f(2, 90), 1);
  const said = frames.map((_, at) => core.sentence(frames, at, 3, 2));
  assert.equal(said[0], "Start: 2 centres, no point has a cluster yet");
  assert.equal(
    said[1],
    "E-step 1: all 3 points get a cluster; cluster 1 has no point; inertia 14.00",
  );
  assert.match(
    said[2],
    /^M-step 1: 2 of 2 centres moved, by 85\.00 at most; cluster 1 was empty and got the farthest point \(5\.000\); /,
  );
});

test("the ledger of E and M adds up to the fall of the inertia", () => {
  const { frames } = core.lloyd(f(0, 1, 5, 6, 9), f(0, 1), 1),
    last = frames.length - 1;
  const off = core.ledger(frames, last);
  near(off.assign + off.update, frames[1].inertia - frames[last].inertia);
  assert.deepEqual(core.ledger(frames, 1), { assign: 0, update: 0 });
});
