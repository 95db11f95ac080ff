// Many seeds side by side: small pictures that step together, one of them large if wanted, the histogram of where
// hundreds of seeds end, and how many starts it takes to reach the best. The browser repeats every run itself.
import { kmeansPlusPlus, lloyd, number, project, randomPoints, sentence, tickText, ticks } from "./core.mjs";
import { boxOf, copied, fitView, floats, node, pairs, Stepper, tellPython, textButton } from "./sheet.mjs";

const SLICE = 40;             // milliseconds of computing before the page may breathe
const PANEL_DOTS = 1500, LARGE_DOTS = 6000;   // more points than this are drawn as a sample

// ---------------------------------------------------------------- pure functions

/** How many pictures stand in a row of a page so wide; few pictures are larger. */
export const columnsFor = (width, pictures = Infinity) => Math.min(width >= 900 ? 4 : width >= 520 ? 3 : 2, Math.ceil(Math.sqrt(pictures)));

/** The probability that one of m runs at least is the best, if p of all runs are. */
export const chance = (p, m) => 1 - (1 - p) ** m;

/** The smallest m whose chance is at least this; infinite for p = 0. */
export function runsNeeded(p, probability) {
  if (p <= 0) return Infinity;
  return p >= 1 ? 1 : Math.max(1, Math.ceil(Math.log(1 - probability) / Math.log(1 - p) - 1e-9));
}

/** A share in per cent; never 100 or 0 for what is not all or nothing. */
export function percent(p) {
  if (p > 0.9995 && p < 1) return "more than 99.9 %";
  if (p < 0.0005 && p > 0) return "less than 0.1 %";
  return `${Number((100 * p).toFixed(1))} %`;
}

/** A run of core.lloyd with its cluster j called names[j]. */
export function renamed(run, names) {
  const moved = row => {
    const to = row.slice(), wide = row.length / names.length;
    names.forEach((name, j) => { for (let c = 0; c < wide; c++) to[name * wide + c] = row[j * wide + c]; });
    return to;
  };
  let from = null, to = null;
  const labels = old => { if (old && old !== from) { from = old; to = old.map(j => names[j]); } return old && to; };
  return { ...run, frames: run.frames.map(f => ({ ...f, centers: moved(f.centers), labels: labels(f.labels), shift: moved(f.shift), relocated: f.relocated.map(j => names[j]).sort((a, b) => a - b) })) };
}

/** The run that starts with this seed, as scikit-learn's with n_init=1 and random_state=seed. */
export function runFrom(X, d, k, init, seed, names) {
  const draw = init === "random" ? randomPoints : kmeansPlusPlus;
  return renamed(lloyd(X, draw(X, k, d, seed), d), names);
}

/** The seed after this one in a list, the first after the last and for strangers. */
export const nextOf = (seeds, seed) => seeds[(seeds.indexOf(seed) + 1) % seeds.length];

/** The bar with seeds that is next to bar `at` in a direction; `at` itself if there is none. */
export function nextBar(bars, at, step) {
  for (let i = at + step; i >= 0 && i < bars.length; i += step) if (bars[i].seeds.length) return i;
  return at;
}

/** The bar with seeds that is nearest to a place counted in bars; -1 if none is within reach. */
export function barAt(bars, place, reach = 1) {
  let best = -1, least = reach;
  bars.forEach((bar, i) => { if (bar.seeds.length && Math.abs(i + 0.5 - place) < least) { least = Math.abs(i + 0.5 - place); best = i; } });
  return best;
}

/** The inertia of a bar, or its range where its ends read differently. */
export function range(bar) {
  const low = number(bar.low), high = number(bar.high);
  return low === high ? [low] : [low, `to ${high}`];
}

/** How a run ended, in a word or two; fewer where there is little room. */
export function mark(inertia, { best, same }, short = false) {
  if (inertia <= best + same) return "best";
  const above = 100 * (inertia / best - 1);
  if (!(above < 1e4)) return "stuck";
  const text = `${above >= 9.5 ? Math.round(above) : Number(above.toPrecision(above < 1 ? 1 : 2))} %`;
  return short ? `stuck, +${text}` : `stuck, ${text} higher`;
}

