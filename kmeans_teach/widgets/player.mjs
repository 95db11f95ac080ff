// The player: one canvas for the points, one for the inertia, real buttons beside them. All that plays,
// steps, scrubs and drags happens here; Python hears of a new start when the pointer is let go.
import {
  assign,
  emptyClusters,
  ledger,
  lift,
  lloyd,
  number,
  project,
  sentence,
  ticks,
  tickText,
} from "./core.mjs";
import {
  boxOf,
  bytes,
  copied,
  fitView,
  floats,
  node,
  packed,
  pairs,
  select,
  Stepper,
  tellPython,
  textButton,
  toData,
  toScreen,
} from "./sheet.mjs";

const MANY = 3000; // above this many points: no outlines, no lines for each point, plain dots
const LIVE_WORK = 8e6; // squares that a whole rerun may cost while the pointer moves
const SHOWN = {
  regions: "The region of each centre, with its straight borders",
  trails: "The way of each centre so far",
  lines: "A line from each point to its centre",
};
const MODES = {
  move: ["Move", "Drag a centre; double-click adds one, Delete removes one"],
  add: ["Add points", "Click or drag to add points", "Click or drag in the picture to add points."],
  erase: ["Erase", "Drag over points to erase them", "Drag over points to erase them."],
};
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const PLAYED = "This run can be played but not changed";
const ONLY_ONE = "The only cluster has all the points: add a centre first";
const EMPTIED =
  "Move a centre so far out that no point is nearest to it: the chosen one, else the smallest cluster's";
const CHOOSE =
  "Drag a centre, double-click to add one. Keys: left and right step, space plays, C chooses a centre, N adds one.";
const IF_EMPTY =
  "An empty cluster gets the farthest point (relocate), or its centre stays where it is (stay)";
const OLD_ROWS =
  "Drawn before your change: points of this seed that still exist, then those of the next seeds";

// ---------------------------------------------------------------- the run that all views of a model share

/** The run that Python plays, and what the reader makes of it; tells every view. */
export class Run {
  constructor(model) {
    Object.assign(this, { model, listeners: new Set() });
    const follow = what => () => {
      if (this.sending) return;
      this.load();
      this.tell(what);
    };
    this.heard = { "change:_run": follow("play"), "change:_edit": follow("fit") }; // by Python, another page
    for (const [event, act] of Object.entries(this.heard)) model.on(event, act);
    this.load();
  }
  dispose() {
    for (const [event, act] of Object.entries(this.heard)) this.model.off(event, act);
  }
  tell(what, source = null) {
    for (const listener of [...this.listeners]) listener(what, source);
  }

  load() {
    const get = name => this.model.get(name);
    const { frames, weighted, rule, ...info } = get("_info");
    Object.assign(this, info, { undo: [], box: null, X: floats(get("_points")) });
    this.rule = { empty: "relocate", ...rule };
    this.n = this.X.length / this.d;
    this.weights = weighted ? floats(get("_weights")) : null;
    const centers = floats(get("_centers"));
    const size = this.k * this.d;
    const labels = new (this.k <= 256 ? Uint8Array : Uint16Array)(copied(get("_labels")));
    let row = -1;
    this.frames = frames.map((f, i) => {
      if (f.phase === "assign") row++;
      return {
        ...f,
        inertia: f.inertia ?? NaN,
        shift: Float64Array.from(f.shift),
        labels: f.phase === "init" ? null : labels.subarray(row * this.n, (row + 1) * this.n),
        centers: centers.subarray(i * size, (i + 1) * size),
      };
    });
    this.measure();
    const edit = get("_edit");
    if (edit.run !== get("_run") || !edit.empty) return;
    this.remember();
    this.rule = { ...this.rule, empty: edit.empty };
    const points = get("_edit_points");
    this.rerun(floats(get("_edit_start")), { X: points.byteLength ? floats(points) : this.X });
  }

