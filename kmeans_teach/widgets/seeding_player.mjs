// The seeding player: how four strategies choose their starts, draw by draw, and what k-means makes of them. The
// draws are repeated here, as NumPy makes them, so that a new seed needs no answer from Python.
import { cumulative, kmeansPlusPlus, lloyd, number, project, randomPoints, RandomState, searchSorted, squaredDistance } from "./core.mjs";
import { boxOf, fitView, floats, node, pairs, Stepper, tellPython, textButton, toScreen } from "./sheet.mjs";

export const STRATEGIES = ["k-means++", "random points", "random partition", "farthest first"];
const DRAW_PACES = [["slow", 2400], ["normal", 1200], ["fast", 500], ["fastest", 0]];
const LAST_SEED = 4294967295, CROWD = 3000;

// ---------------------------------------------------------------- draws

/** NumPy's RandomState.randint(high, size=size). */
export function randint(random, high, size) {
  const mask = high > 1 ? 0xffffffff >>> Math.clz32(high - 1) : 0, one = () => {
    for (;;) {
      const value = (random.next32() & mask) >>> 0;
      if (value < high) return value;
    }
  };
  return Array.from({ length: size }, mask ? one : () => 0);
}

/** A random first point, then always the one farthest from all centres so far. */
export function farthestFirst(X, k, d, seed) {
  const n = X.length / d, cdf = cumulative(new Float64Array(n).fill(1 / n));
  const draws = [{ taken: searchSorted(cdf.map(v => v / cdf[n - 1]), new RandomState(seed).random(), true) }];
  const far = new Float64Array(n).fill(Infinity);
  while (draws.length < k) {
    nearer(far, X, draws.at(-1).taken, d);
    draws.push({ taken: far.indexOf(highest(far)) });
  }
  return draws;
}

/** A random part for each point: [the part of each, the mean of each part]. A part of no point gets a random point. */
export function randomPartition(X, k, d, seed) {
  const n = X.length / d, random = new RandomState(seed), parts = randint(random, k, n), spare = randint(random, n, k);
  const sizes = new Array(k).fill(0), sums = new Float64Array(k * d);
  parts.forEach((j, i) => {
    sizes[j] += 1;
    for (let c = 0; c < d; c++) sums[j * d + c] += X[i * d + c];
  });
  return [parts, sums.map((sum, at) => {
    const j = Math.floor(at / d);
    return sizes[j] ? sum / sizes[j] : X[spare[j] * d + at % d];
  })];
}

function nearer(d2, X, row, d) { for (let i = 0; i < d2.length; i++) d2[i] = Math.min(d2[i], squaredDistance(X, i, X, row, d)); }
const highest = values => values.reduce((most, v) => Math.max(most, v), -Infinity);
const total = values => values.reduce((sum, v) => sum + v, 0);
const whereFrom = (X, d, draws) => Float64Array.from(draws.flatMap(({ taken }) => [...X.subarray(taken * d, taken * d + d)]));

/** One strategy's start: draws, centres, and D² after each number of centres. `known`: the draws that Python made. */
export function startOf(strategy, X, k, d, seed, known = null) {
  const n = X.length / d, start = { strategy, n, k, d, draws: [], parts: null };
  if (strategy === "random partition") [start.parts, start.centers] = randomPartition(X, k, d, seed);
  else {
    if (known) start.draws = known;
    else if (strategy === "farthest first") start.draws = farthestFirst(X, k, d, seed);
    else (strategy === "k-means++" ? kmeansPlusPlus : randomPoints)(X, k, d, seed, draw => start.draws.push(draw));
    start.centers = whereFrom(X, d, start.draws);
  }
  start.d2 = [null];
  for (let j = 0; j < k; j++) {
    const before = start.d2[j];
    start.d2.push(Float64Array.from({ length: n }, (_, i) => Math.min(before ? before[i] : Infinity, squaredDistance(X, i, start.centers, j, d))));
  }
  return start;
}

