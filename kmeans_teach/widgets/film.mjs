// A film: panels and curves that controls go through. Python computed the frames; here nothing is
// computed. A reel that has not crossed yet is asked for by telling Python where the controls are.
import { node, Stepper, tellPython } from "./sheet.mjs";
import { DEFAULTS, EXTRAS, KINDS } from "./panels.mjs";

const ARRAYS = {
  f4: Float32Array, u1: Uint8Array, u2: Uint16Array, u4: Uint32Array,
  i1: Int8Array, i2: Int16Array, i4: Int32Array,
};

/** Opens parcels as packing.py makes them; an array that came twice is the same object. */
export class Parcels {
  constructor(loaded = () => {}) {   // loaded is called for each picture
    Object.assign(this, { loaded, opened: [], known: new Map() });
  }
  open(view) {
    const { byteOffset, byteLength } = view;
    const buffer = view.buffer.slice(byteOffset, byteOffset + byteLength);
    const length = new DataView(buffer).getUint32(0, true), whole = [];
    const head = new TextDecoder().decode(new Uint8Array(buffer, 4, length));
    const { shared, tree } = JSON.parse(head);
    this.opened.push([buffer, 4 + length]);
    const walk = item => {
      if (!item || typeof item !== "object") return item;
      if (Array.isArray(item)) return item.map(walk);
      if (item["@"]) return this.array(item["@"]);
      const number = item["#"];
      if (number !== undefined) return whole[number] ??= { ...DEFAULTS, ...walk(shared[number]) };
      return Object.fromEntries(Object.entries(item).map(([name, one]) => [name, walk(one)]));
    };
    return walk(tree);
  }
  array([code, parcel, start, count]) {
    const key = `${parcel}/${start}`, [buffer, first] = this.opened[parcel];
    const make = () => code === "png" ? this.picture(new Uint8Array(buffer, first + start, count))
      : new ARRAYS[code](buffer, first + start, count);
    if (!this.known.has(key)) this.known.set(key, make());
    return this.known.get(key);
  }
  picture(file) {
    const picture = { bitmap: null, bytes: file.length };
    const blob = new Blob([file], { type: "image/png" });
    createImageBitmap(blob, { colorSpaceConversion: "none" }).then(bitmap => {
      picture.bitmap = bitmap;
      this.loaded();
    });
    return picture;
  }
}

const same = (a, b) => a === b || Math.abs(a - b) < 1e-9;

export class Film extends Stepper {
  constructor(model, el) {
    const axes = model.get("_axes"), main = axes.findIndex(({ control }) => control === "slider");
    const step = axes[main]?.label ?? "frame", label = model.get("title") || step;
    super(model, el, { kind: "film", label, toolbar: `Choose: ${step}`, step });
    Object.assign(this, { axes, main, wish: [...model.get("_at")], kept: new Map() });
    this.place = [...this.wish];
    if (main >= 0) this.toolbar.prepend(node("span", { class: "kmt-name" }, step));
    this.toolbar.hidden = main < 0;
    this.controls = axes.map((axis, i) => this.control(axis, i));
    this.stage = node("div", { class: "kmt-rows" });
    const waits = { class: "kmt-waits", max: 1, hidden: true, "aria-label": "Python computes" };
    this.waits = node("progress", waits);
    this.say = node("div", { class: "kmt-say" }, this.words, this.waits);
    this.on(this.root, "keydown", e => this.pressed(e));
    this.onModel(["_at", ...axes.map(({ name }) => name)], () => this.follow());
    this.onModel("_parcels", () => { this.read(); this.show({ quiet: true }); });
    this.onModel("_trouble", () => this.troubled());
    this.onModel("_done", () => {
      clearTimeout(this.patience);
      this.waits.value = model.get("_done");
    });
    this.read();
    const boxes = this.controls.filter(Boolean).map(({ box }) => box);
    const choices = boxes.filter(box => box.matches("fieldset"));
    (choices[0] ?? this.toolbar).append(...EXTRAS.map(extra => extra(this)));
    const sliders = boxes.filter(box => !choices.includes(box));
    this.attach(...choices, this.toolbar, ...sliders, this.say, this.stage);
    this.show({ quiet: true });
  }
  dispose() {
    clearTimeout(this.patience);
    super.dispose();
  }
  // Stepper plays the first slider
  get at() { return this.place?.[this.main] ?? 0; }
  set at(position) { if (this.place) this.place[this.main] = position; }
  get last() { return this.main < 0 ? 0 : this.texts(this.main).length - 1; }
  goTo(at, options) { if (this.main >= 0) this.choose(this.main, at, options); }

