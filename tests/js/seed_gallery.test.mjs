// The seed gallery's pure functions, with numbers small enough to check by hand.
import assert from "node:assert/strict";
import test from "node:test";
import { lloyd } from "../../kmeans_teach/widgets/core.mjs";
import * as gallery from "../../kmeans_teach/widgets/seed_gallery.mjs";

const f = (...values) => Float64Array.from(values);
const near = (a, b, tolerance = 1e-12) => assert.ok(Math.abs(a - b) <= tolerance, `${a} is not ${b}`);
const bars = [{ seeds: [0, 3] }, { seeds: [] }, { seeds: [] }, { seeds: [7] }, { seeds: [1, 2] }];
const trials = { best: 10, same: 0.001 };

test("a wide page has four pictures in a row, a middle one three, a narrow one two", () => {
  assert.deepEqual([1400, 1092, 900, 899, 612, 520, 519, 276].map(width => gallery.columnsFor(width)), [4, 4, 4, 3, 3, 3, 2, 2]);
  assert.deepEqual([12, 9, 4, 1].map(pictures => gallery.columnsFor(1400, pictures)), [4, 3, 2, 1]);
  assert.equal(gallery.columnsFor(400, 12), 2);
});

test("the chance of m runs, and the runs that a chance needs", () => {
  near(gallery.chance(0.5, 1), 0.5);
  near(gallery.chance(0.5, 3), 0.875);
  assert.equal(gallery.chance(0, 9), 0);
  assert.equal(gallery.chance(1, 1), 1);
  assert.equal(gallery.runsNeeded(0.5, 0.9), 4);
  assert.equal(gallery.runsNeeded(0.9, 0.99), 2);   // exactly, but for rounding
  assert.equal(gallery.runsNeeded(0.995, 0.99), 1);
  assert.equal(gallery.runsNeeded(1, 0.99), 1);
  assert.equal(gallery.runsNeeded(0, 0.99), Infinity);
});

test("a share is not rounded to all or nothing", () => {
  assert.deepEqual([0, 0.0001, 0.005, 0.18, 0.815, 0.9994, 0.99999, 1].map(gallery.percent),
    ["0 %", "less than 0.1 %", "0.5 %", "18 %", "81.5 %", "99.9 %", "more than 99.9 %", "100 %"]);
});

test("a renamed run is the same run with other numbers", () => {
  const run = lloyd(f(0, 0, 0, 1, 8, 8, 8, 9, 20, 0), f(0, 0, 8, 8, 20, 0), 2), other = gallery.renamed(run, [2, 0, 1]);
  assert.deepEqual([...run.frames.at(-1).labels], [0, 0, 1, 1, 2]);
  assert.deepEqual([...other.frames.at(-1).labels], [2, 2, 0, 0, 1]);
  assert.deepEqual([...other.frames.at(-1).centers], [8, 8.5, 20, 0, 0, 0.5]);
  assert.deepEqual([...other.frames[2].shift], [0.5, 0, 0.5]);
  assert.deepEqual(other.frames.map(frame => frame.inertia), run.frames.map(frame => frame.inertia));
  assert.equal(other.frames[0].labels, null);
  assert.equal(other.stop, run.stop);
  assert.deepEqual(gallery.renamed({ frames: [{ centers: f(1, 2), labels: null, shift: f(0, 0), relocated: [0, 1] }] }, [1, 0]).frames[0].relocated, [0, 1]);
  assert.deepEqual([...run.frames.at(-1).labels], [0, 0, 1, 1, 2], "the run itself is left alone");
});

test("a renamed run shares the labels that two half-steps share", () => {
  const { frames } = gallery.renamed(lloyd(f(0, 1, 8, 9), f(0, 1), 1), [1, 0]);
  assert.equal(frames[2].labels, frames[1].labels);
  assert.notEqual(frames[3].labels, frames[1].labels);
});

test("the next seed goes round", () => {
  assert.deepEqual([3, 8, 9, null, 4].map(seed => gallery.nextOf([3, 8, 9], seed)), [8, 9, 3, 3, 3]);
});

test("keys pass over empty bars and stay at the ends", () => {
  assert.equal(gallery.nextBar(bars, 0, 1), 3);
  assert.equal(gallery.nextBar(bars, 3, -1), 0);
  assert.equal(gallery.nextBar(bars, 4, 1), 4);
  assert.equal(gallery.nextBar(bars, 0, -1), 0);
  assert.equal(gallery.nextBar(bars, -1, 1), 0);
  assert.equal(gallery.nextBar(bars, bars.length, -1), 4);
});

test("the pointer finds the nearest bar with seeds, within reach", () => {
  assert.equal(gallery.barAt(bars, 0.4), 0);
  assert.equal(gallery.barAt(bars, 1.4), 0);
  assert.equal(gallery.barAt(bars, 1.9, 0.6), -1);
  assert.equal(gallery.barAt(bars, 2.6, 1.5), 3);
  assert.equal(gallery.barAt([], 0), -1);
});

test("a bar is named by its inertia or by its range", () => {
  assert.deepEqual(gallery.range({ low: 455.2441, high: 455.2442 }), ["455.2"]);
  assert.deepEqual(gallery.range({ low: 845.3, high: 856.8 }), ["845.3", "to 856.8"]);
});

test("a run ends at the best or is stuck, with a word and a number", () => {
  assert.equal(gallery.mark(10.0005, trials), "best");
  assert.equal(gallery.mark(10.2, trials), "stuck, 2 % higher");
  assert.equal(gallery.mark(10.002, trials), "stuck, 0.02 % higher");
  assert.equal(gallery.mark(10.34, trials), "stuck, 3.4 % higher");
  assert.equal(gallery.mark(10.34, trials, true), "stuck, +3.4 %");
  assert.equal(gallery.mark(18.67, trials), "stuck, 87 % higher");
  assert.equal(gallery.mark(1, { best: 0, same: 0 }), "stuck");
  assert.equal(gallery.mark(5, { best: 1e-20, same: 1e-6 }), "stuck");
});

test("a tie that went the other way is told", () => {
  assert.equal(gallery.tie(10, trials, 10.0005), "");
  assert.equal(gallery.tie(10, trials, 12), " Python broke a tie between two centres the other way and ended at 12.00.");
});

test("one sentence for all runs", () => {
  const ends = [{ last: 4, inertia: 10, now: 10 }, { last: 4, inertia: 18, now: 18 }, { last: 8, inertia: 10, now: 12 }];
  assert.equal(gallery.together(ends, 0, trials), "Start: 3 seeds, each with centres of its own, no point has a cluster yet.");
  assert.equal(gallery.together(ends, 3, trials), "Half-step 3, an E-step of every run still going: inertia from 10.00 to 18.00; no run has ended yet.");
  assert.equal(gallery.together(ends, 4, trials), "Half-step 4, an M-step of every run still going: inertia from 10.00 to 18.00; 2 of 3 runs have ended: 1 at the best (10.00), 1 stuck higher.");
  assert.equal(gallery.together(ends, 8, trials), "All 3 runs have ended: 2 at the best (10.00), 1 stuck higher, the highest at 18.00.");
  assert.equal(gallery.together(ends.slice(0, 1), 0, trials), "Start: the seed has centres of its own, no point has a cluster yet.");
  assert.equal(gallery.together(ends.slice(0, 1), 4, trials), "The run has ended: at the best (10.00).");
  assert.equal(gallery.together(ends.slice(1, 2), 4, trials), "The run has ended: stuck higher than the best (10.00).");
});
