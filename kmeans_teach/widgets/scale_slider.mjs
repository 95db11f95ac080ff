// Stretch one axis and watch the borders swing: k-means runs again in the page at every move of the slider.
// The rule of a clustering is repeated in scale_slider.py, in the same order, so that both give the same labels.
import { kmeansPlusPlus, lloyd, number, voronoi } from "./core.mjs";
import { boxOf, copied, fillView, fitView, floats, node, pairs, Sheet, tellPython, textButton, toScreen, trace } from "./sheet.mjs";

const STEP = 10 ** (1 / 50), COARSE = 10;   // one arrow key: 50 steps are a factor of ten
const DRAWS = 10, AS_GOOD = 1 - 1e-9;        // k-means++ starts; a later run must be better than by rounding

// ---------------------------------------------------------------- the clustering at a factor

/** Flat pairs with one axis multiplied by a factor. */
export const stretched = (X, axis, factor) => Float64Array.from(X, (v, i) => i % 2 === axis ? v * factor : v);

/** The best of ten k-means++ runs in the stretched plane and, given a clustering at factor 1, of one from its centres. */
export function cluster(X, k, axis, factor, seed, base = null) {
  const Z = stretched(X, axis, factor), starts = base ? [stretched(base.centers, axis, factor)] : [];
  for (let i = 0; i < DRAWS; i++) starts.push(kmeansPlusPlus(Z, k, 2, seed + i));
  let best = null;
  for (const start of starts) {
    const run = lloyd(Z, start, 2).frames.at(-1);
    if (!best || run.inertia < best.inertia * AS_GOOD) best = run;
  }
  const centers = Float64Array.from(best.centers, (v, i) => i % 2 === axis ? v / factor : v);
  const found = { labels: best.labels, centers, inertia: best.inertia };
  return base ? renumbered(found, base, k) : found;
}

/** Clusters with the numbers that agree with as many points as possible; among equals, the centres that moved least. */
export function renumbered(found, base, k) {
  const together = Array.from({ length: k }, () => new Float64Array(k));
  found.labels.forEach((j, i) => { together[j][base.labels[i]] += 1; });
  const wide = [0, 1].map(c => {
    const values = [...found.centers, ...base.centers].filter((_, i) => i % 2 === c);
    return Math.max(...values) - Math.min(...values) || 1;
  });
  for (let a = 0; a < k; a++) for (let b = 0; b < k; b++) {
    together[a][b] -= Math.hypot(...[0, 1].map(c => (found.centers[2 * a + c] - base.centers[2 * b + c]) / wide[c])) / (4 * k);
  }
  const name = bestPairs(together), centers = new Float64Array(2 * k);
  for (let j = 0; j < k; j++) for (const c of [0, 1]) centers[2 * name[j] + c] = found.centers[2 * j + c];
  return { ...found, labels: found.labels.map(j => name[j]), centers };
}

/** The Hungarian method: for each row the column, all different, with the largest sum. */
export function bestPairs(profit) {
  const n = profit.length, rowPrice = new Float64Array(n + 1), price = new Float64Array(n + 1), rowOf = new Int32Array(n + 1).fill(-1);
  for (let row = 0; row < n; row++) {
    const least = new Float64Array(n).fill(Infinity), from = new Int32Array(n).fill(n), seen = new Uint8Array(n + 1);
    let column = n;   // a column of its own, where each new row starts
    rowOf[n] = row;
    do {
      seen[column] = 1;
      const at = rowOf[column];
      let delta = Infinity, next = -1;
      for (let j = 0; j < n; j++) {
        if (seen[j]) continue;
        const cost = -profit[at][j] - rowPrice[at] - price[j];
        if (cost < least[j]) { least[j] = cost; from[j] = column; }
        if (least[j] < delta) { delta = least[j]; next = j; }
      }
      for (let j = 0; j <= n; j++) {
        if (seen[j]) { rowPrice[rowOf[j]] += delta; price[j] -= delta; }
        else if (j < n) least[j] -= delta;
      }
      column = next;
    } while (rowOf[column] >= 0);
    while (column !== n) { rowOf[column] = rowOf[from[column]]; column = from[column]; }
  }
  const found = new Array(n);
  for (let j = 0; j < n; j++) found[rowOf[j]] = j;
  return found;
}