  /** Takes in the parcels that are new; all of them after Python has started anew. */
  read() {
    const [edition, count] = this.model.get("_parcels");
    if (edition !== this.edition) {
      const parcels = new Parcels(() => this.draw());
      Object.assign(this, { edition, parcels, frames: new Map(), shown: null });
      this.axes = this.model.get("_axes");
    }
    for (let i = this.parcels.opened.length; i < count; i++) {
      const frames = this.parcels.open(this.model.get(`_parcel_${i}`));
      for (const [place, frame] of Object.entries(frames)) this.frames.set(place, frame);
    }
    this.laidOut = null;   // a new title or sentence may need more room
  }
  key(i, place = this.place) { return this.axes[i].of.map(j => place[j]).join("/"); }
  texts(i, place = this.place) { return this.axes[i].texts[this.key(i, place)]; }
  stops(i, place = this.place) { return this.axes[i].stops[this.key(i, place)]; }
  /** Where the controls stand if the reader put them so: each as far as its axis reaches there. */
  settled(wish) {
    const place = [];
    wish.forEach((at, i) => place.push(Math.min(at, this.texts(i, place).length - 1)));
    return place;
  }
  /** The frame at a wish, or at the place itself. */
  frameAt(wish) { return this.frames.get(this.settled(wish).join("/")); }

  choose(i, position, options) {
    if (i !== this.main) this.stop();
    this.wish[i] = Math.max(0, Math.min(position, this.texts(i).length - 1));
    this.kept.set(`${i}:${this.key(i)}`, this.wish[i]);
    const moved = new Set([i]);
    this.axes.forEach(({ of, first }, j) => {   // what depends on it goes where it was, or first
      if (!of.some(k => moved.has(k))) return;
      const key = this.key(j, this.settled(this.wish));
      const kept = this.kept.get(`${j}:${key}`) ?? first[key];
      if (kept === undefined) return;
      this.wish[j] = kept;
      moved.add(j);
    });
    this.place = this.settled(this.wish);
    this.show(options);
  }
  /** Goes where Python, another view or a link has put the model. */
  follow() {
    if (this.telling) return;
    const at = this.settled(this.model.get("_at"));
    const find = ({ name }, i) => this.stops(i, at).findIndex(v => same(v, this.model.get(name)));
    const asked = this.axes.map(find), i = asked.findIndex((position, j) => position !== at[j]);
    if (i >= 0 && asked[i] >= 0) return this.choose(i, asked[i]);   // a link moved this one alone
    this.wish = [...at];
    this.place = at;
    this.show({ quiet: true });
    if (i >= 0) this.rested();   // no such stop: the link gets the old one back
  }
  /** Tells Python and the other views where the controls came to rest. */
  rested() {
    const stops = this.axes.map(({ name }, i) => [name, this.stops(i)[this.place[i]]]);
    if (String(this.model.get("_at")) === String(this.place)
      && stops.every(([name, value]) => same(this.model.get(name), value))) return;
    this.telling = true;
    this.model.set({ _at: [...this.place], ...Object.fromEntries(stops) });
    this.telling = false;
    tellPython(this.model);
  }

  show({ quiet = false } = {}) {
    const frame = this.frameAt(this.place);
    this.showControls();
    this.root.classList.toggle("kmt-waiting", !frame);
    this.waits.hidden = Boolean(frame);
    if (!frame) return this.ask();
    this.shown = frame;
    clearTimeout(this.patience);
    if (!this.rows) this.build(frame);
    this.tell(frame.words);
    if (this.laidOut === null && this.ink) this.layout(); else this.draw();
    if (!quiet) this.rest();
  }
  ask() {
    const { kernel } = this.model.widget_manager ?? {};
    const alive = kernel && !kernel.isDisposed && kernel.status !== "dead";
    const late = () => this.tell("Python does not answer yet. It may be busy with another cell; "
      + "if nothing happens, run this cell again.");
    this.stop();
    this.waits.hidden = !alive;
    this.waits.removeAttribute("value");
    this.tell(alive ? "Python computes these pictures…"
      : "These pictures were not computed while Python ran. Run the cell again to see them.");
    clearTimeout(this.patience);
    if (alive) this.patience = setTimeout(late, 5000);
    this.rested();
  }
  troubled() {
    const trouble = this.model.get("_trouble");
    if (!trouble || this.frameAt(this.place)) return;
    clearTimeout(this.patience);
    this.waits.hidden = true;
    this.tell(`Python could not compute these pictures: ${trouble}. Choose something else, or run `
      + "the cell again.");
  }

  // -------- controls