/** What to say where this page and Python broke a tie between two centres differently. */
export const tie = (inertia, { same }, python) => Math.abs(inertia - python) <= same ? "" : ` Python broke a tie between two centres the other way and ended at ${number(python)}.`;

/** What is seen of all runs at one half-step. */
export function together(ends, at, trials) {
  const over = ends.filter(end => end.last <= at), best = over.filter(end => end.inertia <= trials.best + trials.same).length;
  const one = ends.length === 1;
  if (at === 0) return `Start: ${one ? "the seed has" : `${ends.length} seeds, each with`} centres of its own, no point has a cluster yet.`;
  const stuck = over.length - best, split = `${best} at the best (${number(trials.best)}), ${stuck} stuck higher`;
  if (over.length === ends.length) return one ? `The run has ended: ${best ? "at the best" : "stuck higher than the best"} (${number(trials.best)}).` : `All ${ends.length} runs have ended: ${split}${stuck ? `, the highest at ${number(Math.max(...ends.map(end => end.inertia)))}` : ""}.`;
  const now = ends.map(end => end.now), low = number(Math.min(...now)), high = number(Math.max(...now));
  const span = low === high ? `inertia ${low}` : `inertia from ${low} to ${high}`;
  const ended = !over.length ? "no run has ended yet" : `${over.length} of ${ends.length} runs ${over.length === 1 ? "has" : "have"} ended: ${split}`;
  return `Half-step ${at}, ${at % 2 ? "an E-step" : "an M-step"} of every run still going: ${span}; ${ended}.`;
}

// ---------------------------------------------------------------- the view

class Gallery extends Stepper {
  constructor(model, el) {
    super(model, el, { kind: "gallery", label: "Runs of k-means from many seeds", toolbar: "Play the runs", step: "Half-step" });
    const info = this.info = model.get("_info");
    Object.assign(this, { last: 0, bar: -1, runs: [], made: new Map(), init: info.init, m: 1, large: model.get("chosen") });
    this.points = floats(model.get("_points"));
    this.names = new Uint16Array(copied(model.get("_names")));
    this.flat = project(this.points, info.d, info.plane);
    this.box = boxOf([this.flat]);
    this.build();
    this.listen();
    this.load();
    this.attach(this.toolbar, node("div", { class: "kmt-say" }, this.words), this.stage);
  }

  build() {
    this.start = node("select", { class: "kmt-init" }, ...this.info.inits.map((name, i) => node("option", { value: i, selected: i === this.init }, name === "random" ? "random points" : name)));
    this.toolbar.append(node("label", { class: "kmt-group" }, "start:", this.start));

    this.panels = this.info.seeds.map(seed => {
      const canvas = node("canvas", { "aria-hidden": "true" }), inertia = node("span"), end = node("span", { class: "kmt-end" });
      const caption = node("span", { class: "kmt-caption" }, node("b", {}, `seed ${seed}`), inertia, end);
      const root = node("button", { type: "button", class: "kmt-panel", title: "Show this run large" }, canvas, caption);
      root.addEventListener("click", () => this.choose(seed));
      return { seed, canvas, inertia, end, root, drawn: "" };
    });
    this.grid = node("div", { class: "kmt-grid" }, ...this.panels.map(panel => panel.root));
    this.big = node("canvas", { class: "kmt-large", tabIndex: 0, role: "img" });
    this.bigName = node("span", { class: "kmt-large-name" });
    this.all = textButton("all", `All ${this.info.seeds.length} seeds`, "Back to the small pictures (Escape)", () => this.choose(null));
    this.single = node("div", { class: "kmt-single" }, node("div", { class: "kmt-group" }, this.all, this.bigName), this.big);

    this.bars = node("canvas", { class: "kmt-histogram", tabIndex: 0, role: "img" });
    this.barWords = node("div", { class: "kmt-line", "aria-live": "polite" });
    this.curve = node("canvas", { class: "kmt-curve", role: "img" });
    this.many = node("input", { type: "range", class: "kmt-ninit", min: 1, max: 10, value: 1 });
    this.manyWords = node("div", { class: "kmt-line", "aria-live": "polite" });
    this.side = node("div", { class: "kmt-side" }, node("div", {}, this.bars, this.barWords), node("div", {}, this.curve, node("label", { class: "kmt-many" }, "n_init", this.many), this.manyWords));
    this.stage = node("div", { class: "kmt-stage" }, this.grid, this.single, this.side);
  }