/** The half-draws of a strategy: what is seen (phase), the draw it belongs to, and how many centres there are. */
export function halfDraws(strategy, k) {
  const found = strategy === "random partition" ? [{ phase: "points", draw: 0, count: 0 }, { phase: "parts", draw: 0, count: 0 }] : [];
  for (let draw = 0; draw < k; draw++) {
    if (strategy === "random partition") { found.push({ phase: "mean", draw, count: draw + 1 }); continue; }
    found.push({ phase: "chances", draw, count: draw });
    if (strategy === "k-means++" && draw) found.push({ phase: "candidates", draw, count: draw });
    found.push({ phase: "taken", draw, count: draw + 1 });
  }
  return [...found, { phase: "end", draw: k - 1, count: k }];
}

/** Where another strategy has the same number of centres; its end if this is one. */
export function sameCount(frames, { phase, count }) {
  if (phase === "end") return frames.length - 1;
  return frames.findIndex(frame => frame.count === count);
}

/** Radii whose areas are in proportion to the values: the mean value gets `mean`, no radius is above `most`. */
export function radii(values, mean, most) {
  const sum = total(values);
  if (!(sum > 0)) return Float64Array.from(values, () => 0);
  const scale = Math.min(mean * Math.sqrt(values.length / sum), most / Math.sqrt(highest(values)));
  return Float64Array.from(values, v => scale * Math.sqrt(v));
}

/** A place for each label (boxes of [width, height]) beside its spot, in the area, off what is there already. */
export function placeLabels(spots, sizes, area, gap = 14) {
  const taken = spots.map(([x, y]) => [x - 9, y - 9, x + 9, y + 9]);
  return spots.map(([x, y], at) => {
    const [w, h] = sizes[at];
    const tries = [[x + gap, y - h / 2], [x - gap - w, y - h / 2], [x - w / 2, y - gap - h], [x - w / 2, y + gap],
      [x + gap, y - gap - h], [x + gap, y + gap], [x - gap - w, y - gap - h], [x - gap - w, y + gap]];
    const cost = ([left, top]) => {
      const box = [left, top, left + w, top + h];
      const outside = Math.max(0, area.left - left) + Math.max(0, left + w - area.right) + Math.max(0, area.top - top) + Math.max(0, top + h - area.bottom);
      return 10 * outside + taken.reduce((sum, other) => sum + overlap(box, other), 0) / 10;
    };
    const best = tries.reduce((a, b) => cost(b) < cost(a) ? b : a);
    taken.push([best[0], best[1], best[0] + w, best[1] + h]);
    return best;
  });
}
const overlap = (a, b) => Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0])) * Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));

// ---------------------------------------------------------------- words

const listed = words => words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
const rough = value => value < 10 ? value.toFixed(1) : value.toFixed(0);
const brief = value => String(Number(value.toPrecision(3)));
const several = (count, name) => `${count} ${name}${count === 1 ? "" : "s"}`;

/** Each candidate once: its row, what it would leave, and how often it was drawn. */
export function unlike({ candidates, potentials }) {
  const found = new Map();
  candidates.forEach((row, i) => {
    if (found.has(row)) found.get(row).times += 1;
    else found.set(row, { row, leaves: potentials[i], times: 1 });
  });
  return [...found.values()];
}