  /** What the pictures need; the box only ever grows, and views fit it anew when their size changes. */
  measure() {
    this.flat = project(this.X, this.d, this.plane);
    this.paths = this.frames.map(f => project(f.centers, this.d, this.plane));
    this.box = boxOf([this.flat, ...this.paths, this.box ?? []], this.box ? 0 : 0.06);
  }

  /** Runs k-means from other centres (and points); `live` means the pointer still moves. */
  rerun(start, { X = this.X, live = false } = {}) {
    Object.assign(this, { X, n: X.length / this.d, k: start.length / this.d });
    const short = live && X.length * this.k * 20 > LIVE_WORK;
    const rule = { ...this.rule, weights: this.weights, ...(short && { max_iter: 1 }) };
    const { frames, stop } = lloyd(X, start, this.d, rule);
    Object.assign(this, { frames: short ? frames.slice(0, 2) : frames, stop });
    this.measure();
  }

  /** Of what was played all frames are kept: functions of one's own cannot be run again here. */
  remember() {
    const { rule, X, n, k, box, stop, frames } = this;
    this.undo.push({ rule, X, n, k, box, stop, frames: this.undo.length ? [frames[0]] : frames });
  }
  takeBack() {
    const last = this.undo.pop();
    if (!last) return false;
    Object.assign(this, last);
    if (this.undo.length) this.rerun(this.frames[0].centers);
    else this.measure();
    return true;
  }
  /** The coordinates of some rows. */
  rows(indices) {
    const { X, d } = this;
    return Float64Array.from(indices.flatMap(i => [...X.subarray(i * d, i * d + d)]));
  }

  /** The start that Python drew with a seed, and whether it still fits. */
  drawn(kind, seed) {
    const { n, rows } = this.model.get("_starts");
    const own = rows[kind][seed];
    if (n === this.n && own.length === this.k) return [this.rows(own), true];
    const others = [rows[kind].slice(seed), rows[kind].slice(0, seed), ...this.X.keys()];
    const there = [...new Set(others.flat(2))].filter(i => i < this.n);
    return [this.rows(there.slice(0, this.k)), false];
  }

  /** Lets Python, and other pages, follow: no start means what was played. Python keeps this to itself. */
  send() {
    const { model, undo, X } = this;
    const [changed, { number: before = 0 }] = [undo.length > 0, model.get("_edit")];
    const none = new Float64Array();
    this.sending = true;
    model.set("_edit_start", bytes(changed ? this.frames[0].centers : none));
    model.set("_edit_points", bytes(changed && X !== undo[0].X ? X : none));
    const edit = { run: model.get("_run"), number: before + 1 }; // the number makes it another one
    model.set("_edit", changed ? { ...edit, empty: this.rule.empty } : edit);
    this.sending = false;
    tellPython(model);
  }
}

// ---------------------------------------------------------------- one view

class View extends Stepper {
  constructor(model, run, el) {
    const { show, speed } = model.get("_look");
    const look = { kind: "player", label: "k-means player", toolbar: "Play the run" };
    super(model, el, { ...look, step: "Half-step", pace: speed });
    Object.assign(this, { run, mode: "move", held: null, picked: -1, show: { ...show } });
    const parts = this.build();
    this.listen();
    this.attach(...parts);
    this.goTo(Math.min(model.get("frame"), this.last), { quiet: true });
  }