  listen() {
    const on = this.on.bind(this);
    on(this.root, "keydown", e => this.key(e));
    on(this.start, "change", () => { this.init = Number(this.start.value); this.bar = -1; this.load(); });
    on(this.bars, "pointermove", e => this.point(this.barUnder(e)));
    on(this.bars, "pointerleave", () => { if (document.activeElement !== this.bars) this.point(-1); });
    on(this.bars, "click", e => this.open(this.barUnder(e)));
    on(this.bars, "focus", () => { if (this.bar < 0) this.point(nextBar(this.trials.bars, -1, 1)); });
    on(this.bars, "blur", () => this.point(-1));
    on(this.curve, "pointerdown", e => this.atCurve(e));
    on(this.curve, "pointermove", e => { if (e.buttons) this.atCurve(e); });
    on(this.many, "input", () => this.setMany(Number(this.many.value)));
    this.onModel("chosen", () => this.show(this.model.get("chosen")));
  }

  dispose() {
    clearTimeout(this.later);
    super.dispose();
  }

  // -------- runs

  get trials() { return this.info.trials[this.init]; }

  /** The run of a seed, its clusters named as Python matched them. */
  runOf(seed) {
    const { info, init, made } = this, key = `${init},${seed}`, { d, k } = info;
    if (!made.has(key)) {
      const row = init * info.rows.length + info.rows.indexOf(seed);
      made.set(key, runFrom(this.points, d, k, info.inits[init], seed, [...this.names.subarray(row * k, row * k + k)]));
    }
    return made.get(key);
  }
  /** Makes the runs that are shown, in slices if they take long. */
  load() {
    const seeds = this.info.seeds, began = performance.now();
    clearTimeout(this.later);
    this.stop();
    this.runs = seeds.map(seed => this.made.get(`${this.init},${seed}`) ?? (performance.now() - began < SLICE ? this.runOf(seed) : null));
    if (this.runs.includes(null)) this.later = setTimeout(() => this.load());
    this.setMany(this.m, true);
    this.show(this.large, { at: this.at });
  }
  frameOf(run) { return run.frames[Math.min(this.at, run.frames.length - 1)]; }

  // -------- stepping

  goTo(at) {
    const going = this.large === null ? this.runs.filter(Boolean) : [this.runOf(this.large)];
    this.last = Math.max(0, ...going.map(run => run.frames.length - 1));
    this.at = Math.max(0, Math.min(this.last, at));
    this.showStep();
    this.say();
    this.draw();
  }
  // -------- one run large

  /** Chooses the seed that is shown large, in every view and in Python; null shows all. */
  choose(seed, { end = false } = {}) {
    const before = this.panels.find(panel => panel.seed === this.large) ?? this.panels[0];
    this.atEnd = end;
    if (this.model.get("chosen") === seed) this.show(seed);
    else { this.model.set("chosen", seed); tellPython(this.model); }
    if (this.root.contains(document.activeElement) && document.activeElement !== this.bars) (seed === null ? before.root : this.big).focus({ preventScroll: true });
  }
  show(seed, { at = this.at } = {}) {
    this.stop();
    this.large = seed ?? null;
    this.grid.hidden = this.large !== null;
    this.single.hidden = this.large === null;
    this.goTo(this.atEnd ? Infinity : at);
    this.atEnd = false;
  }
  open(i) {
    const bar = this.trials.bars[i];
    if (!bar?.seeds.length) return;
    this.choose(nextOf(bar.seeds, this.large), { end: true });
    this.point(i);
    this.single.scrollIntoView({ block: "nearest" });
  }