/** What is seen in one half-draw but the end, in words. */
export function drawSentence(start, { phase, draw, count }, X) {
  const { n, k, d, strategy, d2 } = start, now = d2[count], head = `Draw ${draw + 1} of ${k}:`;
  if (phase === "points") return `No point is drawn here: each of the ${n} points gets one of ${several(k, "part")} by chance`;
  if (phase === "parts") {
    const sizes = new Array(k).fill(0);
    for (const j of start.parts) sizes[j] += 1;
    const least = Math.min(...sizes), most = Math.max(...sizes);
    return `Each point has its part: ${least === most ? least : `${least} to ${most}`} points a part, wherever they lie`;
  }
  if (phase === "mean") {
    const size = start.parts.filter(j => j === draw).length, middle = meanOf(X, d);
    if (!size) return `Centre ${draw + 1} of ${k}: no point fell into part ${draw}, so centre ${draw} is a point drawn by chance`;
    const off = Math.sqrt(squaredDistance(start.centers, draw, middle, 0, d));
    let usual = 0;
    for (let i = 0; i < n; i++) usual += Math.sqrt(squaredDistance(X, i, middle, 0, d)) / n;
    return `Centre ${draw + 1} of ${k}: the mean of ${several(size, "point")}. It lies ${brief(off)} from the middle of all data; a point lies ${brief(usual)} from there on average`;
  }
  const row = start.draws[draw].taken, left = `the sum of D² is now ${number(total(now ?? []))}`;
  if (phase === "candidates") {
    const list = unlike(start.draws[draw]);
    const names = listed(list.map(c => c.times > 1 ? `${c.row} (drawn ${c.times} times)` : String(c.row)));
    return `${head} candidate${list.length > 1 ? "s" : ""} ${names} would bring the sum of D² from ${number(total(now))} to ${listed(list.map(c => number(c.leaves)))}`;
  }
  if (phase === "taken") {
    if (strategy === "farthest first" && draw) return `${head} point ${row}, the farthest, becomes centre ${draw}; ${left}`;
    if (strategy !== "k-means++" || !draw) return `${head} point ${row} is drawn and becomes centre ${draw}; ${left}`;
    const list = unlike(start.draws[draw]);
    return `${head} point ${row} ${list.length > 1 ? "leaves the least and" : "is the only candidate and"} becomes centre ${draw}; ${left}`;
  }
  if (!now) return `${head} there is no centre yet, so each of the ${n} points has the same chance, 1 in ${n}`;
  if (strategy === "random points") return `${head} where the centres are does not count: each of the other ${n - draw} points has the same chance, 1 in ${n - draw}`;
  const most = highest(now), far = now.indexOf(most);
  if (!(most > 0)) return `${head} every point lies on a centre, so D² is 0 everywhere`;
  if (strategy === "farthest first") return `${head} no chance here. Point ${far} is the farthest: ${brief(Math.sqrt(most))} to its nearest centre; a point has ${brief(total(now.map(Math.sqrt)) / n)} on average`;
  return `${head} chance grows with D², the squared distance to the nearest centre. Point ${far}, the farthest, counts ${rough(most * n / total(now))} times as much as the mean point`;
}

/** What k-means made of the start of `strategy`; `ends` has inertia and iterations of all strategies. */
export function endSentence(strategy, ends) {
  const mine = ends[strategy], best = Math.min(...Object.values(ends).map(e => e.inertia)), as = e => e.inertia <= best * (1 + 1e-6);
  const stops = `End: from this start k-means stops at inertia ${number(mine.inertia)} after ${several(mine.iterations, "iteration")}`;
  const good = Object.keys(ends).filter(name => as(ends[name]));
  if (good.length === Object.keys(ends).length) return `${stops}. All four starts end there`;
  if (as(mine)) return `${stops}, the lowest of the four${good.length > 1 ? `, as from ${listed(good.filter(name => name !== strategy))}` : ""}`;
  const percent = 100 * (mine.inertia / best - 1);
  const above = best > 0 ? `${percent < 0.1 ? "less than 0.1" : rough(percent)}% above` : "above";
  return `${stops}, ${above} the lowest of the four, ${number(best)} from ${listed(good)}`;
}

function meanOf(X, d) {
  const mean = new Float64Array(d), n = X.length / d;
  for (let at = 0; at < X.length; at++) mean[at % d] += X[at] / n;
  return mean;
}

// ---------------------------------------------------------------- one view

class SeedingView extends Stepper {
  constructor(model, el) {
    super(model, el, { kind: "seeding", label: "How k-means starts, draw by draw", toolbar: "Play the draws", step: "Half-draw", paces: DRAW_PACES });
    const { d, k, names, plane } = model.get("_info"), X = floats(model.get("_points"));
    Object.assign(this, { X, d, k, names, plane, n: X.length / d });
    this.flat = project(X, d, plane);
    this.middle = project(meanOf(X, d), d, plane);
    this.box = boxOf([this.flat]);
    this.redraw();
    const parts = this.build();
    this.listen();
    this.attach(...parts);
    this.goTo(model.get("frame"), { quiet: true });
  }

  // -------- what is drawn from the seed

