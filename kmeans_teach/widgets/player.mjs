// The player: one canvas for the points, one for the inertia, real buttons beside them. All that plays,
// steps, scrubs and drags happens here; Python hears of a new start when the pointer is let go.
import {
  assign,
  emptyClusters,
  kmeansPlusPlus,
  ledger,
  lift,
  lloyd,
  number,
  project,
  randomPoints,
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
  Stepper,
  tellPython,
  textButton,
  toData,
  toScreen,
} from "./sheet.mjs";

const MANY = 3000; // above this many points: no outlines, no lines for each point, plain dots
const LIVE_WORK = 8e6; // squares that a whole rerun may cost while the pointer moves

// ---------------------------------------------------------------- the run that all views of a model share

/** Decodes the model's binary traits, recomputes after an edit, and tells every view. */
export class Run {
  constructor(model) {
    this.model = model;
    this.listeners = new Set();
    this.undo = [];
    this.edits = 0;
    this.played = model.get("_played");
    this.load();
    this.onRun = () => {
      const other = this.played !== model.get("_played"); // Python shows another run
      if (!other && model.get("_edits_seen") < this.edits) return; // an answer to an edit that is no longer the last
      if (other) {
        this.played = model.get("_played");
        this.undo = [];
        this.box = null;
      }
      this.load();
      this.tell(other ? "play" : "run");
    };
    model.on("change:_run", this.onRun);
  }
  dispose() {
    this.model.off("change:_run", this.onRun);
  }
  tell(what, source = null) {
    for (const listener of [...this.listeners]) listener(what, source);
  }

  load() {
    const get = name => this.model.get(name),
      info = get("_info");
    this.d = info.d;
    this.k = info.k;
    this.names = info.names;
    this.plane = info.plane;
    this.rule = info.rule;
    this.editable = info.editable;
    this.stop = info.stop;
    this.X = floats(get("_points"));
    this.weights = info.weighted ? floats(get("_weights")) : null;
    this.n = this.X.length / this.d;
    const centers = floats(get("_centers")),
      size = this.k * this.d;
    const type = this.k <= 256 ? Uint8Array : Uint16Array,
      labels = new type(copied(get("_labels")));
    let row = -1;
    this.frames = info.frames.map((f, i) => {
      if (f.phase === "assign") row++;
      const shown = f.phase === "init" ? null : labels.subarray(row * this.n, (row + 1) * this.n);
      return {
        ...f,
        inertia: f.inertia ?? NaN,
        shift: Float64Array.from(f.shift),
        labels: shown,
        centers: centers.subarray(i * size, (i + 1) * size),
      };
    });
    this.measure();
  }

  /** What the pictures need; the box only ever grows, and views fit it anew when their size changes. */
  measure() {
    this.flat = project(this.X, this.d, this.plane);
    this.paths = this.frames.map(f => project(f.centers, this.d, this.plane));
    const found = boxOf([this.flat, ...this.paths], this.box ? 0 : 0.06),
      old = this.box ?? found;
    this.box = [
      Math.min(old[0], found[0]),
      Math.min(old[1], found[1]),
      Math.max(old[2], found[2]),
      Math.max(old[3], found[3]),
    ];
  }

  /** Runs k-means from other centres (and points); `live` means the pointer still moves. */
  rerun(start, { X = this.X, live = false } = {}) {
    this.X = X;
    this.n = X.length / this.d;
    this.k = start.length / this.d;
    const short = live && X.length * this.k * 20 > LIVE_WORK;
    const run = lloyd(X, start, this.d, {
      ...this.rule,
      weights: this.weights,
      ...(short && { maxIter: 1 }),
    });
    this.frames = short ? run.frames.slice(0, 2) : run.frames;
    this.stop = run.stop;
    this.measure();
  }

  remember() {
    this.undo.push({
      rule: this.rule,
      start: this.frames[0].centers,
      X: this.X,
      box: this.box,
      original: this.isOriginal() ? this.frames : null,
      stop: this.stop,
      k: this.k,
    });
  }
  /** What becomes of an empty cluster. */
  get policy() {
    return this.rule.empty ?? "relocate";
  }
  isOriginal() {
    return this.undo.length === 0;
  }
  takeBack() {
    const last = this.undo.pop();
    if (!last) return false;
    this.box = last.box;
    this.rule = last.rule;
    this.rerun(last.start, { X: last.X });
    if (last.original) {
      this.frames = last.original;
      this.stop = last.stop;
      this.k = last.k;
      this.measure();
    }
    return true;
  }