  key(e) {
    const onBars = e.target === this.bars;
    if (e.target.matches("select, .kmt-ninit") || e.altKey || e.ctrlKey || e.metaKey) return;
    if (e.key === " " && e.target.matches("button")) return;
    const { bars } = this.trials, to = i => this.point(i);
    const steps = { ...this.stepKeys, Escape: () => this.choose(null) };
    const among = { ArrowRight: () => to(nextBar(bars, this.bar, 1)), ArrowLeft: () => to(nextBar(bars, this.bar, -1)), Home: () => to(nextBar(bars, -1, 1)), End: () => to(nextBar(bars, bars.length, -1)), Enter: () => this.open(this.bar), " ": () => this.open(this.bar) };
    const act = onBars && among[e.key] || steps[e.key];
    if (!act) return;
    act();
    e.preventDefault();
    e.stopPropagation();
  }

  // -------- words

  say() {
    const { trials, info } = this, n = this.points.length / info.d;
    const ends = this.runs.filter(Boolean).map(run => ({ last: run.frames.length - 1, inertia: run.frames.at(-1).inertia, now: this.frameOf(run).inertia }));
    this.panels.forEach((panel, i) => this.caption(panel, this.runs[i]));
    if (this.large === null) return this.tell(ends.length < info.seeds.length ? `Working: ${ends.length} of ${info.seeds.length} runs are made.` : together(ends, this.at, trials));
    const run = this.runOf(this.large), over = this.at >= run.frames.length - 1, bar = trials.bars.find(b => b.seeds.includes(this.large));
    this.bigName.textContent = `Seed ${this.large}${bar ? `, one of ${bar.seeds.length} of ${trials.counted} seeds that end at ${range(bar).join(" ")}` : ""}`;
    this.tell(`${sentence(run.frames, Math.min(this.at, run.frames.length - 1), n, info.k)}${over ? `. The end: ${mark(run.frames.at(-1).inertia, trials).replace(/^best$/, "no run ends lower").replace("higher", "higher than the best")}` : ""}.${over ? tie(run.frames.at(-1).inertia, trials, trials.inertias[info.rows.indexOf(this.large)]) : ""}`);
    this.big.setAttribute("aria-label", `${this.bigName.textContent}. ${this.words.textContent}`);
  }
  caption(panel, run) {
    const short = !(this.panelArea?.right > 145);
    const frame = run && this.frameOf(run), over = run && this.at >= run.frames.length - 1;
    panel.inertia.textContent = !run ? "working" : Number.isNaN(frame.inertia) ? "" : `${short ? "" : "inertia "}${number(frame.inertia)}`;
    panel.end.textContent = over ? mark(frame.inertia, this.trials, short) : !run ? " " : frame.phase === "init" ? "start" : `${frame.phase === "assign" ? "E" : "M"}-step ${frame.iteration}`;
    panel.root.dataset.end = !over ? "" : panel.end.textContent === "best" ? "best" : "stuck";
    panel.root.setAttribute("aria-label", `Seed ${panel.seed}, ${panel.inertia.textContent}, ${panel.end.textContent}: show it large`);
  }