/** Adjusted Rand index of two labellings (whole numbers from 0): 1 for the same clusters, about 0 by chance. */
export function adjustedRand(a, b) {
  const many = Math.max(...b) + 1, cells = new Map(), rows = new Map(), columns = new Map(), add = (map, key) => map.set(key, (map.get(key) ?? 0) + 1);
  a.forEach((j, i) => { add(cells, j * many + b[i]); add(rows, j); add(columns, b[i]); });
  const pairsIn = map => [...map.values()].reduce((sum, n) => sum + n * (n - 1) / 2, 0);
  const both = pairsIn(cells), one = pairsIn(rows), other = pairsIn(columns), all = a.length * (a.length - 1) / 2;
  const chance = all ? one * other / all : 0, most = (one + other) / 2;
  return most === chance ? 1 : (both - chance) / (most - chance);
}

/** What each of two columns makes up in all squared distances, one of them stretched; `spread`: their standard deviations. */
export function shares(spread, axis, factor) {
  const [a, b] = spread.map((s, c) => (c === axis ? s * factor : s) ** 2);
  return [a / (a + b), b / (a + b)];
}

/** Pairs of centres whose connecting line meets their border half-way: no other centre lies in the circle over it. */
export function neighbours(centers) {
  const found = [];
  centers.forEach((a, i) => centers.slice(i + 1).forEach((b, step) => {
    const j = i + 1 + step, inside = ([x, y]) => (x - a[0]) * (x - b[0]) + (y - a[1]) * (y - b[1]) < 0;
    if (Math.hypot(a[0] - b[0], a[1] - b[1]) > 0 && !centers.some((c, m) => m !== i && m !== j && inside(c))) found.push([i, j]);
  }));
  return found;
}

// ---------------------------------------------------------------- the slider and its words

export const toStep = factor => Math.log(factor) / Math.log(STEP);

/** The factor at a step of the slider: round steps, and exactly low and high at its ends. */
export function toFactor(step, [low, high]) {
  const round = Math.round(step);
  return round <= toStep(low) ? low : round >= toStep(high) ? high : round === 0 ? 1 : STEP ** round;
}
/** The next round step from a factor, which may lie between two. */
export function nextStep(factor, by) {
  const step = toStep(factor), round = Math.round(step);
  const here = Math.abs(step - round) < 1e-6 ? round : by > 0 ? Math.floor(step) : Math.ceil(step);
  return here + by;
}

export const factorText = factor => String(Number(factor.toPrecision(3)));
export function percent(share) {
  if (share > 0.9995 && share < 1) return "over 99.9 %";
  if (share < 0.0005 && share > 0) return "under 0.1 %";
  return `${(100 * share).toFixed(1)} %`;
}

/** What is seen, in words. */
export function words({ names, axis, factor, same, n, moved, share, inertia, agreement }) {
  const times = `${names[axis]} × ${factorText(factor)}`, large = share[1] > share[0] ? 1 : 0;
  const where = factor === 1 ? "As given (factor 1)" : factor === same ? `Same spread (${times})` : `${factor < 1 ? "Shrunk" : "Stretched"} (${times})`;
  const who = factor === 1 ? "the clusters to compare with." : `${moved} of ${n} points ${moved === 1 ? "is" : "are"} in another cluster than at factor 1.`;
  const makes = Math.abs(share[0] - 0.5) < 5e-4 ? `Both columns make up half of all squared distances.` : `${names[large]} makes up ${percent(share[large])} of all squared distances.`;
  const rand = agreement === null ? "" : ` Agreement with the classes: adjusted Rand index ${agreement.toFixed(2)}.`;
  return `${where}: ${who} ${makes} Inertia ${number(inertia)} in stretched units.${rand}`;
}

// ---------------------------------------------------------------- one view

class ScaleView extends Sheet {
  constructor(model, el) {
    super(model, el, { kind: "scale", label: "scale slider" });
    const info = model.get("_info");
    Object.assign(this, { ...info, X: floats(model.get("_points")), outlined: true });
    this.n = this.X.length / 2;
    this.classes = info.has_classes ? new Uint16Array(copied(model.get("_classes"))) : null;
    this.base = cluster(this.X, this.k, 0, 1, this.seed);
    this.box = this.boxOfUnits();
    const parts = this.build();
    this.listen();
    this.go(model.get("factor"), { axis: model.get("axis"), quiet: true });
    this.attach(...parts);
  }