  /** Lets Python follow: the start, and the points if they are other ones. */
  send() {
    this.edits += 1;
    const { model } = this;
    model.set("_edit", {
      number: this.edits,
      k: this.k,
      original: this.isOriginal(),
      rule: { empty: this.policy },
    });
    model.set("_edit_start", bytes(this.frames[0].centers));
    model.set("_edit_points", bytes(this.X));
    tellPython(model);
  }
}

// ---------------------------------------------------------------- one view

class View extends Stepper {
  constructor(model, run, el) {
    super(model, el, {
      kind: "player",
      label: "k-means player",
      toolbar: "Play the run",
      step: "Half-step",
      pace: model.get("_speed"),
    });
    Object.assign(this, {
      run,
      mode: "move",
      held: null,
      picked: -1,
      show: { ...model.get("_show") },
    });
    const parts = this.build();
    this.listen();
    this.attach(...parts);
    this.goTo(Math.min(model.get("frame"), run.frames.length - 1), { quiet: true });
  }

  build() {
    const check = (name, label, title) => {
      const box = node("input", { type: "checkbox", checked: this.show[name] });
      box.addEventListener("change", () => {
        this.show[name] = box.checked;
        this.draw();
      });
      return node("label", { class: `kmt-check kmt-show-${name}`, title }, box, label);
    };

    this.canvas = node("canvas", { class: "kmt-points", tabIndex: 0, role: "img" });
    this.stairs = node("canvas", { class: "kmt-stairs", role: "img" });
    this.stage = node("div", { class: "kmt-stage" }, this.canvas, this.stairs);
    this.badge = node("span", { class: "kmt-badge", "aria-hidden": "true" });
    this.hint = node("div", { class: "kmt-hint" });

    const mode = (name, label, title) => {
      const made = textButton(`mode kmt-mode-${name}`, label, title, () => this.setMode(name));
      made.dataset.mode = name;
      return made;
    };
    this.init = node(
      "select",
      { class: "kmt-init", "aria-label": "Kind of start" },
      node("option", { value: "k-means++" }, "k-means++"),
      node("option", { value: "random" }, "random points"),
    );
    this.seed = node("input", {
      type: "number",
      class: "kmt-seed",
      min: 0,
      max: 4294967295,
      step: 1,
      "aria-label": "Seed of the start",
    });
    this.showStartRule();
    this.modes = [
      mode("move", "Move", "Drag a centre; double-click adds one, Delete removes one"),
      mode("add", "Add points", "Click or drag to add points"),
      mode("erase", "Erase", "Drag over points to erase them"),
    ];
    this.undoButton = textButton("undo", "Undo", "Take back the last change (Ctrl+Z)", () =>
      this.undo(),
    );
    this.emptyButton = textButton("empty", "Empty a cluster", "", () => this.emptyCluster());
    const policies = ["relocate", "stay"].map(value => node("option", { value }, value));
    this.policy = node("select", { class: "kmt-policy" }, ...policies);
    this.edits = node(
      "span",
      { class: "kmt-edits" },
      node(
        "span",
        { class: "kmt-group", role: "group", "aria-label": "What the pointer does" },
        ...this.modes,
      ),
      node(
        "span",
        { class: "kmt-group" },
        textButton("new", "New start", "Start from the next seed", () =>
          this.newStart(this.seed.value === "" ? 0 : Number(this.seed.value) + 1),
        ),
        this.init,
        node("label", { class: "kmt-check" }, "seed ", this.seed),
      ),
      node(
        "label",
        {
          class: "kmt-check",
          title:
            "An empty cluster gets the farthest point (relocate), " +
            "or its centre stays where it is (stay)",
        },
        "if empty ",
        this.policy,
      ),
      this.undoButton,
    );
    this.tools = node(
      "div",
      { class: "kmt-tools" },
      node(
        "span",
        { class: "kmt-group", role: "group", "aria-label": "What is shown" },
        check("regions", "regions", "The region of each centre, with its straight borders"),
        check("trails", "trails", "The way of each centre so far"),
        check("lines", "lines", "A line from each point to its centre"),
      ),
      this.edits,
      this.emptyButton,
      textButton("save", "Save picture", "Save what is shown as a PNG file", () =>
        this.savePicture(),
      ),
    );

    return [
      this.toolbar,
      this.stage,
      node("div", { class: "kmt-say" }, this.badge, this.words),
      this.tools,
      this.hint,
    ];
  }