  /** The pointer or the keys are at this bar; -1 for none. */
  point(i) {
    this.bar = i;
    const { trials } = this, bar = trials.bars[i], of = `of ${trials.counted} seeds`;
    const next = bar && nextOf(bar.seeds, this.large);
    const end = trials.hits === 1 ? "ends" : "end", few = trials.hits < 3 ? "; a better one may exist" : "";
    this.barWords.textContent = bar
      ? `Inertia ${range(bar).join(" ")}: ${bar.seeds.length} ${of} (${percent(bar.seeds.length / trials.counted)})${bar.best && bar.best < bar.seeds.length ? `, ${bar.best} of them at the best` : ""}. Click or Enter: seed ${next}.`
      : `${trials.hits} ${of} (${percent(trials.hits / trials.counted)}) ${end} at the best, ${number(trials.best)}${few}. Choose a bar to see a run.`;
    this.bars.setAttribute("aria-label", `Histogram of the final inertia of ${trials.counted} seeds. Arrow keys go from bar to bar, Enter shows a run. ${this.barWords.textContent}`);
    if (this.ink) this.drawBars();
  }
  setMany(m, anew = false) {
    const { trials } = this, p = trials.hits / trials.counted, needed = runsNeeded(p, 0.99);
    if (anew) {
      this.most = Math.min(50, Math.max(10, Number.isFinite(needed) ? needed + 2 : 50));
      this.many.max = this.most;
      this.point(-1);
    }
    this.m = Math.max(1, Math.min(this.most, m));
    this.many.value = this.m;
    const one = this.m === 1 ? "one run reaches the best" : `the best of ${this.m} runs is the best of all`;
    const enough = Number.isFinite(needed) ? `n_init = ${needed} is needed for 99 %` : "no counted seed got there";
    this.manyWords.textContent = `n_init = ${this.m}: ${one} with a probability of ${percent(chance(p, this.m))}; ${enough}.`;
    this.many.setAttribute("aria-valuetext", this.manyWords.textContent);
    this.curve.title = `1 - (1 - p)^n_init with p = ${percent(p)}. The band: ${trials.counted} seeds tell p to between ${percent(trials.low)} and ${percent(trials.high)}, with 95 % confidence.`;
    this.curve.setAttribute("aria-label", `Probability of reaching the best against n_init. ${this.manyWords.textContent} ${this.curve.title}`);
    if (this.ink) this.drawCurve();
  }
  atCurve(e) {
    const { left, right } = this.curveArea, x = e.clientX - this.curve.getBoundingClientRect().left;
    this.setMany(Math.round(1 + (x - left) / (right - left) * (this.most - 1)));
  }
  barUnder(e) {
    const { left, right } = this.barArea, { bars } = this.trials, x = e.clientX - this.bars.getBoundingClientRect().left;
    return barAt(bars, (x - left) / (right - left) * bars.length, bars.length > 6 ? 1.5 : 0.6);
  }

  // -------- pictures

  arrange(width) {
    const most = columnsFor(width), beside = most === 4, halves = most === 3, gap = 8;
    const columns = columnsFor(width, this.panels.length), rows = Math.ceil(this.panels.length / columns);
    const side = beside ? Math.round(0.36 * width) : width, room = beside ? width - side - 14 : width;
    const wide = Math.floor((room - gap * (columns - 1)) / columns), tall = Math.round(wide * (beside ? 0.8 : 0.68));
    this.root.classList.toggle("kmt-beside", beside);
    this.root.classList.toggle("kmt-halves", halves);
    this.grid.style.gridTemplateColumns = `repeat(${columns}, ${wide}px)`;
    for (const panel of this.panels) { this.size(panel.canvas, wide - 4, tall); panel.drawn = ""; }
    this.panelArea = { left: 3, top: 3, right: wide - 7, bottom: tall - 3 };
    const height = rows * (tall + 54) - 8, half = halves ? Math.floor((width - 14) / 2) : side;
    this.bigSize = [room, beside ? Math.max(420, height - 38) : halves ? Math.max(300, height - 38) : 300];   // as high as the grid, or right above the bars on a telephone
    this.size(this.big, ...this.bigSize);
    this.size(this.bars, half, beside ? Math.max(230, Math.round(0.44 * height)) : 220);
    this.size(this.curve, half, beside ? Math.max(180, Math.round(0.56 * height) - 136) : 220);
    this.say();
  }

  picture() {
    if (this.large === null) this.panels.forEach((panel, i) => this.drawPanel(panel, this.runs[i]));
    else this.drawLarge();
    this.drawBars();
    this.drawCurve();
  }

  /** A run that has ended, or a panel that shows the same still, is not painted again. */
  drawPanel(panel, run) {
    const at = run ? Math.min(this.at, run.frames.length - 1) : -1, key = `${this.init},${at}`;   // arrange() forgets it when size or theme change
    if (panel.drawn === key) return;
    panel.drawn = key;
    const g = this.pen(panel.canvas), view = fitView(this.box, this.panelArea);
    g.clearRect(0, 0, panel.canvas.clientWidth, panel.canvas.clientHeight);
    if (run) this.drawRun(g, view, this.frameOf(run), PANEL_DOTS, 2.4, this.info.k <= 6 && this.panelArea.right > 130 ? 12 : 8);
  }
  drawRun(g, view, frame, most, r, size) {
    const centers = pairs(project(frame.centers, this.info.d, this.info.plane)), n = this.flat.length / 2, every = Math.ceil(n / most);
    if (this.info.plane.exact && frame.labels) this.clipped(g, view, () => this.drawRegions(g, view, centers));
    const some = every === 1 ? this.flat : Float64Array.from({ length: 2 * Math.ceil(n / every) }, (_, at) => this.flat[2 * every * (at >> 1) + (at & 1)]);
    const labels = every === 1 ? frame.labels : frame.labels?.filter((_, i) => i % every === 0);
    this.drawDots(g, view, some, labels, { r });
    this.drawCenters(g, view, centers, { r: size });
  }
  drawLarge() {
    const [width, height] = this.bigSize, g = this.pen(this.big), view = fitView(this.box, { left: 56, top: 8, right: width - 8, bottom: height - 46 });
    g.clearRect(0, 0, width, height);
    this.drawRun(g, view, this.frameOf(this.runOf(this.large)), LARGE_DOTS, this.flat.length <= 1200 ? 4.2 : 2.8, 14);
    this.drawAxes(g, view, this.info.axes, height - 3);
  }