  build() {
    this.canvas = node("canvas", { class: "kmt-points", tabIndex: 0, role: "img" });
    this.stairs = node("canvas", { class: "kmt-stairs", role: "img" });
    this.badge = node("span", { class: "kmt-badge", "aria-hidden": "true" });
    this.hint = node("div", { class: "kmt-hint" });
    const check = ([name, title]) => {
      const onchange = e => {
        this.show[name] = e.target.checked;
        this.draw();
      };
      const box = node("input", { type: "checkbox", checked: this.show[name], onchange });
      return node("label", { class: `kmt-check kmt-show-${name}`, title }, box, name);
    };
    const act =
      (name, ...given) =>
      () =>
        this[name](...given);
    this.modes = Object.entries(MODES).map(([name, [text, title]]) =>
      textButton(`mode kmt-mode-${name}`, text, title, act("setMode", name), { "data-mode": name }),
    );
    this.init = select("init", "Kind of start", [["k-means++"], ["random", "random points"]]);
    const field = { type: "number", min: 0, max: this.run.seeds - 1, step: 1 };
    this.seed = node("input", { ...field, class: "kmt-seed", "aria-label": "Seed of the start" });
    this.showStartRule();
    const taken = "Take back the last change (Ctrl+Z)";
    this.undoButton = textButton("undo", "Undo", taken, act("undo"));
    this.emptyButton = textButton("empty", "Empty a cluster", "", act("emptyCluster"));
    const saved = "Save what is shown as a PNG file";
    this.policy = select("policy", "If a cluster is empty", [["relocate"], ["stay"]]);
    const group = (label, ...parts) =>
      node("span", { class: "kmt-group", role: "group", "aria-label": label }, ...parts);
    const label = (title, ...parts) => node("label", { class: "kmt-check", title }, ...parts);
    this.edits = node(
      "span",
      { class: "kmt-edits" },
      group("What the pointer does", ...this.modes),
      group(
        "Start",
        textButton("new", "New start", "Start from the next seed", act("newStart", 1)),
        this.init,
        label("", "seed ", this.seed),
      ),
      label(IF_EMPTY, "if empty ", this.policy),
      this.undoButton,
    );
    const tools = node(
      "div",
      { class: "kmt-tools" },
      group("What is shown", ...Object.entries(SHOWN).map(check)),
      this.edits,
      this.emptyButton,
      textButton("save", "Save picture", saved, act("savePicture")),
    );
    const stage = node("div", { class: "kmt-stage" }, this.canvas, this.stairs);
    const say = node("div", { class: "kmt-say" }, this.badge, this.words);
    return [this.toolbar, stage, say, tools, this.hint];
  }

  listen() {
    this.on(this.root, "keydown", e => this.key(e));
    for (const input of [this.init, this.seed]) this.on(input, "change", () => this.newStart(0));
    this.on(this.policy, "change", () => this.changePolicy());
    const pointer = { down: "down", move: "move", up: "up", cancel: "up" };
    for (const [event, act] of Object.entries(pointer))
      this.on(this.canvas, `pointer${event}`, e => this[act](e));
    this.on(this.canvas, "dblclick", e => this.addCenter(this.where(e)));
    const touched = e => {
      if (this.mode !== "move" || this.hit(this.where(e.touches[0]), 26) >= 0) e.preventDefault();
    };
    this.on(this.canvas, "touchstart", touched, { passive: false });
    this.on(this.stairs, "pointerdown", e => this.jump(e));
    this.onModel("frame", () => {
      if (!this.run.mover) this.stepTo(this.model.get("frame"), { quiet: true });
    });
    const heard = (what, source) => source !== this && this.changed(what);
    this.run.listeners.add(heard);
    this.ends.push(() => this.run.listeners.delete(heard));
  }

  // -------- moving through the run

  get frame() {
    return this.run.frames[this.at];
  }
  get last() {
    return this.run.frames.length - 1;
  }

  goTo(at, { quiet = false } = {}) {
    const from = this.at;
    this.at = Math.max(0, Math.min(this.last, at));
    this.part = 1;
    if (this.at === from + 1 && this.frame.phase === "update" && !this.still && !this.held)
      this.glide(this.playing ? Math.max(60, 0.7 * this.pace()) : 220, 0.25);
    this.say();
    this.draw();
    if (!quiet) this.rest();
  }
  /** Tells Python and links in the page which frame came to rest. */
  rested() {
    this.run.mover = this;
    this.model.set("frame", this.at);
    this.run.mover = null;
    tellPython(this.model); // at once: an echo of what was told before would undo what is only set
  }