  /** The starts of all strategies from the seed that is shown; as Python made them where it has. */
  redraw() {
    const seed = this.model.get("random_state"), known = this.model.get("_draws"), { X, d, k } = this;
    const mine = known.seed === seed ? known.of : {};
    this.starts = Object.fromEntries(STRATEGIES.map(name => [name, startOf(name, X, k, d, seed, mine[name])]));
    this.results = null;
  }
  /** What k-means makes of each start; found out when it is first looked at. */
  runs() {
    this.results ??= Object.fromEntries(STRATEGIES.map(name => {
      const { frames } = lloyd(this.X, this.starts[name].centers, this.d), last = frames.at(-1);
      return [name, { inertia: last.inertia, iterations: (frames.length - 1) >> 1, labels: last.labels, centers: last.centers, paths: frames.map(f => project(f.centers, this.d, this.plane)) }];
    }));
    return this.results;
  }
  get strategy() { return this.model.get("strategy"); }
  get start() { return this.starts[this.strategy]; }
  get frames() { return halfDraws(this.strategy, this.k); }
  get frame() { return this.frames[this.at]; }
  get last() { return this.frames.length - 1; }

  // -------- the page

  build() {
    this.canvas = node("canvas", { class: "kmt-points", tabIndex: 0, role: "img" });
    this.key = node("div", { class: "kmt-key" });
    this.cards = STRATEGIES.map((name, i) => {
      const card = node("button", { type: "button", class: "kmt-card", title: `Show ${name} large (${i + 1})` });
      const canvas = node("canvas", { class: "kmt-mini", "aria-hidden": "true" }), text = node("span", { class: "kmt-card-text" });
      card.append(node("strong", {}, name), canvas, text);
      card.addEventListener("click", () => this.choose(name));
      return { name, card, canvas, text };
    });
    this.stage = node("div", { class: "kmt-stage" }, node("div", { class: "kmt-large" }, this.key, this.canvas),
      node("div", { class: "kmt-cards", role: "group", "aria-label": "All strategies at this number of centres" }, ...this.cards.map(c => c.card)));
    this.select = node("select", { class: "kmt-strategy", "aria-label": "Strategy" }, ...STRATEGIES.map(name => node("option", { value: name }, name)));
    this.seed = node("input", { type: "number", class: "kmt-seed", min: 0, max: LAST_SEED, step: 1, "aria-label": "Seed of the draws" });
    const tools = node("div", { class: "kmt-tools" }, node("label", { class: "kmt-check" }, "strategy ", this.select),
      textButton("new", "New draw", "Draw again from the next seed (N)", () => this.draws(this.model.get("random_state") + 1)), node("label", { class: "kmt-check" }, "seed ", this.seed));
    return [this.toolbar, this.stage, node("div", { class: "kmt-say" }, this.words), tools,
      node("div", { class: "kmt-hint" }, "Keys: left and right step, space plays, Home and End jump, 1 to 4 choose a strategy, N draws anew. A point's number is its row, from 0.")];
  }

  listen() {
    this.on(this.root, "keydown", e => this.pressed(e));
    this.on(this.select, "change", () => this.choose(this.select.value));
    this.on(this.seed, "change", () => this.draws(this.seed.value === "" ? NaN : Number(this.seed.value)));
    this.onModel(["random_state", "_draws"], () => { this.redraw(); this.goTo(this.at, { quiet: true }); });
    this.onModel("strategy", () => this.chosen());
    this.onModel("frame", () => { if (!this.moving) this.stepTo(this.model.get("frame"), { quiet: true }); });
  }

  // -------- moving

  goTo(at, { quiet = false } = {}) {
    const from = this.at;
    this.at = Math.max(0, Math.min(this.last, at));
    this.part = 1;
    if (this.at === from + 1 && this.frame.phase === "chances" && this.frame.draw > 1 && !this.still) this.glide(this.playing ? Math.min(400, 0.5 * this.pace()) : 300, 0.1);   // the points take the sizes of the new D²
    this.say();
    this.draw();
    if (!quiet) this.rest();
  }
  /** Tells the other views and Python which half-draw came to rest. */
  rested() { this.put({ frame: this.at }); }