  /** Frame of the two charts: title, horizontal lines with texts, and the name below. */
  chart(canvas, title, below, area, levels) {
    const g = this.pen(canvas), width = canvas.clientWidth, height = canvas.clientHeight;
    g.clearRect(0, 0, width, height);
    g.fillStyle = this.ink.ink;
    g.font = "bold 15px system-ui, sans-serif";
    g.textAlign = "left";
    g.textBaseline = "top";
    g.fillText(title, 8, 4, width - 12);
    g.font = "13px system-ui, sans-serif";
    g.textAlign = "center";
    g.textBaseline = "bottom";
    g.fillText(below, (area.left + area.right) / 2, height - 2, area.right - area.left);
    g.font = "12px system-ui, sans-serif";
    g.textAlign = "right";
    g.textBaseline = "middle";
    g.lineWidth = 1;
    for (const [y, text] of levels) {
      g.strokeStyle = this.ink.line;
      g.beginPath(); g.moveTo(area.left, Math.round(y) + 0.5); g.lineTo(area.right, Math.round(y) + 0.5); g.stroke();
      g.fillStyle = this.ink.soft;
      g.fillText(text, area.left - 6, y);
    }
    return g;
  }

  drawBars() {
    const { trials } = this, { bars } = trials, width = this.bars.clientWidth, height = this.bars.clientHeight;
    const area = this.barArea = { left: 44, right: width - 8, top: trials.few ? 48 : 66, bottom: height - (trials.few ? 54 : 40) };
    const top = Math.max(...bars.map(bar => bar.seeds.length)), y = v => area.bottom - (area.bottom - area.top) * v / top;
    const g = this.chart(this.bars, `${trials.hits} of ${trials.counted} seeds ${trials.hits === 1 ? "ends" : "end"} at the best`, "final inertia (height: seeds)", area, ticks(0, top, 4).filter(Number.isInteger).map(v => [y(v), tickText(v)]));
    const slot = (area.right - area.left) / bars.length, wide = trials.few ? Math.min(0.7 * slot, 110) : Math.max(2, slot - 2);
    bars.forEach((bar, i) => {
      const middle = area.left + slot * (i + 0.5), x = middle - wide / 2, high = bar.seeds.length && Math.max(3, area.bottom - y(bar.seeds.length));
      const best = bar.best && Math.max(3, area.bottom - y(bar.best));
      this.drawHatched(g, x, area.bottom - high, wide, high - best);
      g.fillStyle = this.color(0);
      g.fillRect(x, area.bottom - best, wide, best);
      const chosen = this.large !== null && bar.seeds.includes(this.large);
      if (i === this.bar || chosen) {
        g.strokeStyle = i === this.bar ? this.ink.ink : this.ink.soft;
        g.lineWidth = 3;
        g.strokeRect(x - 1.5, area.bottom - high - 1.5, wide + 3, high + 3);
      }
      g.textAlign = "center";
      g.textBaseline = "bottom";
      g.fillStyle = this.ink.ink;
      g.font = "bold 13px system-ui, sans-serif";
      if (trials.few) g.fillText(`${bar.seeds.length}${bar.best ? " · best" : ""}`, middle, area.bottom - high - 4);
      else if (bar.best) this.upright(g, "best", middle, area.bottom - high - 6);
      g.font = "12px system-ui, sans-serif";
      g.textBaseline = "top";
      if (trials.few) range(bar).forEach((text, row) => g.fillText(text, middle, area.bottom + 5 + 14 * row, slot));
    });
    if (!trials.few) {
      const low = bars[0].low, span = bars.at(-1).high - low;
      g.fillStyle = this.ink.soft;
      for (const t of ticks(low, low + span, Math.max(2, (area.right - area.left) / 80))) g.fillText(tickText(t), area.left + (area.right - area.left) * (t - low) / span, area.bottom + 5);
    }
  }
  /** Text that runs upwards: over a bar that is narrower than its name. */
  upright(g, text, x, y) {
    g.save();
    g.translate(x, y);
    g.rotate(-Math.PI / 2);
    g.textAlign = "left";
    g.textBaseline = "middle";
    g.fillText(text, 0, 0);
    g.restore();
  }
  drawHatched(g, x, y, wide, high) {
    if (high <= 0) return;
    g.save();
    g.beginPath(); g.rect(x, y, wide, high); g.clip();
    g.globalAlpha = 0.35;
    g.fillStyle = this.ink.none;
    g.fillRect(x, y, wide, high);
    g.globalAlpha = 1;
    g.strokeStyle = this.ink.soft;
    g.lineWidth = 1.4;
    g.beginPath();
    for (let s = -high; s < wide; s += 6) { g.moveTo(x + s, y + high); g.lineTo(x + s + high, y); }
    g.stroke();
    g.strokeRect(x, y, wide, high);
    g.restore();
  }