  key(e) {
    if (e.key === "Enter" && e.target === this.seed) {
      // in Lab, Enter alone does not make a "change" of the number
      this.seed.blur();
      this.seed.focus();
      return;
    }
    const acts = {
      ...this.stepKeys,
      Delete: () => this.removeCenter(),
      Backspace: () => this.removeCenter(),
      c: () => this.pick((this.picked + 1) % this.run.k),
      n: () => this.addCenter(),
      Escape: () => this.pick(-1),
    };
    const control = e.ctrlKey || e.metaKey;
    const native = `input[type=number], select${e.key === " " ? ", button, input[type=checkbox]" : ""}`;
    let act = acts[e.key];
    if (this.picked >= 0 && e.shiftKey && ARROWS[e.key]) act = () => this.nudge(ARROWS[e.key]);
    if (control) act = e.key === "z" && (() => this.undo());
    if (!act || e.altKey || e.target.matches(native)) return;
    act();
    e.preventDefault();
    e.stopPropagation();
  }

  // -------- changing the run

  setMode(mode) {
    this.mode = mode;
    this.refresh();
  }
  pick(j) {
    this.picked = this.run.editable ? j : -1;
    this.refresh();
    this.draw();
  }

  /** Where a pointer is, in pixels of the canvas and in the units of the picture. */
  where({ clientX, clientY }) {
    const { left, top } = this.canvas.getBoundingClientRect();
    const [x, y] = [clientX - left, clientY - top];
    return { x, y, data: toData(this.view, x, y) };
  }
  /** The nearest centre that can be grabbed there, or -1. */
  hit(spot, reach = 18) {
    const far = pairs(this.run.paths[this.at]).map(p => {
      const [x, y] = toScreen(this.view, p);
      return Math.hypot(x - spot.x, y - spot.y);
    });
    const least = Math.min(...far);
    return this.run.editable && least < reach ? far.indexOf(least) : -1;
  }

  down(e) {
    this.canvas.focus({ preventScroll: true });
    const { run } = this;
    if (!run.editable || e.button) return;
    const spot = this.where(e);
    if (this.mode === "move") {
      const center = this.hit(spot, e.pointerType === "touch" ? 26 : 18);
      this.pick(center);
      if (center < 0) return;
      this.held = { center, start: this.frame.centers.slice(), from: spot };
    } else {
      this.stop();
      run.remember();
      this.held = { start: run.frames[0].centers, before: run.X };
      this.paint(spot);
    }
    this.canvas.setPointerCapture(e.pointerId);
  }
  move(e) {
    const spot = this.where(e);
    const { held } = this;
    const free = () => (this.hit(spot) >= 0 ? "grab" : "default");
    if (!held) this.canvas.style.cursor = this.mode === "move" ? free() : "crosshair";
    else if (held.before) this.paint(spot);
    else if (held.moved || Math.hypot(spot.x - held.from.x, spot.y - held.from.y) >= 3) {
      this.stop();
      if (!held.moved) this.run.remember();
      held.moved = true;
      this.place(held.start, held.center, spot.data);
      this.restart(held.start, { live: true });
    }
  }
  up(e) {
    const { held, run } = this;
    this.held = null;
    if (this.canvas.hasPointerCapture(e.pointerId)) this.canvas.releasePointerCapture(e.pointerId);
    if (held?.before === run.X) run.undo.pop();
    else if (held?.moved || held?.before) this.commit(held.start);
    this.refresh();
    this.draw();
  }
  /** Puts a centre where it is seen at a spot; what is not seen of it stays. */
  place(centers, j, spot) {
    const { d, plane } = this.run;
    const row = centers.subarray(j * d, j * d + d);
    if (plane.identity) return row.set(spot);
    const now = project(row, d, plane);
    const [u, v] = plane.components;
    for (let c = 0; c < d; c++) row[c] += (spot[0] - now[0]) * u[c] + (spot[1] - now[1]) * v[c];
  }
  /** A new start: the whole run is computed anew and its first E-step shown. */
  restart(start, options) {
    this.run.rerun(start.slice(), options);
    Object.assign(this, { at: 1, part: 1 });
    this.say();
    this.draw();
  }
  commit(start) {
    this.restart(start);
    this.run.send();
    this.run.tell("run", this);
    this.refresh();
    this.rest();
  }
  edit(start, change = {}) {
    this.stop();
    this.run.remember();
    Object.assign(this.run, change);
    this.commit(start);
  }