  pressed(e) {
    if (e.key === "Enter" && e.target === this.seed) {   // in Lab, Enter alone does not make a "change" of the number
      this.seed.blur();
      this.seed.focus();
      return;
    }
    if (e.target.matches("input[type=number], select") || e.altKey || e.ctrlKey || e.metaKey) return;
    const acts = {
      ...this.stepKeys, n: () => this.draws(this.model.get("random_state") + 1),
      ...Object.fromEntries(STRATEGIES.map((name, i) => [String(i + 1), () => this.choose(name)])),
    };
    if (!acts[e.key] || (e.key === " " && e.target.matches("button"))) return;
    acts[e.key]();
    e.preventDefault();
    e.stopPropagation();
  }

  // -------- choosing and drawing anew

  choose(name) {
    if (name === this.strategy) return;
    const at = sameCount(halfDraws(name, this.k), this.frame);
    this.stop();
    this.put({ strategy: name, frame: at });
    this.goTo(at, { quiet: true });
  }
  /** Sets traits without hearing of it; strategy and frame go to Python at once, as one checks the other. */
  put(values) {
    this.moving = true;
    for (const [name, value] of Object.entries(values)) this.model.set(name, value);
    this.moving = false;
    tellPython(this.model);
  }
  chosen() { if (!this.moving) this.stepTo(Math.min(this.at, this.frames.length - 1), { quiet: true }); }

  draws(seed) {
    if (!Number.isInteger(seed) || seed < 0 || seed > LAST_SEED) {
      this.words.textContent = `The seed is a whole number from 0 to ${LAST_SEED}.`;
      return;
    }
    this.model.set("frame", this.at);
    this.model.set("random_state", seed);
    tellPython(this.model);
  }

  // -------- words

  say() {
    const { frame, start } = this, end = frame.phase === "end";
    const words = end ? endSentence(this.strategy, this.runs()) : drawSentence(start, frame, this.X);
    this.tell(words);
    this.showStep();
    this.select.value = this.strategy;
    if (document.activeElement !== this.seed || this.seed.value !== "") this.seed.value = this.model.get("random_state");
    this.key.replaceChildren(node("strong", {}, this.strategy), `: ${this.legend()}`);
    this.canvas.setAttribute("aria-label", `${this.n} points, ${several(frame.count, "centre")} by ${this.strategy}. ${words}`);
    for (const { name, card, text } of this.cards) {
      card.setAttribute("aria-pressed", String(name === this.strategy));
      const left = this.starts[name].d2[frame.count];
      if (end) {
        const { inertia, iterations } = this.runs()[name];
        text.textContent = `k-means ends at ${number(inertia)} after ${several(iterations, "iteration")}`;
      } else text.textContent = left ? `${frame.count} of ${several(this.k, "centre")}, sum of D² ${number(total(left))}` : `no centre yet`;
    }
  }
  legend() {
    const { phase, draw } = this.frame, { strategy } = this;
    if (phase === "end") return "lines show the way of each centre";
    if (phase === "parts" || phase === "mean") return "the cross is the middle of all data";
    if (strategy === "random partition") return "every point gets a part by chance";
    if (strategy === "random points" || !draw) return "every point has the same chance";
    return strategy === "farthest first" ? "the area of a point is its D²" : "the area of a point is its chance (D²)";
  }
  /** Whether the points have sizes now. */
  hasSizes() { return this.frame.phase !== "end" && (this.strategy === "k-means++" || this.strategy === "farthest first"); }

  // -------- drawing

  arrange(width) {
    const height = this.model.get("height"), narrow = width < 680, side = narrow ? width : Math.round(width * (width < 1000 ? 0.42 : 0.4));
    const columns = narrow && width >= 480 ? 4 : 2, gap = 8, inner = Math.floor((side - (columns - 1) * gap) / columns) - 14;
    this.root.classList.toggle("kmt-row", columns === 4);
    this.stage.lastChild.style.width = `${side}px`;
    const large = narrow ? width : width - side - 12;
    this.size(this.canvas, large, narrow ? Math.min(height, Math.max(270, Math.round(large * 0.58))) : height);
    for (const { canvas } of this.cards) this.size(canvas, inner, narrow ? Math.min(inner, 120) : Math.round((height + 26 - gap) / 2) - 88);
    this.view = fitView(this.box, { left: 46, top: 6, right: large - 10, bottom: this.canvas.clientHeight - 42 });
  }

