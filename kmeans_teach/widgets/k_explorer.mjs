// One cursor over k: the elbow, a second curve, the clustering of that k and the silhouette of its points move
// together. All of it crossed once, so that nothing is asked of Python but the gap statistic and the stability.
import { number, tickText, ticks } from "./core.mjs";
import { boxOf, button, copied, fillView, fitView, floats, icon, node, pairs, Sheet, tellPython, textButton, toScreen, trace } from "./sheet.mjs";

const JOBS = { gap: "gap", stability: "stability" };
const CURVES = { silhouette: "silhouette", ...JOBS };
const PATIENCE = 4000;   // ms until silence from Python is remarked on
const NO_PYTHON = "This needs Python, which does not answer: run the cell again. The cursor works without it.";

// ---------------------------------------------------------------- pure functions

/** What crossed, one entry for each k: labels, centres (pairs), silhouettes, inertia and so on. */
export function decode({ info, centers, labels, silhouettes }) {
  const { n } = info;
  let from = 0;
  return info.k.map((k, i) => {
    const mine = centers.subarray(2 * from, 2 * (from + k));
    from += k;
    const values = silhouettes.subarray(i * n, (i + 1) * n), own = labels.subarray(i * n, (i + 1) * n);
    const mean = info.silhouette[i], others = Int32Array.from(own, (j, at) => values[at] < 0 ? -1 : j);   // -1: gets a ring
    return { k, labels: own, others, centers: pairs(mine), bars: barsOf(values, own, k), mean, inertia: info.inertia[i], words: info.words[i] };
  });
}

/** The silhouettes of each cluster, largest first. */
export function barsOf(values, labels, k) {
  const bars = Array.from({ length: k }, () => []);
  labels.forEach((j, i) => bars[j].push(values[i]));
  return bars.map(list => Float32Array.from(list).sort().reverse());
}

/** How high each cluster's bars are: as its number of points, but none below `least` where there is room for that. */
export function slots(counts, height, least) {
  const floor = Math.min(least, height / counts.length), fixed = new Set();
  for (;;) {
    const free = counts.reduce((sum, c, j) => fixed.has(j) ? sum : sum + c, 0), scale = (height - floor * fixed.size) / free;
    const low = counts.findIndex((c, j) => !fixed.has(j) && c * scale < floor - 1e-9);
    if (low < 0) return counts.map((c, j) => fixed.has(j) ? floor : c * scale);
    fixed.add(low);
  }
}

/** The place in `ks` of the value that is nearest to x. */
export function nearestPlace(ks, x) {
  return ks.reduce((best, k, i) => Math.abs(k - x) < Math.abs(ks[best] - x) ? i : best, 0);
}

/** The lowest and highest value of a curve with its errors and a little room, without holes. */
export function rangeOf(values, errors = [], zero = false) {
  const ends = values.flatMap((v, i) => v === null ? [] : [v - (errors[i] ?? 0), v + (errors[i] ?? 0)]);
  if (zero) ends.push(0);
  if (!ends.length) return [0, 1];
  const low = Math.min(...ends), high = Math.max(...ends), pad = 0.08 * (high - low) || 0.1;
  return [zero && low === 0 ? 0 : low - pad, high + pad];
}

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
/** A tick's text that stays short. */
export const shortTick = value => Math.abs(value) >= 1e4 ? compact.format(value) : tickText(value);

// ---------------------------------------------------------------- one view

class KView extends Sheet {
  constructor(model, page, el) {
    super(model, el, { kind: "k-explorer", label: "k-means for one number of clusters after the other" });
    const get = name => model.get(name);
    this.info = get("_info");
    this.ks = this.info.k;
    this.flat = floats(get("_points"));
    this.runs = decode({
      info: this.info, centers: floats(get("_centers")), silhouettes: new Float32Array(copied(get("_silhouettes"))),
      labels: new (this.ks.at(-1) <= 256 ? Uint8Array : Uint16Array)(copied(get("_labels"))),
    });
    const means = this.info.silhouette, highest = Math.max(...means.filter(v => v !== null));
    this.byMean = { k: this.ks, mean: means, best: this.ks[means.indexOf(highest)] ?? null };
    const lowest = this.runs.flatMap(run => run.mean === null ? [] : run.bars.flatMap(list => list.length ? [list.at(-1)] : []));
    this.lowest = Math.min(-0.1, ...lowest);
    Object.assign(this, { page, at: this.ks.indexOf(get("k")), curve: "silhouette", running: {}, note: "" });
    const parts = this.build();
    this.listen();
    this.attach(...parts);
    this.goTo(this.at, { quiet: true });
  }