  nudge(way) {
    const { run, picked, at } = this;
    const start = this.frame.centers.slice();
    const [x0, y0, x1, y1] = run.box;
    const step = 0.02 * Math.max(x1 - x0, y1 - y0);
    const to = way.map((w, c) => run.paths[at][2 * picked + c] + w * step);
    this.place(start, picked, to);
    this.edit(start);
  }
  addCenter(spot) {
    const { run } = this;
    if (!run.editable || this.mode !== "move") return;
    if (run.k >= run.n)
      return this.refuse(`There are ${run.n} points: no more than ${run.n} centres.`);
    const [x0, y0, x1, y1] = run.box;
    const at = lift(spot ? spot.data : [(x0 + x1) / 2, (y0 + y1) / 2], run.plane);
    this.edit(Float64Array.from([...this.frame.centers, ...at]));
    this.pick(run.k - 1);
  }
  removeCenter() {
    const { run, picked: j } = this;
    if (!run.editable || j < 0) return this.refuse("Choose a centre first: click it, or press C.");
    if (run.k === 1) return this.refuse("One centre must stay.");
    this.edit(this.frame.centers.filter((_, i) => i < j * run.d || i >= (j + 1) * run.d));
    this.pick(-1);
  }
  /** From the seed that was typed, or the next one; after the last comes the first. */
  newStart(further) {
    const { run } = this;
    const { value } = this.seed;
    let seed = value === "" ? 0 : Number(value) + further;
    if (further && seed >= run.seeds) seed = 0;
    if (!run.editable) return;
    if (!Number.isInteger(seed) || seed < 0 || seed >= run.seeds)
      return this.refuse(`The seed is a whole number from 0 to ${run.seeds - 1}.`);
    this.seed.value = seed;
    const [start, fits] = run.drawn(this.init.value, seed);
    this.edit(start);
    this.stepTo(0);
    if (!fits) this.tell(`${this.words.textContent}. ${OLD_ROWS}`);
  }
  /** Moves a centre so far out that the first E-step finds no point that is nearest to it. */
  emptyCluster() {
    const { run, at, picked } = this;
    const start = this.frame.centers.slice();
    const { labels } = at ? this.frame : run.frames[1];
    const sizes = new Array(run.k).fill(0);
    for (const j of labels) sizes[j]++;
    const j = picked >= 0 ? picked : sizes.indexOf(Math.min(...sizes.filter(Boolean)));
    if (!sizes[j]) return this.refuse(`Cluster ${j} already has no point.`);
    const [x0, y0, x1, y1] = boxOf([run.flat], 0);
    const middle = [(x0 + x1) / 2, (y0 + y1) / 2];
    const from = middle.map((m, c) => run.paths[at][2 * j + c] - m);
    const [far, radius] = [Math.hypot(...from), Math.hypot(x1 - x0, y1 - y0) / 2 || 1];
    const way = far ? from.map(v => v / far) : [1, 0];
    for (let times = 1.1; times < 1e6; times *= 1.2) {
      const to = way.map((w, c) => middle[c] + times * radius * w);
      this.place(start, j, to);
      if (emptyClusters(assign(run.X, start, run.d), run.k).includes(j)) break;
    }
    this.edit(start, { box: null }); // with room for the centre, and margins
    run.tell("fit");
  }
  changePolicy() {
    const { run, at } = this;
    this.edit(run.frames[0].centers, { rule: { ...run.rule, empty: this.policy.value } });
    this.stepTo(at);
  }
  paint(spot) {
    const { run, held } = this;
    const near = (x, y, reach) => Math.hypot(x - spot.x, y - spot.y) < reach;
    let X;
    if (this.mode === "add") {
      if (held.dot && near(held.dot.x, held.dot.y, 9)) return;
      held.dot = spot;
      X = Float64Array.from([...run.X, ...lift(spot.data, run.plane)]);
    } else {
      const spots = pairs(run.flat).map(p => toScreen(this.view, p));
      const kept = [...spots.keys()].filter(i => !near(...spots[i], 12));
      if (kept.length === run.n) return;
      if (kept.length < run.k)
        return this.refuse(`${run.k} centres need at least ${run.k} points.`);
      X = run.rows(kept);
    }
    this.restart(held.start, { live: true, X });
  }
  undo() {
    if (!this.run.takeBack()) return this.refuse("There is nothing to take back.");
    this.run.send();
    this.run.tell("fit");
    this.pick(-1);
    this.rest();
  }
  refuse(words) {
    this.words.textContent = words;
    this.badge.hidden = true;
  }