  draw() { if (this.view && this.canvas.clientWidth) super.draw(); }

  picture() {
    const g = this.pen(this.canvas), { view, frame, start } = this, end = frame.phase === "end";
    g.clearRect(0, 0, this.canvas.clientWidth, this.canvas.clientHeight);
    const centers = end ? pairs(project(this.runs()[this.strategy].centers, this.d, this.plane)) : this.centers(start);
    this.clipped(g, view, () => {
      if (this.plane.exact && centers.length > 1) this.drawRegions(g, view, centers);
      if (end) this.drawDots(g, view, this.flat, this.runs()[this.strategy].labels, { r: this.dot() });
      else if (start.parts) this.drawParts(g);
      else this.drawSizes(g);
      if (end) this.drawWays(g);
      if (start.parts && !end) this.drawMiddle(g);
      this.drawCenters(g, view, centers, { r: start.parts && !end ? 12 : 14 });
      if (frame.phase === "candidates" || (frame.phase === "taken" && start.draws[frame.draw].candidates)) this.drawCandidates(g);
      if (frame.phase === "chances" && frame.draw && this.strategy === "farthest first") this.drawRing(g, this.spot(start.draws[frame.draw].taken), 12);
    });
    this.drawAxes(g, view, this.names, this.canvas.clientHeight - 3);
    for (const card of this.cards) this.drawMini(card);
  }
  dot() { return this.n <= 600 ? 4.2 : this.n <= CROWD ? 2.8 : 1.8; }
  spot(row) { return toScreen(this.view, [this.flat[2 * row], this.flat[2 * row + 1]]); }
  centers(start) { return pairs(project(start.centers, this.d, this.plane)).slice(0, this.frame.count); }

  /** Points as large as they are likely to be drawn (or, for farthest first, as D² says). */
  drawSizes(g) {
    const { frame, start, n, part } = this, most = 0.055 * Math.min(this.view.right - this.view.left, this.view.bottom - this.view.top), sized = this.hasSizes();
    const sizes = j => start.d2[j] && sized ? radii(start.d2[j], this.dot(), most) : null;
    const now = sizes(frame.draw), before = part < 1 ? sizes(frame.draw - 1) : null;
    g.globalAlpha = frame.phase === "chances" || !sized ? 0.8 : 0.45;
    g.fillStyle = this.ink.none;
    g.strokeStyle = this.ink.paper;
    g.lineWidth = 0.8;
    for (let i = 0; i < n; i++) {
      const [x, y] = this.spot(i), r = now ? before ? before[i] + (now[i] - before[i]) * part : now[i] : this.dot();
      g.beginPath();
      g.arc(x, y, Math.max(0.7, r), 0, 2 * Math.PI);
      g.fill();
      if (n <= CROWD) g.stroke();
    }
    g.globalAlpha = 1;
  }

  drawRing(g, [x, y], r) {
    g.beginPath();
    g.arc(x, y, r, 0, 2 * Math.PI);
    g.lineWidth = 5; g.strokeStyle = this.ink.paper; g.stroke();
    g.lineWidth = 2.4; g.strokeStyle = this.ink.ink; g.stroke();
  }

  /** The candidates with their rows and what each would leave; once one is taken, the others stay as rings. */
  drawCandidates(g) {
    const { frame, start, view } = this, draw = start.draws[frame.draw], done = frame.phase === "taken";
    const list = unlike(draw).filter(c => !done || c.row !== draw.taken), spots = list.map(c => this.spot(c.row));
    g.font = "bold 14px system-ui, sans-serif";
    const texts = list.map(c => [`${c.row}${c.times > 1 ? ` (${c.times}×)` : ""}`, `${done ? "would leave" : "leaves"} ${number(c.leaves)}`]);
    const sizes = texts.map(lines => [Math.max(...lines.map(t => g.measureText(t).width)) + 10, 38]);
    const there = this.centers(start).map(p => toScreen(view, p));
    const places = placeLabels([...spots, ...there], [...sizes, ...there.map(() => [0, 0])], view).slice(0, list.length);
    if (done) g.globalAlpha = 0.5;
    spots.forEach(spot => this.drawRing(g, spot, 10));
    g.globalAlpha = 1;
    places.forEach(([x, y], i) => {
      g.fillStyle = this.ink.paper;
      g.strokeStyle = this.ink.soft;
      g.lineWidth = 1;
      g.beginPath();
      g.rect(x, y, ...sizes[i]);
      g.fill();
      g.stroke();
      g.fillStyle = done ? this.ink.soft : this.ink.ink;
      g.textAlign = "left";
      g.textBaseline = "middle";
      g.font = "bold 14px system-ui, sans-serif";
      g.fillText(texts[i][0], x + 5, y + 11);
      g.font = "14px system-ui, sans-serif";
      g.fillText(texts[i][1], x + 5, y + 28);
    });
  }