  build() {
    this.axes = this.names.map((name, c) => textButton("axis", name, `Stretch ${name}`, () => this.swap(c)));
    this.slider = node("input", { type: "range", step: "any", class: "kmt-scrub", "aria-label": "Factor" });
    this.readout = node("span", { class: "kmt-count" });
    this.scale = node("div", { class: "kmt-decades", "aria-hidden": "true" });
    this.given = textButton("given", "as given", "Factor 1 (key 1)", () => this.go(1));
    this.standard = textButton("standard", "standardised", "Both columns with the same spread, as StandardScaler makes them (key S)", () => this.go(this.same[this.axis]));
    const box = node("input", { type: "checkbox", checked: true });
    box.addEventListener("change", () => { this.outlined = box.checked; this.draw(); });
    this.bar = node("div", { class: "kmt-tools", role: "toolbar", "aria-label": "Stretch an axis" },
      node("span", { class: "kmt-group", role: "group", "aria-label": "Which axis" }, "stretch", ...this.axes),
      node("span", { class: "kmt-group", role: "group", "aria-label": "Units" }, "units", this.given, this.standard),
      node("label", { class: "kmt-check", title: "Outline each point that is in another cluster than at factor 1" }, box, "outline what changed"));
    this.track = node("div", { class: "kmt-track" }, node("div", { class: "kmt-rail" }, this.slider, this.scale), this.readout);
    this.parts = [0, 1].map(c => ({ text: node("span", { class: "kmt-part" }), bar: node("span", { class: `kmt-bar${c}` }) }));
    this.sharing = node("div", { class: "kmt-sharing", "aria-hidden": "true" }, node("span", { class: "kmt-whole" }, "shares of all squared distances:"), this.parts[0].text, node("span", { class: "kmt-shares" }, this.parts[0].bar, this.parts[1].bar), this.parts[1].text);
    this.names.forEach((name, c) => { this.parts[c].text.style.minWidth = `min(${Math.ceil(0.85 * name.length) + 10}ch, 46%)`; });
    this.readout.style.minWidth = `${Math.max(...this.names.map(name => name.length)) + 8}ch`;
    const panel = name => {
      const canvas = node("canvas", { class: `kmt-${name}`, tabIndex: 0, role: "img" }), claim = node("div", { class: "kmt-claim" });
      return { canvas, claim, box: node("div", { class: "kmt-panel" }, claim, canvas) };
    };
    this.seen = panel("seen");
    this.yours = panel("yours");
    this.hint = node("div", { class: "kmt-hint" }, "Keys: left and right stretch, Shift or Page up and down in large steps, Home and End, S standardises, 1 resets.");
    return [this.bar, this.track, this.sharing, node("div", { class: "kmt-stage" }, this.seen.box, this.yours.box), node("div", { class: "kmt-told" }, this.words), this.hint];
  }

  listen() {
    this.on(this.root, "keydown", e => this.key(e));
    this.on(this.slider, "input", () => this.go(this.snapped(Number(this.slider.value))));
    this.onModel(["factor", "axis"], () => {
      const factor = this.model.get("factor"), axis = this.model.get("axis");
      if (factor !== this.factor || axis !== this.axis) this.go(factor, { axis, quiet: true });
    });
  }
  dispose() {
    clearTimeout(this.restTimer);
    super.dispose();
  }

  // -------- the factor

  go(factor, { axis = this.axis, quiet = false } = {}) {
    const [low, high] = this.ranges[axis];
    Object.assign(this, { axis, factor: Math.max(low, Math.min(high, factor)) });
    this.now = this.factor === 1 ? this.base : cluster(this.X, this.k, axis, this.factor, this.seed, this.base);
    this.moved = this.now.labels.reduce((sum, j, i) => sum + (j !== this.base.labels[i]), 0);
    this.share = shares(this.spread, axis, this.factor);
    this.refresh();
    if (this.fitted) { this.fit(); this.draw(); }
    if (!quiet) this.rest();
  }
  /** To stretch one axis is to shrink the other: the clustering stays, only the picture grows or shrinks as a whole. */
  swap(axis) {
    if (axis === this.axis) return;
    const to = 1 / this.factor, same = this.same[axis];
    this.go(Math.abs(to / same - 1) < 1e-9 ? same : to, { axis });   // the reciprocal of the one is the other up to rounding
  }
  /** The pointer finds the factor of the same spread, which lies between two steps. */
  snapped(step) {
    const same = this.same[this.axis];
    return Math.abs(step - toStep(same)) < 0.75 ? same : toFactor(step, this.ranges[this.axis]);
  }
  stepBy(by) { this.go(toFactor(nextStep(this.factor, by), this.ranges[this.axis])); }

  /** Tells Python and other views of this model once the slider has come to rest. */
  rest() {
    clearTimeout(this.restTimer);
    this.restTimer = setTimeout(() => {
      if (this.model.get("factor") === this.factor && this.model.get("axis") === this.axis) return;
      const { factor, axis } = this;
      this.model.set({ axis, factor });
      tellPython(this.model);
    }, 250);
  }