  changed(what) {
    this.stop();
    this.picked = Math.min(this.picked, this.run.k - 1);
    if (what === "play") {
      Object.assign(this, { held: null, picked: -1, at: 0 });
      this.showStartRule();
    }
    if (what !== "run") this.fit();
    this.goTo(this.at, { quiet: true });
  }
  showStartRule() {
    this.init.value = this.run.init;
    this.seed.value = this.run.seed ?? "";
  }

  // -------- words

  say() {
    const { run, frame } = this;
    let words = sentence(run.frames, this.at, run.n, run.k);
    this.canvas.setAttribute("aria-label", `${run.n} points, ${run.k} centres. ${words}`);
    const now = number(frame.inertia);
    this.stairs.setAttribute("aria-label", `Inertia after each half-step, now ${now}`);
    if (this.at === this.last) words += `. End: ${run.stop}`;
    else if (this.held?.moved)
      words += `. From here k-means ends at inertia ${number(run.frames.at(-1).inertia)}`;
    this.tell(words);
    this.badge.hidden = frame.phase === "init";
    this.badge.textContent = frame.phase === "assign" ? "E" : "M";
    this.badge.dataset.phase = frame.phase;
    this.refresh();
  }
  refresh() {
    const { run, picked } = this;
    this.showStep();
    this.edits.hidden = !run.editable;
    this.root.querySelector(".kmt-show-regions").hidden = !run.plane.exact;
    for (const made of this.modes) {
      made.setAttribute("aria-pressed", String(made.dataset.mode === this.mode));
      made.hidden = run.d !== 2 || Boolean(run.weights); // then points cannot be drawn
    }
    this.policy.value = run.rule.empty;
    const why = !run.editable ? PLAYED : run.k < 2 ? ONLY_ONE : "";
    Object.assign(this.emptyButton, { disabled: Boolean(why), title: why || EMPTIED });
    this.undoButton.disabled = run.undo.length === 0;
    const chosen = `Centre ${picked} is chosen: drag it, or Shift and an arrow key moves it; Delete removes it.`;
    const hint = MODES[this.mode][2] ?? (picked >= 0 ? chosen : CHOOSE);
    const played = "Keys: left and right step, space plays, Home and End jump.";
    this.hint.textContent = run.editable ? hint : played;
  }

  // -------- drawing

