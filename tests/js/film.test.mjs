import assert from "node:assert/strict";
import test from "node:test";

globalThis.document = {};
const { gridFor, rangeOf } = await import("../../kmeans_teach/widgets/panels.mjs");
const { Parcels } = await import("../../kmeans_teach/widgets/film.mjs");

/** A parcel as packing.py makes it. */
function parcel(tree, shared = [], data = new Uint8Array()) {
  const text = new TextEncoder().encode(JSON.stringify({ shared, tree }));
  const length = text.length + ((8 - ((4 + text.length) % 8)) % 8);
  const whole = new Uint8Array(4 + length + data.length).fill(32);
  new DataView(whole.buffer).setUint32(0, length, true);
  whole.set(text, 4);
  whole.set(data, 4 + length);
  return new DataView(whole.buffer);
}

test("arrays come back in their type, and one that came twice is one", () => {
  const numbers = new Float32Array([1.5, -2]),
    parcels = new Parcels();
  const array = { "@": ["f4", 0, 0, 2] };
  const { a, b } = parcels.open(
    parcel({ a: array, b: [array] }, [], new Uint8Array(numbers.buffer)),
  );
  assert.deepEqual(a, numbers);
  assert.equal(a, b[0]);
  const later = parcels.open(parcel({ c: array }));
  assert.equal(later.c, a);
});

test("a panel gets what was left out, and one that is shared is one", () => {
  const tree = [{ "#": 0 }, { "#": 0 }, { "#": 1 }];
  const [one, two, other] = new Parcels().open(parcel(tree, [{ kind: "bars" }, { wide: 2 }]));
  assert.equal(one, two);
  assert.equal(one.wide, 1);
  assert.deepEqual(one.names, ["x", "y"]);
  assert.equal(other.wide, 2);
});

test("a parcel may begin anywhere in its buffer", () => {
  const { buffer } = parcel({ a: 1 }),
    moved = new Uint8Array(buffer.byteLength + 12);
  moved.set(new Uint8Array(buffer), 12);
  assert.deepEqual(new Parcels().open(new DataView(moved.buffer, 12)), { a: 1 });
});

test("small pictures get as large as the box allows", () => {
  assert.deepEqual(gridFor(10, 1000, 110, 1, 0), [10, 96]);
  const [columns, size] = gridFor(40, 300, 300, 1, 18);
  assert.ok(columns * (size + 4) <= 300 && Math.ceil(40 / columns) * (size + 4 + 18) <= 300);
  for (let other = 1; other <= 40; other++) {
    const fits = Math.min(300 / other - 4, 300 / Math.ceil(40 / other) - 22);
    assert.ok(fits <= size + 1e-6);
  }
});

test("a range leaves room, and there is one where there are no numbers", () => {
  assert.deepEqual(rangeOf([NaN, NaN]), [0, 1]);
  assert.deepEqual(rangeOf([3, 3]), [2.9, 3.1]);
  const [low, high] = rangeOf([NaN, 0, 10]);
  assert.ok(low < 0 && low > -1 && high > 10 && high < 11);
});