  key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const [low, high] = this.ranges[this.axis], far = e.shiftKey ? COARSE : 1;
    const acts = {
      ArrowRight: () => this.stepBy(far), ArrowUp: () => this.stepBy(far), ArrowLeft: () => this.stepBy(-far), ArrowDown: () => this.stepBy(-far),
      PageUp: () => this.stepBy(COARSE), PageDown: () => this.stepBy(-COARSE), Home: () => this.go(low), End: () => this.go(high),
      s: () => this.go(this.same[this.axis]), S: () => this.go(this.same[this.axis]), 1: () => this.go(1),
    };
    if (!acts[e.key]) return;
    acts[e.key]();
    e.preventDefault();
    e.stopPropagation();
  }

  // -------- words and controls

  refresh() {
    const { axis, factor, names, share, moved, n } = this, [low, high] = this.ranges[axis], same = this.same[axis];
    const times = `${names[axis]} × ${factorText(factor)}`;
    this.slider.min = toStep(low);
    this.slider.max = toStep(high);
    this.slider.value = toStep(factor);
    this.slider.setAttribute("aria-valuetext", times);
    this.readout.textContent = times;
    this.axes.forEach((made, c) => made.setAttribute("aria-pressed", String(c === axis)));
    this.given.setAttribute("aria-pressed", String(factor === 1));
    this.standard.setAttribute("aria-pressed", String(factor === same));
    this.decades(low, high, same);
    this.parts.forEach(({ text, bar }, c) => {
      text.textContent = `${names[c]} ${percent(share[c])}`;
      bar.style.flexGrow = share[c];
    });
    this.seen.claim.textContent = "What k-means sees: one scale for both axes";
    this.yours.claim.textContent = this.claim(moved);
    const agreement = this.classes ? adjustedRand(this.now.labels, this.classes) : null;
    const said = words({ names, axis, factor, same, n, moved, share, inertia: this.now.inertia, agreement });
    this.seen.canvas.setAttribute("aria-label", `${n} points, ${this.k} clusters in the stretched plane. ${said}`);
    this.yours.canvas.setAttribute("aria-label", `The same ${this.k} clusters in the units of the data. ${said}`);
    this.tell(said);
  }
  claim(moved) { return `Your units: ${this.factor === 1 ? "the clusters as given" : moved ? `${moved} of ${this.n} points changed cluster` : "no point changed cluster"}`; }
  /** Room for the longest text, so that nothing below it jumps. */
  reserve(element, text) {
    const probe = element.cloneNode(false);
    for (const name of ["role", "aria-live"]) probe.removeAttribute(name);
    Object.assign(probe.style, { display: "block", position: "absolute", visibility: "hidden", minHeight: "0", width: `${element.parentNode.clientWidth}px` });
    probe.textContent = text;
    element.parentNode.append(probe);
    element.style.minHeight = `${Math.ceil(probe.offsetHeight)}px`;
    probe.remove();
  }
  reserveAll() {
    const { names, n } = this, axis = names[1].length > names[0].length ? 1 : 0, share = axis ? [0.0001, 0.9999] : [0.9999, 0.0001];
    this.reserve(this.words, words({ names, axis, factor: 0.00123, same: 0.00123, n, moved: n, share, inertia: 1.2e-30, agreement: this.classes && -0.01 }));
    for (const { claim } of [this.seen, this.yours]) this.reserve(claim, "Your units: 3000 of 3000 points changed cluster");
  }
  /** Marks below the slider: powers of ten, and the factor of the same spread. */
  decades(low, high, same) {
    const key = [low, high, same].join();
    if (key === this.marked) return;
    this.marked = key;
    const part = factor => (Math.log(factor) - Math.log(low)) / (Math.log(high) - Math.log(low));
    const mark = (factor, text, name) => {
      const made = node("span", { class: name }, text);
      made.style.left = `${100 * part(factor)}%`;
      return made;
    };
    const at = part(same), marks = [], label = node("span", { class: "kmt-same-name" }, "same spread");
    label.style.left = `${100 * at}%`;
    label.style.transform = `translateX(${at < 0.12 ? -10 : at > 0.88 ? -90 : -50}%)`;
    for (let ten = Math.ceil(Math.log10(low) - 1e-9); ten <= Math.log10(high) + 1e-9; ten++) marks.push(mark(10 ** ten, factorText(10 ** ten), "kmt-ten"));
    this.scale.replaceChildren(...marks, mark(same, "", "kmt-same"), label);
  }

  // -------- drawing

  boxOfUnits() {
    const [x0, y0, x1, y1] = boxOf([this.X], 0), pad = (a, b) => 0.06 * (b - a);
    return [x0 - pad(x0, x1), y0 - pad(y0, y1), x1 + pad(x0, x1), y1 + pad(y0, y1)];
  }
  arrange(width) {
    const given = this.model.get("height"), stacked = width < 500, side = stacked ? width : Math.floor((width - 12) / 2);
    const height = Math.min(given, Math.round(stacked ? 0.7 * side : Math.max(1.05 * side, 300)));
    this.root.classList.toggle("kmt-stacked", stacked);
    for (const { canvas, box } of [this.seen, this.yours]) {
      box.style.width = `${side}px`;
      this.size(canvas, side, height);
    }
    this.dot = (this.n <= 350 ? 4.4 : this.n <= 1500 ? 3.6 : 2.4) * (side < 360 ? 0.8 : 1);
    this.reserveAll();
    this.fitted = true;
    this.fit();
  }
  fit() {
    const { canvas } = this.seen, width = parseFloat(canvas.style.width), height = parseFloat(canvas.style.height);
    const area = { left: 64, top: 8, right: width - 12, bottom: height - 42, aside: 52 };
    this.views = [fitView(boxOf([stretched(this.X, this.axis, this.factor)]), area), fillView(this.box, area)];
  }

  picture() {
    const { axis, factor, now, names } = this, [seen, yours] = this.views;
    const Z = stretched(this.X, axis, factor), far = pairs(stretched(now.centers, axis, factor)), near = pairs(now.centers);
    const back = p => p.map((v, c) => c === axis ? v / factor : v), links = neighbours(far);
    const titled = names.map((name, c) => c === axis && factor !== 1 ? `${name} × ${factorText(factor)}` : name);
    const corners = [yours.x0, yours.y0, yours.x1, yours.y1].map((v, i) => i % 2 === axis ? v * factor : v);
    const cells = voronoi(far, corners).map(cell => cell.map(back));
    for (const [{ canvas }, view, flat, centers, regions, title] of [[this.seen, seen, Z, far, undefined, titled], [this.yours, yours, this.X, near, cells, names]]) {
      const g = this.pen(canvas);
      g.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
      this.clipped(g, view, () => {
        this.drawRegions(g, view, centers, regions);
        this.drawDots(g, view, flat, now.labels, { r: this.dot });
        if (this.outlined) this.drawOutlines(g, view, flat);
        this.drawLinks(g, view, centers, links);
        this.drawCenters(g, view, centers, { r: 13 });
      });
      this.drawAxes(g, view, title, parseFloat(canvas.style.height) - 3);
    }
  }

  /** Points that are in another cluster than at factor 1: an outline keeps a crowd of them readable where rings would not. */
  drawOutlines(g, view, flat) {
    const { labels } = this.now, before = this.base.labels;
    g.strokeStyle = this.ink.ink;
    g.lineWidth = this.dot > 4 ? 1.5 : 1.1;
    for (let i = 0; i < this.n; i++) if (labels[i] !== before[i]) {
      trace(g, this.marker(labels[i]), ...toScreen(view, [flat[2 * i], flat[2 * i + 1]]), this.dot + 0.4);
      g.stroke();
    }
  }

  /** Lines between neighbouring centres; in one scale, with the right angle where they meet the border. */
  drawLinks(g, view, centers, links) {
    const screen = centers.map(p => toScreen(view, p));
    g.strokeStyle = this.ink.ink;
    for (const [i, j] of links) {
      const [a, b] = [screen[i], screen[j]], length = Math.hypot(b[0] - a[0], b[1] - a[1]);
      g.lineWidth = 1.4;
      g.setLineDash([5, 4]);
      g.beginPath(); g.moveTo(...a); g.lineTo(...b); g.stroke();
      g.setLineDash([]);
      if (view.scaleY || length < 60) continue;
      const [u, v] = [(b[0] - a[0]) / length * 9, (b[1] - a[1]) / length * 9], [x, y] = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
      g.lineWidth = 1.8;
      g.beginPath(); g.moveTo(x + u, y + v); g.lineTo(x + u - v, y + v + u); g.lineTo(x - v, y + u); g.stroke();
    }
  }
}

/** anywidget calls this once a model. */
export default function scaleSlider() {
  return {
    render({ model, el }) {
      const view = new ScaleView(model, el);
      return () => view.dispose();
    },
  };
}