  showControls() {
    this.axes.forEach((axis, i) => {
      const texts = this.texts(i), at = this.place[i];
      this.controls[i]?.show(texts, at);
      if (i !== this.main) return;
      this.showStep();
      this.count.textContent = texts[at];
      this.slider.setAttribute("aria-valuetext", texts[at]);
    });
  }
  control(axis, i) {
    const many = Object.values(axis.texts).some(({ length }) => length > 1);
    if (i === this.main || !many || axis.control === "panel") return null;
    return axis.control === "choice" ? this.choices(axis, i) : this.range(axis, i);
  }
  choices(axis, i) {
    const name = `kmt-${Math.random().toString(36).slice(2)}`;
    const stops = node("span", { class: "kmt-stops" });
    const box = node("fieldset", { class: "kmt-choices" }, node("legend", {}, axis.label), stops);
    const input = p => {
      const made = node("input", { type: "radio", name, "data-lm-suppress-shortcuts": "true" });
      made.addEventListener("change", () => this.choose(i, p));
      return made;
    };
    let seen = "";
    const show = (texts, at) => {
      const label = (text, p) => node("label", {}, input(p), node("span", {}, text));
      if (seen !== (seen = texts.join("\n"))) stops.replaceChildren(...texts.map(label));
      stops.querySelectorAll("input").forEach((one, p) => { one.checked = p === at; });
    };
    return { box, show };
  }
  range(axis, i) {
    const look = { type: "range", min: 0, class: "kmt-scrub", "aria-label": axis.label };
    const slider = node("input", look), count = node("span", { class: "kmt-count" });
    const name = node("span", { class: "kmt-name" }, axis.label);
    const box = node("div", { class: "kmt-bar kmt-second" }, name, slider, count);
    this.on(slider, "input", () => this.choose(i, Number(slider.value)));
    const show = (texts, at) => {
      Object.assign(slider, { max: texts.length - 1, value: at, disabled: texts.length < 2 });
      slider.setAttribute("aria-valuetext", texts[at]);
      count.textContent = texts[at];
    };
    return { box, show };
  }
  pressed(e) {
    const { target, key } = e, native = "select, [type=radio], [type=file], .kmt-second input";
    if (e.altKey || e.ctrlKey || e.metaKey || target.matches(native)) return;
    if (key === " " && target.matches("button, [type=checkbox]")) return;
    const view = this.rows?.flat().find(({ canvas }) => canvas === target);
    if (!view?.key(key)) {
      if (this.main < 0 || !this.stepKeys[key]) return;
      this.stepKeys[key]();
    }
    e.preventDefault();
    e.stopPropagation();
  }

  // -------- pictures

  build(frame) {
    this.rows = frame.rows.map(row => row.map(panel => new KINDS[panel.kind](this, panel)));
    const stage = row => node("div", { class: "kmt-stage" }, ...row.map(({ box }) => box));
    this.stage.replaceChildren(...this.rows.map(stage));
    this.claimKeys();
    this.laidOut = null;
  }
  arrange(width) {
    const height = this.model.get("height"), gap = 14, narrow = width < 680;
    const frames = [...this.frames.values()];
    this.room(this.say, this.words, new Set(frames.map(({ words }) => words)));
    this.rows?.forEach((row, r) => {
      const panels = this.shown.rows[r], whole = panels.reduce((sum, { wide }) => sum + wide, 0);
      const share = (width - gap * (row.length - 1)) / whole;
      row.forEach((view, i) => {
        const wide = narrow ? width : Math.floor(share * panels[i].wide);
        view.box.style.width = `${wide}px`;
        this.room(view.claim, view.claim, new Set(frames.map(({ rows }) => rows[r][i].title)));
        view.arrange(wide, view.tall(wide, Math.round(height * panels[i].tall), panels[i]));
      });
    });
  }
  /** The height that the longest of some texts needs in a box, so that nothing below jumps. */
  room(box, line, texts) {
    const now = line.textContent;
    const longest = [...texts].sort((a, b) => b.length - a.length).slice(0, 3);
    box.style.minHeight = "";
    const tall = longest.map(text => { line.textContent = text; return box.offsetHeight; });
    line.textContent = now;
    box.style.minHeight = `${Math.max(0, ...tall)}px`;
  }
  picture() {
    if (!this.shown || !this.rows?.[0]?.[0]?.width) return;
    this.rows.forEach((row, r) => row.forEach((view, i) => view.show(this.shown.rows[r][i])));
  }
  color(j) { return j < 0 ? this.ink.none : super.color(j); }
  marker(j) { return j < 0 ? "x" : super.marker(j); }

  write(g, text, x, y, font, align, baseline, color = this.ink.ink, halo = null) {
    const look = { textAlign: align, textBaseline: baseline, fillStyle: color };
    Object.assign(g, look, { font: `${font} system-ui, sans-serif` });
    if (halo) {
      Object.assign(g, { strokeStyle: halo, lineWidth: 4 });
      g.strokeText(text, x, y);
    }
    g.fillText(text, x, y);
  }
}

/** anywidget calls this once a model. */
export default function film() {
  return {
    render({ model, el }) {
      const view = new Film(model, el);
      return () => view.dispose();
    },
  };
}