  arrange(width) {
    const height = this.model.get("height");
    const narrow = width < 680;
    const side = narrow ? width : Math.max(230, Math.round(width * 0.3));
    this.size(this.canvas, narrow ? width : width - side - 12, height);
    this.size(this.stairs, side, narrow ? 170 : height);
    this.fit();
  }
  fit() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    this.view = fitView(this.run.box, { left: 46, top: 8, right: width - 10, bottom: height - 42 });
  }

  /** The centres as they are shown now: on their way in an M-step. */
  centersNow() {
    const { run, at, part } = this;
    const [now, before] = [run.paths[at], run.paths[at - 1]];
    if (part === 1 || before?.length !== now.length) return pairs(now);
    return pairs(now.map((v, i) => before[i] + (v - before[i]) * part));
  }

  draw() {
    if (this.view && this.canvas.clientWidth) super.draw();
  }
  picture() {
    const { canvas, view, show, run, frame } = this;
    const g = this.pen(canvas);
    const centers = this.centersNow();
    g.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
    this.clipped(g, view, () => {
      if (show.regions && run.plane.exact && frame.labels) this.drawRegions(g, view, centers);
      if (show.lines && frame.labels) this.drawLines(g, centers);
      this.drawPoints(g);
      if (show.trails) this.drawTrails(g, centers);
      this.drawCenters(g, view, centers, { picked: this.picked });
    });
    this.drawAxes(g, view, run.names, canvas.clientHeight - 3);
    this.drawStairs();
  }

  drawLines(g, centers) {
    const { run, frame, view } = this;
    const every = Math.ceil(run.n / MANY);
    Object.assign(g, { globalAlpha: 0.35, lineWidth: 0.8 });
    centers.forEach((center, j) => {
      g.strokeStyle = this.color(j);
      g.beginPath();
      for (let i = 0; i < run.n; i += every) {
        if (frame.labels[i] !== j) continue;
        g.moveTo(...toScreen(view, center));
        g.lineTo(...toScreen(view, [run.flat[2 * i], run.flat[2 * i + 1]]));
      }
      g.stroke();
    });
    g.globalAlpha = 1;
  }

  /** The points keep a layer of their own, painted anew only when labels, places or the theme change. */
  drawPoints(g) {
    const { run, frame, view, canvas } = this;
    const before = frame.phase === "assign" && this.at > 2 ? run.frames[this.at - 1].labels : null;
    const needs = [frame.labels, before, run.flat, view]; // the theme and the size make another view
    if (!needs.every((need, i) => need === this.painted?.[i])) {
      this.painted = needs;
      this.layer ??= node("canvas");
      Object.assign(this.layer, { width: canvas.width, height: canvas.height });
      const look = { r: run.n <= 600 ? 4.2 : 2.8, before };
      if (run.n > MANY) this.stampPoints(this.layer);
      else this.drawDots(this.pen(this.layer), view, run.flat, frame.labels, look);
    }
    g.save();
    g.setTransform(1, 0, 0, 1, 0, 0);
    g.drawImage(this.layer, 0, 0);
    g.restore();
  }

  stampPoints(layer) {
    const { width, height } = layer;
    const { view } = this;
    const { flat, n, k } = this.run;
    const { labels } = this.frame;
    const ratio = devicePixelRatio || 1;
    const image = new ImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const colors = Uint32Array.from({ length: k }, (_, j) => packed(this.color(j)));
    const none = packed(this.ink.none);
    const size = Math.max(2, Math.round((n <= 20000 ? 3 : 2) * ratio));
    const scale = view.scale * ratio;
    const [ox, oy] = toScreen(view, [0, 0]).map(v => v * ratio);
    for (let i = 0; i < n; i++) {
      const x = Math.round(ox + flat[2 * i] * scale) - (size >> 1);
      const y = Math.round(oy - flat[2 * i + 1] * scale) - (size >> 1);
      if (x < 0 || y < 0 || x + size > width || y + size > height) continue;
      const color = labels ? colors[labels[i]] : none;
      for (let row = y * width + x, end = row + size * width; row < end; row += width)
        for (let c = 0; c < size; c++) pixels[row + c] = color;
    }
    layer.getContext("2d").putImageData(image, 0, 0);
  }

  drawTrails(g, centers) {
    const { run, view, at, last } = this;
    const line = (from, to, dash) =>
      centers.forEach((center, j) => {
        const spots = run.paths.slice(from, to + 1).map((path, f) => {
          const spot = from + f === at ? center : [path[2 * j], path[2 * j + 1]];
          return toScreen(view, spot);
        });
        g.lineJoin = "round";
        this.path(g, spots, this.ink.paper, 5, dash);
        this.path(g, spots, this.color(j), 2.4, dash);
        if (from === 0 && to > 1) this.disc(g, spots[0], 4, this.ink.paper, this.color(j), 2);
      });
    line(0, at, []);
    if (this.held?.center !== undefined) line(at, last, [3, 5]);
  }

  /** Inertia over the half-steps: the treads are its values, the drops are what E and M took off. */
  drawStairs() {
    const { run, at, last, ink } = this;
    const { clientWidth: width, clientHeight: height } = this.stairs;
    const g = this.pen(this.stairs);
    const errors = run.frames.map(f => f.inertia);
    const top = Math.max(...errors.slice(1), 0) || 1;
    const area = (this.stairArea = { left: 58, right: width - 12, top: 66, bottom: height - 36 });
    const x = i => area.left + ((area.right - area.left) * (i - 1)) / Math.max(1, last);
    const y = v => area.bottom - ((area.bottom - area.top) * v) / top;
    g.clearRect(0, 0, width, height);
    const now = Number.isNaN(errors[at]) ? "–" : number(errors[at]);
    this.write(g, `inertia ${now}`, 8, 4, "bold 14px", "left", "top", ink.ink, width - 12);
    Object.entries(ledger(run.frames, at)).forEach(([phase, off], row) => {
      const words = `${"EM"[row]}-steps took off ${number(off)}`;
      g.fillStyle = phase === "assign" ? ink.e : ink.m;
      g.fillRect(8, 27 + 18 * row, 11, 11);
      this.write(g, words, 25, 25 + 18 * row, "13px", "left", "top", ink.ink, width - 30);
    });
    for (const t of ticks(0, top, Math.max(2, (area.bottom - area.top) / 60))) {
      const [most, line] = [area.left - 8, Math.round(y(t)) + 0.5];
      this.write(g, tickText(t), most + 2, y(t), "12px", "right", "middle", ink.soft, most);
      this.path(
        g,
        [area.left, area.right].map(end => [end, line]),
        ink.line,
        1,
      );
    }
    for (let i = 1; i <= last; i++) {
      g.globalAlpha = i <= at ? 1 : 0.25;
      this.path(
        g,
        [i, i + 1].map(end => [x(end), y(errors[i])]),
        ink.ink,
        2,
      );
      const drop = [i - 1, i].map(end => [x(i), y(errors[end])]);
      if (i > 1) this.path(g, drop, run.frames[i].phase === "assign" ? ink.e : ink.m, 5);
      g.globalAlpha = 1;
    }
    if (at > 0) this.disc(g, [(x(at) + x(at + 1)) / 2, y(errors[at])], 5, ink.ink);
    const [middle, wide] = [(area.left + area.right) / 2, area.right - area.left];
    const foot = "half-steps: E, M, E, M, …";
    this.write(g, foot, middle, height - 6, "12px", "center", "bottom", ink.soft, wide);
  }
  jump(e) {
    const { left, right } = this.stairArea;
    const x = e.clientX - this.stairs.getBoundingClientRect().left;
    const at = Math.floor(((x - left) / (right - left)) * this.last) + 1;
    this.stepTo(Math.max(0, Math.min(this.last, at)));
  }

  savePicture() {
    const { canvas, stairs } = this;
    const ratio = devicePixelRatio || 1;
    const width = canvas.width + stairs.width + 12 * ratio;
    const height = Math.max(canvas.height, stairs.height) + 40 * ratio;
    const picture = node("canvas", { width, height });
    const g = picture.getContext("2d");
    g.fillStyle = this.ink.paper;
    g.fillRect(0, 0, width, height);
    g.drawImage(canvas, 0, 0);
    g.drawImage(stairs, width - stairs.width, 0);
    const look = [`${15 * ratio}px`, "left", "alphabetic", this.ink.ink, width - 24 * ratio];
    this.write(g, this.words.textContent, 12 * ratio, height - 14 * ratio, ...look);
    picture.toBlob(blob => {
      const download = `k-means-half-step-${this.at}.png`;
      const link = node("a", { href: URL.createObjectURL(blob), download });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    });
  }
}

/** anywidget calls this once a model: all views of the model share one run. */
export default function player() {
  let run = null;
  return {
    render({ model, el }) {
      run ??= new Run(model);
      const view = new View(model, run, el);
      return () => {
        view.dispose();
        if (run.listeners.size) return;
        run.dispose();
        run = null;
      };
    },
  };
}