  build() {
    const last = this.ks.length - 1;
    this.slider = node("input", { type: "range", min: 0, max: last, step: 1, class: "kmt-scrub", "aria-label": "Number of clusters k" });
    this.count = node("span", { class: "kmt-count" });
    this.bar = node("div", { class: "kmt-bar", role: "toolbar", "aria-label": "Choose k" },
      button("back", "Smaller k (left arrow)", () => this.goTo(this.at - 1), icon("back")), button("forward", "Larger k (right arrow)", () => this.goTo(this.at + 1), icon("forward")), this.slider, this.count);

    this.points = node("canvas", { class: "kmt-points", tabIndex: 0, role: "img" });
    this.curves = node("canvas", { class: "kmt-curves", role: "img" });
    this.silhouettes = node("canvas", { class: "kmt-silhouettes", role: "img" });
    this.stage = node("div", { class: "kmt-stage" }, this.curves, this.silhouettes, this.points);

    this.tabs = Object.keys(CURVES).map(name => {
      const tab = textButton(`curve-${name}`, CURVES[name], `Show the ${name} below the elbow`, () => this.showCurve(name));
      tab.dataset.curve = name;
      return tab;
    });
    this.computes = Object.keys(JOBS).map(kind => {
      const made = textButton(`compute-${kind}`, `Compute ${JOBS[kind]}`, kind === "gap" ? "Compare every k with uniform noise: the first k whose gap reaches the next one less its error holds" : "Cluster random parts of the points for every k, and see whether they agree", () => this.ask(kind));
      made.dataset.kind = kind;
      return made;
    });
    this.progress = node("progress", { class: "kmt-progress", max: 1, value: 0 });
    this.done = node("span", { class: "kmt-done" });
    this.stopButton = textButton("stop", "Stop", "Stop; the rounds that are finished count", () => this.stopAll());
    this.working = node("span", { class: "kmt-group kmt-working" }, this.progress, this.done, this.stopButton);
    this.tools = node("div", { class: "kmt-tools" },
      node("span", { class: "kmt-group", role: "group", "aria-label": "The curve below the elbow" }, "Below the elbow:", ...this.tabs),
      node("span", { class: "kmt-group" }, ...this.computes), this.working);
    this.verdict = node("div", { class: "kmt-hint kmt-verdict", role: "status", "aria-live": "polite" });
    return [this.bar, this.stage, node("div", { class: "kmt-say" }, this.words), this.verdict, this.tools];
  }

  listen() {
    this.on(this.root, "keydown", e => this.key(e));
    this.on(this.slider, "input", () => this.goTo(Number(this.slider.value)));
    this.on(this.curves, "pointerdown", e => { if (!e.button) { this.curves.setPointerCapture(e.pointerId); this.held = true; this.drag(e); } });
    for (const canvas of [this.curves, this.silhouettes]) this.on(canvas, "mousedown", e => { e.preventDefault(); this.slider.focus({ preventScroll: true }); });   // for the arrow keys
    this.on(this.curves, "pointermove", e => { if (this.held) this.drag(e); });
    for (const name of ["pointerup", "pointercancel"]) this.on(this.curves, name, () => { this.held = false; });
    this.onModel("k", () => { if (!this.resting) this.goTo(this.ks.indexOf(this.model.get("k")), { quiet: true }); });
    this.onModel(Object.keys(JOBS).map(kind => `_${kind}`), () => this.goTo(this.at, { quiet: true }));
    const heard = content => this.heard(content), gone = () => { if (Object.keys(this.running).length) this.gone(); };
    this.model.on("msg:custom", heard);
    this.model.on("comm_live_update", gone);
    this.ends.push(() => { this.model.off("msg:custom", heard); this.model.off("comm_live_update", gone); });
  }

  dispose() {
    clearTimeout(this.resting);
    clearTimeout(this.silence);
    super.dispose();
  }