  drawCurve() {
    const { trials, m, most } = this, p = trials.hits / trials.counted, width = this.curve.clientWidth, height = this.curve.clientHeight;
    const needed = runsNeeded(p, 0.99), area = this.curveArea = { left: 52, right: width - 16, top: 34, bottom: height - 38 };
    const x = i => area.left + (area.right - area.left) * (i - 1) / (most - 1), y = v => area.bottom - (area.bottom - area.top) * v;
    const title = Number.isFinite(needed) ? `99 % need n_init = ${needed}` : "No counted seed reaches the best";
    const g = this.chart(this.curve, title, "n_init: runs, of which the best is kept", area, [0, 0.5, 1].map(v => [y(v), `${100 * v} %`]));
    const path = share => { for (let i = 1; i <= most; i++) if (i === 1) g.moveTo(x(1), y(chance(share, 1))); else g.lineTo(x(i), y(chance(share, i))); };
    g.beginPath();
    path(trials.low);
    for (let i = most; i >= 1; i--) g.lineTo(x(i), y(chance(trials.high, i)));
    g.globalAlpha = 0.25;
    g.fillStyle = this.color(0);
    g.fill();
    g.globalAlpha = 1;
    g.beginPath();
    path(p);
    g.strokeStyle = this.color(0);
    g.lineWidth = 2.4;
    g.stroke();
    g.fillStyle = this.color(0);
    for (let i = 1; i <= most && most <= 25; i++) { g.beginPath(); g.arc(x(i), y(chance(p, i)), 3, 0, 2 * Math.PI); g.fill(); }
    g.setLineDash([5, 4]);
    g.strokeStyle = this.ink.soft;
    g.lineWidth = 1.2;
    g.beginPath(); g.moveTo(area.left, y(0.99)); g.lineTo(area.right, y(0.99)); g.moveTo(x(m), area.bottom); g.lineTo(x(m), y(chance(p, m))); g.stroke();
    g.setLineDash([]);
    g.beginPath(); g.arc(x(m), y(chance(p, m)), 6, 0, 2 * Math.PI);
    g.fillStyle = this.ink.ink;
    g.fill();
    g.textAlign = "center";
    g.textBaseline = "top";
    g.fillStyle = this.ink.soft;
    for (const t of ticks(1, most, Math.max(2, (area.right - area.left) / 45)).filter(Number.isInteger)) g.fillText(String(t), x(t), area.bottom + 5);
  }
}

export default function seedGallery() {
  return { render({ model, el }) { const view = new Gallery(model, el); return () => view.dispose(); } };
}