  /** Points with colour and shape of their part; while a mean is shown, the other parts stay grey. */
  drawParts(g) {
    const { frame, start, flat, view } = this, r = this.dot();
    if (frame.phase !== "mean") return this.drawDots(g, view, flat, frame.phase === "parts" ? start.parts : null, { r });
    const of = mine => Float64Array.from(start.parts.flatMap((j, i) => (j === frame.draw) === mine ? [flat[2 * i], flat[2 * i + 1]] : []));
    g.globalAlpha = 0.35;
    this.drawDots(g, view, of(false), null, { r });
    g.globalAlpha = 1;
    const own = of(true);
    this.drawDots(g, view, own, new Array(own.length / 2).fill(frame.draw), { r });
  }
  drawMiddle(g) {
    const [x, y] = toScreen(this.view, this.middle);
    for (const [width, color] of [[5, this.ink.paper], [2, this.ink.ink]]) {
      g.beginPath();
      g.moveTo(x - 26, y); g.lineTo(x + 26, y); g.moveTo(x, y - 26); g.lineTo(x, y + 26);
      g.lineWidth = width; g.strokeStyle = color; g.stroke();
    }
  }

  /** The way of each centre from the start to its end. */
  drawWays(g) {
    const { paths } = this.runs()[this.strategy], { view } = this;
    for (let j = 0; j < this.k; j++) {
      g.beginPath();
      paths.forEach((path, i) => { const [x, y] = toScreen(view, [path[2 * j], path[2 * j + 1]]); if (i) g.lineTo(x, y); else g.moveTo(x, y); });
      g.lineJoin = "round";
      g.lineWidth = 5; g.strokeStyle = this.ink.paper; g.stroke();
      g.lineWidth = 2.4; g.strokeStyle = this.color(j); g.stroke();
      const [x, y] = toScreen(view, [paths[0][2 * j], paths[0][2 * j + 1]]);
      g.beginPath(); g.arc(x, y, 5, 0, 2 * Math.PI);
      g.fillStyle = this.ink.paper; g.fill();
      g.lineWidth = 2; g.strokeStyle = this.color(j); g.stroke();
    }
  }

  drawMini({ name, canvas }) {
    const g = this.pen(canvas), width = canvas.clientWidth, height = canvas.clientHeight, end = this.frame.phase === "end";
    const view = fitView(this.box, { left: 0, top: 0, right: width, bottom: height }), run = end ? this.runs()[name] : null;
    g.clearRect(0, 0, width, height);
    const size = this.n <= 600 ? 3 : 2;
    g.fillStyle = this.ink.none;
    g.globalAlpha = end ? 1 : 0.7;
    for (let i = 0; i < this.n; i++) {
      const [x, y] = toScreen(view, [this.flat[2 * i], this.flat[2 * i + 1]]);
      if (end) g.fillStyle = this.color(run.labels[i]);
      g.fillRect(x - size / 2, y - size / 2, size, size);
    }
    g.globalAlpha = 1;
    this.drawCenters(g, view, end ? pairs(project(run.centers, this.d, this.plane)) : this.centers(this.starts[name]), { r: 7 });
  }
}

/** anywidget calls this once a model. */
export default function seedingPlayer() {
  return {
    render({ model, el }) {
      const view = new SeedingView(model, el);
      return () => view.dispose();
    },
  };
}