  // -------- moving the cursor

  get run() { return this.runs[this.at]; }

  goTo(at, { quiet = false } = {}) {
    this.at = Math.max(0, Math.min(this.ks.length - 1, at));
    this.say();
    this.draw();
    if (!quiet) this.rest();
  }
  /** Tells Python and the other views where the cursor came to rest. */
  rest() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      if (this.model.get("k") !== this.run.k) {
        this.model.set("k", this.run.k);
        tellPython(this.model);
      }
      this.resting = null;
    }, 200);
  }
  drag(e) {
    const box = this.curves.getBoundingClientRect(), [view] = this.panels;
    this.goTo(nearestPlace(this.ks, view.x0 + (e.clientX - box.left - view.left) / view.scale));
  }
  key(e) {
    if (e.altKey || e.ctrlKey || e.metaKey) return;
    const to = { ArrowLeft: this.at - 1, ArrowDown: this.at - 1, ArrowRight: this.at + 1, ArrowUp: this.at + 1, Home: 0, End: this.ks.length - 1 }[e.key];
    if (to === undefined) return;
    this.goTo(to);
    e.preventDefault();
    e.stopPropagation();
  }
  showCurve(name) { this.curve = name; this.goTo(this.at, { quiet: true }); }

  // -------- gap and stability: asked of Python, which reports

  result(kind) { const found = this.model.get(`_${kind}`); return found?.k ? found : null; }

  ask(kind) {
    this.showCurve(kind);
    if (this.running[kind]) return;
    if (!this.send({ kind, ask: "compute" })) return this.gone();
    this.page.asked.add(kind);
    this.heard({ kind, done: 0, total: 1 });
  }
  stopAll() { for (const kind of Object.keys(this.running)) this.send({ kind, ask: "stop" }); }
  send(content) {
    const { model } = this;
    if (!model.send || model.widget_manager?.kernel === null) return false;
    try { model.send(content); } catch { return false; }   // the comm of a kernel that restarted
    return true;
  }
  heard({ kind, done, total, ended, note }) {
    if (!JOBS[kind]) return;
    clearTimeout(this.silence);
    if (ended) {
      delete this.running[kind];
      this.page.asked.delete(kind);
    } else this.running[kind] = { done, total };
    this.note = note ?? "";
    if (Object.keys(this.running).length) this.silence = setTimeout(() => this.gone(), PATIENCE);
    this.refresh();
    if (this.curve === kind) this.draw();
  }
  /** The kernel ended, or does something that cannot wait; if it does answer later, that is heard. */
  gone() {
    clearTimeout(this.silence);
    this.running = {};
    this.page.asked.clear();
    this.note = NO_PYTHON;
    this.refresh();
    this.draw();
  }

  // -------- words

  say() {
    const none = this.run.k > 1 ? " No k is worth its name here: the gap says 'none'." : " The gap stops here: the honest answer is 'none'.";
    this.tell(this.run.words + (this.result("gap")?.none ? none : ""));
    this.refresh();
  }
  refresh() {
    const { k } = this.run, running = Object.values(this.running)[0];
    this.slider.value = this.at;
    this.slider.setAttribute("aria-valuetext", `k = ${k}`);
    this.count.textContent = `k = ${k}`;
    this.points.ariaLabel = `${this.info.n} points in ${k} cluster${k > 1 ? "s" : ""}. ${this.words.textContent}`;
    for (const tab of this.tabs) tab.setAttribute("aria-pressed", String(tab.dataset.curve === this.curve));
    for (const made of this.computes) made.disabled = Boolean(running);
    this.working.classList.toggle("kmt-idle", !running);
    this.stopButton.disabled = !running;
    if (running) {
      const name = JOBS[Object.keys(this.running)[0]];
      this.progress.max = running.total;
      this.progress.value = running.done;
      this.progress.setAttribute("aria-label", `Computing the ${name}`);
      this.done.textContent = `${running.done} of ${running.total} fits`;
    }
    const found = Object.keys(JOBS).map(kind => this.result(kind)?.words).filter(Boolean).join(" ");
    const words = this.note || found || "Is there more than uniform noise would show? The gap statistic can tell, and 'none' is an answer.";
    if (this.verdict.textContent !== words) this.verdict.textContent = words;
  }

  // -------- drawing

  arrange(width) {
    const height = this.model.get("height"), gap = 10, row = Math.round(0.72 * height);
    const part = share => Math.floor((width - 2 * gap) * share), half = Math.floor((width - gap) / 2);
    const sizes = width < 480 ? [[width, row], [width, row], [width, Math.min(height, width)]]
      : width < 900 ? [[half, row], [half, row], [width, row]] : [[part(0.33), height], [part(0.28), height], [part(0.39), height]];
    [this.curves, this.silhouettes, this.points].forEach((canvas, i) => { this.size(canvas, ...sizes[i]); canvas.area = sizes[i]; });
    const [cw, ch] = sizes[0], [pw, ph] = sizes[2], k0 = this.ks[0], k1 = this.ks.at(-1), room = Math.max(0.4, 0.04 * (k1 - k0));
    const middle = (ch - 44) / 2;
    this.panels = [[26, middle - 4], [middle + 26, ch - 44]].map(([top, bottom]) => fillView([k0 - room, 0, k1 + room, 1], { left: 48, top, right: cw - 10, bottom }));
    this.plane = fitView(boxOf([this.flat, ...this.runs.map(run => Float64Array.from(run.centers.flat()))]), { left: 46, top: 26, right: pw - 8, bottom: ph - 42 });
  }

  draw() { if (this.panels) super.draw(); }
  picture() {
    this.drawCurves();
    this.drawBars();
    this.drawClustering();
  }
  clear(canvas, title) {
    const g = this.pen(canvas), [width, height] = canvas.area;
    g.clearRect(0, 0, width, height);
    this.heading(g, title, 4, 2, width - 8);
    return g;
  }
  heading(g, text, x, y, width) {
    g.font = "bold 14px system-ui, sans-serif";
    g.fillStyle = this.ink.ink;
    g.textAlign = "left";
    g.textBaseline = "top";
    g.fillText(text, x, y, width);
  }

  drawCurves() {
    const { run, ks, panels: [top, low] } = this, { inertia } = this.info, gap = this.result("gap");
    const g = this.clear(this.curves, `Elbow: inertia ${number(run.inertia)} at k = ${run.k}`);
    const noise = gap ? { k: gap.k, mean: gap.noise } : null;
    this.legend = null;
    this.drawCurve(g, top, { k: ks, mean: inertia }, { range: rangeOf([...inertia, ...(noise?.mean ?? [])], [], true), noise });
    const found = this.curve === "silhouette" ? this.byMean : this.result(this.curve);
    const at = found ? found.k.indexOf(run.k) : -1, value = found?.mean[at], spread = found?.error?.[at];
    const [name, ring] = { silhouette: ["Mean silhouette", "ring: highest"], gap: ["Gap", "ring: first to hold"], stability: ["Stability (ARI)", "ring: best"] }[this.curve];
    const heading = value == null ? name : `${name} ${value.toFixed(2)}${spread === undefined ? "" : ` ± ${spread.toFixed(2)}`} at k = ${run.k}`;
    this.heading(g, heading, 4, low.top - 24, this.curves.area[0] - 8);
    const taken = g.measureText(heading).width;
    g.font = "13px system-ui, sans-serif";
    g.textAlign = "right";
    g.fillStyle = this.ink.m;
    if (found?.best != null && taken + g.measureText(ring).width + 12 < low.right) g.fillText(ring, low.right, low.top - 23);
    if (found) this.drawCurve(g, low, found, { range: rangeOf(found.mean, found.error), best: found.best });
    else this.drawEmpty(g, low, this.running[this.curve] ? "being computed ..." : `not computed yet: press "Compute ${JOBS[this.curve]}"`);
    this.drawCursor(g);
    if (this.legend) this.drawLegend(g);
    this.curves.ariaLabel = `Inertia and ${this.curve} over k from ${ks[0]} to ${ks.at(-1)}, cursor at k = ${run.k}.`;
  }
  /** In front of the cursor, which may pass below it. */
  drawLegend(g) {
    g.font = "13px system-ui, sans-serif";
    g.textAlign = "right";
    g.textBaseline = "bottom";
    g.lineWidth = 4;
    g.strokeStyle = this.ink.paper;
    g.fillStyle = this.ink.soft;
    g.strokeText("dashed: uniform noise", ...this.legend);
    g.fillText("dashed: uniform noise", ...this.legend);
  }
  drawEmpty(g, view, words) {
    this.frame(g, view);
    g.font = "13px system-ui, sans-serif";
    g.fillStyle = this.ink.soft;
    g.textAlign = "center";
    g.textBaseline = "middle";
    g.fillText(words, (view.left + view.right) / 2, (view.top + view.bottom) / 2, view.right - view.left - 8);
  }
  frame(g, view) {
    g.strokeStyle = this.ink.line;
    g.lineWidth = 1;
    g.strokeRect(view.left + 0.5, view.top + 0.5, view.right - view.left - 1, view.bottom - view.top - 1);
  }
  drawCurve(g, panel, curve, { range: [y0, y1], noise = null, best = null }) {
    const view = fillView([panel.x0, y0, panel.x1, y1], panel), place = (k, v) => toScreen(view, [k, v]);
    this.frame(g, view);
    g.font = "12px system-ui, sans-serif";
    g.fillStyle = this.ink.soft;
    g.textAlign = "right";
    g.textBaseline = "middle";
    for (const t of ticks(y0, y1, Math.max(2, (view.bottom - view.top) / 36))) g.fillText(shortTick(t), view.left - 6, place(view.x0, t)[1]);
    if (noise) {
      this.line(g, noise, place, this.ink.soft, [5, 4]);
      this.legend = [view.right - 8, view.top + 22];
    }
    g.strokeStyle = this.ink.ink;
    g.lineWidth = 1.5;
    curve.error?.forEach((e, i) => {
      const [x, low] = place(curve.k[i], curve.mean[i] - e), [, high] = place(curve.k[i], curve.mean[i] + e);
      g.beginPath();
      for (const y of [low, high]) { g.moveTo(x - 4, y); g.lineTo(x + 4, y); }
      g.moveTo(x, low);
      g.lineTo(x, high);
      g.stroke();
    });
    this.line(g, curve, place, this.ink.e, []);
    curve.k.forEach((k, i) => {
      if (curve.mean[i] === null) return;
      g.beginPath();
      g.arc(...place(k, curve.mean[i]), k === this.run.k ? 7 : 4, 0, 2 * Math.PI);
      g.fillStyle = this.ink.e;
      g.fill();
      g.lineWidth = 2;
      g.strokeStyle = k === this.run.k ? this.ink.ink : this.ink.paper;
      g.stroke();
    });
    if (best !== null && curve.k.includes(best)) {
      const [x, y] = place(best, curve.mean[curve.k.indexOf(best)]);
      g.beginPath();
      g.arc(x, y, 11, 0, 2 * Math.PI);
      g.lineWidth = 2;
      g.strokeStyle = this.ink.m;
      g.stroke();
    }
  }
  line(g, curve, place, color, dash) {
    g.beginPath();
    curve.k.forEach((k, i) => { if (curve.mean[i] !== null) g.lineTo(...place(k, curve.mean[i])); });
    g.setLineDash(dash);
    g.lineWidth = 2.2;
    g.strokeStyle = color;
    g.stroke();
    g.setLineDash([]);
  }
  /** One line through both curves, with a handle and the numbers of k below. */
  drawCursor(g) {
    const [top, low] = this.panels, [x] = toScreen(low, [this.run.k, 0]), every = Math.ceil(this.ks.length * 22 / (low.right - low.left));
    g.lineWidth = 2;
    g.strokeStyle = this.ink.m;
    g.beginPath();
    for (const view of [top, low]) { g.moveTo(x, view.top); g.lineTo(x, view.bottom); }
    g.stroke();
    g.textAlign = "center";
    g.textBaseline = "top";
    this.ks.forEach((k, i) => {
      const here = i === this.at;
      if (!here && (i % every || Math.abs(i - this.at) < every && every > 1)) return;
      g.font = `${here ? "bold 14px" : "12px"} system-ui, sans-serif`;
      g.fillStyle = here ? this.ink.ink : this.ink.soft;
      g.fillText(String(k), toScreen(low, [k, 0])[0], low.bottom + 9);
    });
    g.beginPath();
    g.moveTo(x, low.bottom);
    g.lineTo(x - 6, low.bottom + 8);
    g.lineTo(x + 6, low.bottom + 8);
    g.closePath();
    g.fillStyle = this.ink.m;
    g.fill();
    g.font = "13px system-ui, sans-serif";
    g.fillStyle = this.ink.ink;
    g.textBaseline = "bottom";
    g.fillText("number of clusters k", (low.left + low.right) / 2, this.curves.area[1] - 1);
  }

  drawBars() {
    const { run } = this, [width, height] = this.silhouettes.area;
    const g = this.clear(this.silhouettes, `Silhouette of every point, k = ${run.k}`);
    const area = { left: 44, top: 26, right: width - 10, bottom: height - 44 };
    const view = fillView([this.lowest, 0, 1, 1], area), x = v => toScreen(view, [v, 0])[0];
    this.silhouettes.ariaLabel = run.mean === null ? "No silhouette here." : `The silhouette of every point, sorted in ${run.k} clusters; mean ${run.mean.toFixed(2)}.`;
    if (run.mean === null) return this.drawEmpty(g, view, run.k === 1 ? "one cluster has no silhouette" : "no silhouette here");
    this.frame(g, view);
    const between = run.k > 40 ? 0 : 3, heights = slots(run.bars.map(list => list.length), area.bottom - area.top - between * (run.k + 1), 13);
    let y = area.top + between;
    run.bars.forEach((list, j) => {
      const step = heights[j] / list.length;
      g.beginPath();
      g.moveTo(x(0), y);
      list.forEach((v, i) => { g.lineTo(x(v), y + i * step); g.lineTo(x(v), y + (i + 1) * step); });
      g.lineTo(x(0), y + heights[j]);
      g.closePath();
      g.fillStyle = this.color(j);
      g.fill();
      if (heights[j] >= 12) {
        trace(g, this.marker(j), 11, y + heights[j] / 2, 5);
        g.fill();
        g.font = "bold 13px system-ui, sans-serif";
        g.fillStyle = this.ink.ink;
        g.textAlign = "left";
        g.textBaseline = "middle";
        g.fillText(String(j), 22, y + heights[j] / 2);
      }
      y += heights[j] + between;
    });
    const rule = (v, dash, size) => {
      g.beginPath();
      g.moveTo(x(v), area.top);
      g.lineTo(x(v), area.bottom);
      g.setLineDash(dash);
      g.lineWidth = size;
      g.strokeStyle = this.ink.ink;
      g.stroke();
      g.setLineDash([]);
    };
    rule(0, [], 1);
    rule(run.mean, [6, 4], 2);
    g.font = "12px system-ui, sans-serif";
    g.fillStyle = this.ink.soft;
    g.textAlign = "center";
    g.textBaseline = "top";
    for (const t of ticks(this.lowest, 1, (area.right - area.left) / 60)) g.fillText(tickText(t), x(t), area.bottom + 6);
    g.font = "13px system-ui, sans-serif";
    g.fillStyle = this.ink.ink;
    g.textBaseline = "bottom";
    g.fillText(`silhouette (dashed: mean ${run.mean.toFixed(2)})`, (area.left + area.right) / 2, height - 1, width - 8);
  }

  drawClustering() {
    const { run, plane } = this, many = this.info.n > 2000;
    const g = this.clear(this.points, run.k === 1 ? "One cluster" : `${run.k} clusters`);
    this.clipped(g, plane, () => {
      if (this.info.exact) this.drawRegions(g, plane, run.centers);
      this.drawDots(g, plane, this.flat, run.labels, { r: many ? 2.4 : 4.2, before: many ? null : run.others });
      this.drawCenters(g, plane, run.centers, { r: run.k > 30 ? 8 : 13 });
    });
    this.drawAxes(g, plane, this.info.names, this.points.area[1] - 3);
  }
}

/** anywidget calls this once a model. When its last view closes, what its buttons began is stopped. */
export default function kExplorer() {
  const page = { views: 0, asked: new Set() };
  return {
    render({ model, el }) {
      page.views += 1;
      const view = new KView(model, page, el);
      return () => {
        view.dispose();
        page.views -= 1;
        if (page.views) return;
        for (const kind of page.asked) view.send({ kind, ask: "stop" });
        page.asked.clear();
      };
    },
  };
}