  listen() {
    const on = (...what) => this.on(...what);
    on(this.root, "keydown", e => this.key(e));
    on(this.init, "change", () =>
      this.newStart(this.seed.value === "" ? 0 : Number(this.seed.value)),
    );
    on(this.seed, "change", () => this.newStart(Number(this.seed.value)));
    on(this.policy, "change", () => this.changePolicy());
    on(this.canvas, "pointerdown", e => this.down(e));
    on(this.canvas, "pointermove", e => this.move(e));
    on(this.canvas, "pointerup", e => this.up(e));
    on(this.canvas, "pointercancel", e => this.up(e));
    on(this.canvas, "dblclick", e => this.addCenter(this.where(e)));
    on(
      this.canvas,
      "touchstart",
      e => {
        if (this.mode !== "move" || this.hit(this.where(e.touches[0]), 26) >= 0) e.preventDefault();
      },
      { passive: false },
    );
    on(this.stairs, "pointerdown", e => this.jump(e));
    this.onModel("frame", () => {
      if (!this.run.mover) this.stepTo(this.model.get("frame"), { quiet: true });
    });
    this.heard = (what, source) => {
      if (source !== this) this.changed(what);
    };
    this.run.listeners.add(this.heard);
  }

  dispose() {
    this.run.listeners.delete(this.heard);
    super.dispose();
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
  /** Tells Python (if someone there listens) and links in the page which frame came to rest. */
  rested() {
    this.run.mover = this;
    this.model.set("frame", this.at);
    this.run.mover = null;
    if (this.model.get("_heard")) tellPython(this.model);
  }

  key(e) {
    if (e.key === "Enter" && e.target === this.seed) {
      // in Lab, Enter alone does not make a "change" of the number
      this.seed.blur();
      this.seed.focus();
      return;
    }
    if (e.target.matches("input[type=number], select") || e.altKey) return;
    const center = this.picked >= 0 && e.shiftKey;
    const step =
      0.02 * Math.max(this.run.box[2] - this.run.box[0], this.run.box[3] - this.run.box[1]);
    const moves = {
      ArrowLeft: [-step, 0],
      ArrowRight: [step, 0],
      ArrowUp: [0, step],
      ArrowDown: [0, -step],
    };
    const acts = {
      ...this.stepKeys,
      Delete: () => this.removeCenter(),
      Backspace: () => this.removeCenter(),
      c: () => this.pick((this.picked + 1) % this.run.k),
      n: () => this.addCenter(),
      Escape: () => this.pick(-1),
    };
    if ((e.ctrlKey || e.metaKey) && e.key === "z") this.undo();
    else if (e.ctrlKey || e.metaKey) return;
    else if (e.key === " " && e.target.matches("button, input[type=checkbox]")) return;
    else if (center && moves[e.key]) this.nudge(moves[e.key]);
    else if (acts[e.key]) acts[e.key]();
    else return;
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
  where(e) {
    const box = this.canvas.getBoundingClientRect(),
      x = e.clientX - box.left,
      y = e.clientY - box.top;
    return { x, y, data: toData(this.view, x, y) };
  }
  hit(spot, reach = 18) {
    const path = this.run.paths[this.at],
      { view } = this;
    let best = -1,
      least = reach;
    for (let j = 0; j < this.run.k; j++) {
      const [x, y] = toScreen(view, [path[2 * j], path[2 * j + 1]]),
        distance = Math.hypot(x - spot.x, y - spot.y);
      if (distance < least) {
        least = distance;
        best = j;
      }
    }
    return best;
  }

  down(e) {
    this.canvas.focus({ preventScroll: true });
    if (!this.run.editable || e.button) return;
    const spot = this.where(e),
      { run } = this;
    if (this.mode === "move") {
      const j = this.hit(spot, e.pointerType === "touch" ? 26 : 18);
      this.pick(j);
      if (j < 0) return;
      this.held = { center: j, start: run.frames[this.at].centers.slice(), from: spot };
    } else {
      this.stop();
      run.remember();
      this.held = { paint: true, before: run.n };
      this.paint(spot);
    }
    this.canvas.setPointerCapture(e.pointerId);
  }
  move(e) {
    const spot = this.where(e),
      { held } = this;
    if (!held) {
      this.canvas.style.cursor = !this.run.editable
        ? "default"
        : this.mode !== "move"
          ? "crosshair"
          : this.hit(spot) >= 0
            ? "grab"
            : "default";
      return;
    }
    if (held.paint) return this.paint(spot);
    if (!held.moved && Math.hypot(spot.x - held.from.x, spot.y - held.from.y) < 3) return;
    if (!held.moved) {
      this.stop();
      this.run.remember();
      held.moved = true;
    }
    this.place(held.start, held.center, spot.data);
    this.restart(held.start, { live: true });
  }
  up(e) {
    const { held } = this;
    this.held = null;
    if (this.canvas.hasPointerCapture(e.pointerId)) this.canvas.releasePointerCapture(e.pointerId);
    if (held?.paint && held.before === this.run.n) this.run.undo.pop();
    else if (held?.moved || held?.paint) this.commit(held.start ?? this.run.frames[0].centers);
    this.refresh();
    this.draw();
  }
  place(centers, j, spot) {
    const { run } = this,
      d = run.d,
      row = centers.subarray(j * d, j * d + d);
    if (run.plane.identity) {
      row.set(spot);
      return;
    }
    const now = project(row, d, run.plane),
      {
        components: [u, v],
      } = run.plane;
    for (let c = 0; c < d; c++) row[c] += (spot[0] - now[0]) * u[c] + (spot[1] - now[1]) * v[c];
  }
  /** A new start: the whole run is computed anew and its first E-step shown. */
  restart(start, { live = false, X } = {}) {
    this.run.rerun(start.slice(), { live, X });
    this.pointsKey = null;
    this.at = 1;
    this.part = 1;
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
  edit(start) {
    this.stop();
    this.run.remember();
    this.commit(start);
  }

  nudge([dx, dy]) {
    const start = this.frame.centers.slice(),
      now = this.run.paths[this.at].subarray(2 * this.picked, 2 * this.picked + 2);
    this.place(start, this.picked, [now[0] + dx, now[1] + dy]);
    this.edit(start);
  }
  addCenter(spot) {
    const { run } = this;
    if (!run.editable || this.mode !== "move") return;
    if (run.k >= run.n)
      return this.refuse(`There are ${run.n} points: no more than ${run.n} centres.`);
    const [x0, y0, x1, y1] = run.box,
      at = lift(spot ? spot.data : [(x0 + x1) / 2, (y0 + y1) / 2], run.plane);
    this.edit(Float64Array.from([...this.frame.centers, ...at.slice(0, run.d)]));
    this.pick(run.k - 1);
  }
  removeCenter() {
    const { run, picked: j } = this;
    if (!run.editable || j < 0) return this.refuse("Choose a centre first: click it, or press C.");
    if (run.k === 1) return this.refuse("One centre must stay.");
    this.edit(this.frame.centers.filter((_, i) => i < j * run.d || i >= (j + 1) * run.d));
    this.pick(-1);
  }
  newStart(seed) {
    const { run } = this;
    if (!run.editable) return;
    if (!Number.isInteger(seed) || seed < 0 || seed > 4294967295)
      return this.refuse("The seed is a whole number from 0 to 4294967295.");
    this.seed.value = seed;
    const draw = this.init.value === "random" ? randomPoints : kmeansPlusPlus;
    this.edit(draw(run.X, run.k, run.d, seed));
    this.stepTo(0);
  }
  /** Moves a centre so far out that the first E-step finds no point that is nearest to it. */
  emptyCluster() {
    const { run } = this,
      start = this.frame.centers.slice(),
      { labels } = this.at ? this.frame : run.frames[1];
    const sizes = Array.from({ length: run.k }, (_, i) =>
      labels.reduce((sum, j) => sum + (j === i), 0),
    );
    const j = this.picked >= 0 ? this.picked : sizes.indexOf(Math.min(...sizes.filter(Boolean)));
    if (!sizes[j]) return this.refuse(`Cluster ${j} already has no point.`);
    const x = run.paths[this.at][2 * j],
      y = run.paths[this.at][2 * j + 1];
    const [x0, y0, x1, y1] = boxOf([run.flat], 0),
      middle = [(x0 + x1) / 2, (y0 + y1) / 2];
    const far = Math.hypot(x - middle[0], y - middle[1]),
      radius = Math.hypot(x1 - x0, y1 - y0) / 2 || 1;
    const way = far ? [(x - middle[0]) / far, (y - middle[1]) / far] : [1, 0];
    for (let times = 1.1; times < 1e6; times *= 1.2) {
      this.place(
        start,
        j,
        way.map((w, c) => middle[c] + times * radius * w),
      );
      if (emptyClusters(assign(run.X, start, run.d), run.k).includes(j)) break;
    }
    this.stop();
    run.remember();
    run.box = null; // with room for the centre, and margins
    this.commit(start);
    run.tell("fit");
  }
  changePolicy() {
    const { run, at } = this,
      { value } = this.policy;
    this.stop();
    run.remember();
    run.rule = { ...run.rule, empty: value };
    this.commit(run.frames[0].centers);
    this.stepTo(at);
  }
  paint(spot) {
    const { run } = this;
    if (this.mode === "add") {
      if (
        this.lastDot &&
        Math.hypot(spot.x - this.lastDot.x, spot.y - this.lastDot.y) < 9 &&
        this.held.painted
      )
        return;
      this.held.painted = true;
      this.lastDot = spot;
      this.restart(run.frames[0].centers, {
        live: true,
        X: Float64Array.from([...run.X, ...lift(spot.data, run.plane).slice(0, run.d)]),
      });
    } else {
      const reach = 12 / this.view.scale,
        keep = [];
      for (let i = 0; i < run.n; i++)
        if (Math.hypot(run.flat[2 * i] - spot.data[0], run.flat[2 * i + 1] - spot.data[1]) > reach)
          keep.push(i);
      if (keep.length === run.n) return;
      if (keep.length < run.k)
        return this.refuse(`${run.k} centres need at least ${run.k} points.`);
      this.restart(run.frames[0].centers, {
        live: true,
        X: Float64Array.from(keep.flatMap(i => [...run.X.subarray(i * run.d, i * run.d + run.d)])),
      });
    }
  }
  undo() {
    if (!this.run.takeBack()) return this.refuse("There is nothing to take back.");
    this.stop();
    this.pointsKey = null;
    this.picked = -1;
    this.fit();
    this.goTo(Math.min(this.at, this.run.frames.length - 1));
    this.run.send();
    this.run.tell("fit", this);
    this.refresh();
  }
  refuse(words) {
    this.refused = words;
    this.words.textContent = words;
    this.badge.textContent = "";
    this.badge.hidden = true;
  }

  changed(what) {
    const refused = what === "run" && this.refused; // nobody has read it yet: Python's answer must not wipe it off
    this.stop();
    this.pointsKey = null;
    this.picked = Math.min(this.picked, this.run.k - 1);
    if (what === "fit") this.fit();
    if (what === "play") {
      Object.assign(this, { held: null, picked: -1, at: 0 });
      this.showStartRule();
      this.fit();
    }
    this.goTo(this.at, { quiet: true });
    if (refused) this.refuse(refused);
  }
  showStartRule() {
    const { init, seed } = this.model.get("_start_rule");
    this.init.value = init;
    this.seed.value = seed ?? "";
  }

  // -------- words

  say() {
    const { run, frame } = this,
      last = this.at === this.last;
    let words = sentence(run.frames, this.at, run.n, run.k);
    if (last) words += `. End: ${run.stop}`;
    else if (this.held?.center !== undefined)
      words += `. From here k-means ends at inertia ${number(run.frames.at(-1).inertia)}`;
    this.refused = null;
    this.tell(words);
    this.badge.hidden = frame.phase === "init";
    this.badge.textContent = frame.phase === "assign" ? "E" : "M";
    this.badge.dataset.phase = frame.phase;
    this.refresh();
  }
  refresh() {
    const { run } = this;
    this.showStep();
    this.edits.hidden = !run.editable;
    this.root.querySelector(".kmt-show-regions").hidden = !run.plane.exact;
    for (const made of this.modes) {
      made.setAttribute("aria-pressed", String(made.dataset.mode === this.mode));
      made.hidden = run.d !== 2 || Boolean(run.weights); // then points cannot be drawn
    }
    this.policy.value = run.policy;
    this.emptyButton.disabled = !run.editable || run.k < 2;
    this.emptyButton.title = !run.editable
      ? "This run can be played but not changed"
      : run.k < 2
        ? "The only cluster has all the points: add a centre first"
        : "Move a centre so far out that no point is nearest to it: the chosen one, else the smallest cluster's";
    this.undoButton.disabled = run.undo.length === 0;
    this.hint.textContent = !run.editable
      ? "Keys: left and right step, space plays, Home and End jump."
      : this.mode === "add"
        ? "Click or drag in the picture to add points."
        : this.mode === "erase"
          ? "Drag over points to erase them."
          : this.picked >= 0
            ? `Centre ${this.picked} is chosen: drag it, or Shift and an arrow key moves it; Delete removes it.`
            : "Drag a centre, double-click to add one. Keys: left and right step, space plays, C chooses a centre, N adds one.";
    const picture = `${run.n} points, ${run.k} centres. ${sentence(run.frames, this.at, run.n, run.k)}`;
    this.canvas.setAttribute("aria-label", picture);
    this.stairs.setAttribute(
      "aria-label",
      `Inertia after each half-step, now ${number(this.frame.inertia)}`,
    );
  }

  // -------- drawing

  arrange(width) {
    const height = this.model.get("height"),
      narrow = width < 680,
      side = narrow ? width : Math.max(230, Math.round(width * 0.3));
    this.size(this.canvas, narrow ? width : width - side - 12, height);
    this.size(this.stairs, side, narrow ? 170 : height);
    this.fit();
    this.pointsKey = null;
  }
  fit() {
    const width = this.canvas.clientWidth,
      height = this.canvas.clientHeight;
    this.view = fitView(this.run.box, { left: 46, top: 8, right: width - 10, bottom: height - 42 });
  }

  /** The centres as they are shown now: on their way in an M-step. */
  centersNow() {
    const { run, at, part } = this,
      now = run.paths[at],
      before = run.paths[at - 1];
    const moving = part < 1 && before && before.length === now.length;
    return Array.from({ length: run.k }, (_, j) =>
      [0, 1].map(c =>
        moving ? before[2 * j + c] + (now[2 * j + c] - before[2 * j + c]) * part : now[2 * j + c],
      ),
    );
  }

  draw() {
    if (this.view && this.canvas.clientWidth) super.draw();
  }
  picture() {
    const g = this.pen(this.canvas),
      { view } = this,
      centers = this.centersNow();
    g.clearRect(0, 0, this.canvas.clientWidth, this.canvas.clientHeight);
    this.clipped(g, view, () => {
      if (this.show.regions && this.run.plane.exact && (this.frame.labels || this.held))
        this.drawRegions(g, view, centers);
      if (this.show.lines && this.frame.labels) this.drawLines(g, centers);
      this.drawPoints(g);
      if (this.show.trails) this.drawTrails(g, centers);
      this.drawCenters(g, view, centers, { picked: this.picked });
    });
    this.drawAxes(g, view, this.run.names, this.canvas.clientHeight - 3);
    this.drawStairs();
  }

  drawLines(g, centers) {
    const { run, frame, view } = this,
      every = Math.ceil(run.n / MANY);
    g.globalAlpha = 0.35;
    g.lineWidth = 0.8;
    for (let j = 0; j < run.k; j++) {
      const [cx, cy] = toScreen(view, centers[j]);
      g.strokeStyle = this.color(j);
      g.beginPath();
      for (let i = 0; i < run.n; i += every)
        if (frame.labels[i] === j) {
          const [x, y] = toScreen(view, [run.flat[2 * i], run.flat[2 * i + 1]]);
          g.moveTo(cx, cy);
          g.lineTo(x, y);
        }
      g.stroke();
    }
    g.globalAlpha = 1;
  }

  /** The points keep a layer of their own, painted anew only when labels, size or theme change. */
  drawPoints(g) {
    const { run, frame } = this,
      before = frame.phase === "assign" && this.at > 2 ? run.frames[this.at - 1].labels : null;
    const key = [this.canvas.width, this.canvas.height, this.dark, this.at, run.n].join();
    const same =
      this.pointsKey &&
      this.pointsLabels === frame.labels &&
      this.pointsRings === before &&
      this.pointsKey.startsWith(`${this.canvas.width},${this.canvas.height},${this.dark},`);
    if (!same) {
      this.layer ??= document.createElement("canvas");
      this.layer.width = this.canvas.width;
      this.layer.height = this.canvas.height;
      if (run.n > MANY) this.stampPoints(this.layer.getContext("2d"));
      else
        this.drawDots(this.pen(this.layer), this.view, run.flat, frame.labels, {
          r: run.n <= 600 ? 4.2 : 2.8,
          before,
        });
      Object.assign(this, { pointsKey: key, pointsLabels: frame.labels, pointsRings: before });
    }
    g.save();
    g.setTransform(1, 0, 0, 1, 0, 0);
    g.drawImage(this.layer, 0, 0);
    g.restore();
  }

  stampPoints(g) {
    const { run, frame, layer, view } = this,
      ratio = devicePixelRatio || 1,
      { width, height } = layer;
    const image = g.createImageData(width, height),
      pixels = new Uint32Array(image.data.buffer);
    const colors = Uint32Array.from({ length: run.k }, (_, j) => packed(this.color(j))),
      none = packed(this.ink.none);
    const size = Math.max(2, Math.round((run.n <= 20000 ? 3 : 2) * ratio)),
      half = size >> 1,
      { flat } = run,
      { labels } = frame;
    const sx = view.scale * ratio,
      ox = (view.left - view.x0 * view.scale) * ratio,
      oy = (view.bottom + view.y0 * view.scale) * ratio;
    for (let i = 0; i < run.n; i++) {
      const x = Math.round(ox + flat[2 * i] * sx) - half,
        y = Math.round(oy - flat[2 * i + 1] * sx) - half;
      if (x < 0 || y < 0 || x + size > width || y + size > height) continue;
      const color = labels ? colors[labels[i]] : none;
      for (let row = y * width + x, end = row + size * width; row < end; row += width)
        for (let c = 0; c < size; c++) pixels[row + c] = color;
    }
    g.putImageData(image, 0, 0);
  }

  drawTrails(g, centers) {
    const { run, view } = this,
      ahead = this.held?.center !== undefined;
    const line = (from, to, dash) => {
      for (let j = 0; j < run.k; j++) {
        g.beginPath();
        for (let f = from; f <= to; f++) {
          const path = run.paths[f],
            [x, y] = toScreen(view, f === this.at ? centers[j] : [path[2 * j], path[2 * j + 1]]);
          if (f === from) g.moveTo(x, y);
          else g.lineTo(x, y);
        }
        g.setLineDash(dash);
        g.lineJoin = "round";
        g.lineWidth = 5;
        g.strokeStyle = this.ink.paper;
        g.stroke();
        g.lineWidth = 2.4;
        g.strokeStyle = this.color(j);
        g.stroke();
        g.setLineDash([]);
        if (from === 0 && to > 1) {
          const [x, y] = toScreen(view, [run.paths[0][2 * j], run.paths[0][2 * j + 1]]);
          g.beginPath();
          g.arc(x, y, 4, 0, 2 * Math.PI);
          g.fillStyle = this.ink.paper;
          g.fill();
          g.lineWidth = 2;
          g.strokeStyle = this.color(j);
          g.stroke();
        }
      }
    };
    line(0, this.at, []);
    if (ahead) line(this.at, run.frames.length - 1, [3, 5]);
  }

  /** Inertia over the half-steps: the treads are its values, the drops are what E and M took off. */
  drawStairs() {
    const { run } = this,
      g = this.pen(this.stairs),
      width = this.stairs.clientWidth,
      height = this.stairs.clientHeight;
    const frames = run.frames,
      last = frames.length - 1,
      top = Math.max(...frames.slice(1).map(f => f.inertia), 0) || 1;
    const area = (this.stairArea = { left: 58, right: width - 12, top: 66, bottom: height - 36 });
    const x = i => area.left + ((area.right - area.left) * (i - 1)) / Math.max(1, last),
      y = v => area.bottom - ((area.bottom - area.top) * v) / top;
    g.clearRect(0, 0, width, height);
    const off = ledger(frames, this.at);
    g.textAlign = "left";
    g.textBaseline = "top";
    g.fillStyle = this.ink.ink;
    g.font = "bold 14px system-ui, sans-serif";
    g.fillText(
      `inertia ${Number.isNaN(this.frame.inertia) ? "–" : number(this.frame.inertia)}`,
      8,
      4,
      width - 12,
    );
    g.font = "13px system-ui, sans-serif";
    for (const [row, phase, name] of [
      [0, "assign", "E"],
      [1, "update", "M"],
    ]) {
      g.fillStyle = phase === "assign" ? this.ink.e : this.ink.m;
      g.fillRect(8, 27 + 18 * row, 11, 11);
      g.fillStyle = this.ink.ink;
      g.fillText(`${name}-steps took off ${number(off[phase])}`, 25, 25 + 18 * row, width - 30);
    }
    g.font = "12px system-ui, sans-serif";
    g.textAlign = "right";
    g.textBaseline = "middle";
    for (const t of ticks(0, top, Math.max(2, (area.bottom - area.top) / 60))) {
      g.fillStyle = this.ink.soft;
      g.fillText(tickText(t), area.left - 6, y(t), area.left - 8);
      g.strokeStyle = this.ink.line;
      g.lineWidth = 1;
      g.beginPath();
      g.moveTo(area.left, Math.round(y(t)) + 0.5);
      g.lineTo(area.right, Math.round(y(t)) + 0.5);
      g.stroke();
    }
    for (let i = 1; i <= last; i++) {
      g.globalAlpha = i <= this.at ? 1 : 0.25;
      g.strokeStyle = this.ink.ink;
      g.lineWidth = 2;
      g.beginPath();
      g.moveTo(x(i), y(frames[i].inertia));
      g.lineTo(x(i + 1), y(frames[i].inertia));
      g.stroke();
      if (i > 1) {
        g.strokeStyle = frames[i].phase === "assign" ? this.ink.e : this.ink.m;
        g.lineWidth = 5;
        g.beginPath();
        g.moveTo(x(i), y(frames[i - 1].inertia));
        g.lineTo(x(i), y(frames[i].inertia));
        g.stroke();
      }
      g.globalAlpha = 1;
    }
    if (this.at > 0) {
      g.fillStyle = this.ink.ink;
      g.beginPath();
      g.arc((x(this.at) + x(this.at + 1)) / 2, y(this.frame.inertia), 5, 0, 2 * Math.PI);
      g.fill();
    }
    g.fillStyle = this.ink.soft;
    g.textAlign = "center";
    g.textBaseline = "bottom";
    g.fillText(
      "half-steps: E, M, E, M, …",
      (area.left + area.right) / 2,
      height - 6,
      area.right - area.left,
    );
  }
  jump(e) {
    const box = this.stairs.getBoundingClientRect(),
      { left, right } = this.stairArea,
      last = this.run.frames.length - 1;
    this.stepTo(
      Math.max(
        0,
        Math.min(last, Math.floor(((e.clientX - box.left - left) / (right - left)) * last) + 1),
      ),
    );
  }

  savePicture() {
    const { canvas, stairs } = this,
      ratio = devicePixelRatio || 1,
      gap = 12 * ratio,
      foot = 40 * ratio;
    const picture = node("canvas", {
        width: canvas.width + stairs.width + gap,
        height: Math.max(canvas.height, stairs.height) + foot,
      }),
      g = picture.getContext("2d");
    g.fillStyle = this.ink.paper;
    g.fillRect(0, 0, picture.width, picture.height);
    g.drawImage(canvas, 0, 0);
    g.drawImage(stairs, canvas.width + gap, 0);
    g.fillStyle = this.ink.ink;
    g.font = `${15 * ratio}px system-ui, sans-serif`;
    g.fillText(
      this.words.textContent,
      12 * ratio,
      picture.height - 14 * ratio,
      picture.width - 24 * ratio,
    );
    picture.toBlob(blob => {
      const link = node("a", {
        href: URL.createObjectURL(blob),
        download: `k-means-half-step-${this.at}.png`,
      });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    });
  }
}

/** anywidget calls this once a model: all views of the model share one run. */
export default function player() {
  let run = null,
    views = 0;
  return {
    render({ model, el }) {
      run ??= new Run(model);
      views += 1;
      const view = new View(model, run, el);
      return () => {
        view.dispose();
        views -= 1;
        if (!views) {
          run.dispose();
          run = null;
        }
      };
    },
  };
}
