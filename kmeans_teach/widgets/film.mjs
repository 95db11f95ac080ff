// A film: panels and curves that controls go through. Python computed the frames; here nothing is
// computed. A reel that has not crossed yet is asked for by telling Python where the controls are.
import { node, Stepper, tellPython } from "./sheet.mjs";
import { DEFAULTS, EXTRAS, KINDS } from "./panels.mjs";

const ARRAYS = {
  f4: Float32Array,
  u1: Uint8Array,
  u2: Uint16Array,
  u4: Uint32Array,
  i1: Int8Array,
  i2: Int16Array,
  i4: Int32Array,
};

/** Opens parcels as packing.py makes them; an array that came twice is the same object. */
export class Parcels {
  opened = [];
  known = new Map();
  constructor(loaded = () => {}) {
    this.loaded = loaded;
  } // is called for each picture
  open({ buffer: all, byteOffset, byteLength }) {
    const buffer = all.slice(byteOffset, byteOffset + byteLength),
      whole = [];
    const length = new DataView(buffer).getUint32(0, true);
    const { shared, tree } = JSON.parse(new TextDecoder().decode(buffer.slice(4, 4 + length)));
    this.opened.push([buffer, 4 + length]);
    const walk = item => {
      if (!item || typeof item !== "object") return item;
      if (Array.isArray(item)) return item.map(walk);
      if (item["@"]) return this.array(item["@"]);
      const number = item["#"];
      if (number !== undefined) return (whole[number] ??= { ...DEFAULTS, ...walk(shared[number]) });
      return Object.fromEntries(Object.entries(item).map(([name, one]) => [name, walk(one)]));
    };
    return walk(tree);
  }
  array([code, parcel, start, count]) {
    const key = `${parcel}/${start}`,
      [buffer, first] = this.opened[parcel],
      { known } = this;
    if (!known.has(key))
      known.set(
        key,
        code === "png"
          ? this.picture(buffer, first + start, count)
          : new ARRAYS[code](buffer, first + start, count),
      );
    return known.get(key);
  }
  picture(buffer, start, bytes) {
    const picture = { bitmap: null, bytes };
    const file = new Blob([new Uint8Array(buffer, start, bytes)], { type: "image/png" });
    const shown = bitmap => {
      picture.bitmap = bitmap;
      this.loaded();
    };
    createImageBitmap(file, { colorSpaceConversion: "none" }).then(shown);
    return picture;
  }
}

const same = (a, b) => a === b || Math.abs(a - b) < 1e-9;
export class Film extends Stepper {
  constructor(model, el) {
    const axes = model.get("_axes"),
      main = axes.findIndex(({ control }) => control === "slider");
    const step = axes[main]?.label ?? "frame",
      label = model.get("title") || step;
    super(model, el, { kind: "film", label, toolbar: `Choose: ${step}`, step });
    const wish = [...model.get("_at")],
      stage = node("div", { class: "kmt-rows" });
    Object.assign(this, { axes, main, wish, place: [...wish], kept: new Map(), stage });
    this.toolbar.prepend(node("span", { class: "kmt-name" }, step));
    this.toolbar.hidden = main < 0;
    this.controls = axes.map((axis, i) => this.control(axis, i));
    this.waits = node("progress", { max: 1, hidden: true, "aria-label": "Python computes" });
    this.say = node("div", { class: "kmt-say" }, this.words, this.waits);
    this.on(this.root, "keydown", e => this.pressed(e));
    this.onModel(["_at", ...axes.map(({ name }) => name)], () => this.follow());
    this.onModel("_parcels", () => {
      this.read();
      this.show({ quiet: true });
    });
    this.onModel("_trouble", () => this.troubled());
    this.onModel("_done", () => {
      this.waits.value = model.get("_done");
    });
    this.read();
    const boxes = this.controls.filter(Boolean),
      choices = boxes.filter(b => b.matches("fieldset"));
    (choices[0] ?? this.toolbar).append(...EXTRAS.map(extra => extra(this)));
    const sliders = boxes.filter(box => !choices.includes(box));
    this.attach(...choices, this.toolbar, ...sliders, this.say, stage);
    this.show({ quiet: true });
  }
  // Stepper plays the first slider
  get at() {
    return this.place?.[this.main] ?? 0;
  }
  set at(position) {
    if (this.place) this.place[this.main] = position;
  }
  get last() {
    return this.main < 0 ? 0 : this.texts(this.main).length - 1;
  }
  goTo(at, options) {
    if (this.main >= 0) this.choose(this.main, at, options);
  }
  /** Takes in the parcels that are new; all of them after Python has started anew. */
  read() {
    const [edition, count] = this.model.get("_parcels");
    if (edition !== this.edition) {
      const parcels = new Parcels(() => this.draw()),
        axes = this.model.get("_axes");
      Object.assign(this, { edition, parcels, axes, frames: new Map() });
    }
    for (let i = this.parcels.opened.length; i < count; i++) {
      const frames = this.parcels.open(this.model.get(`_parcel_${i}`));
      for (const [place, frame] of Object.entries(frames)) this.frames.set(place, frame);
    }
    this.laidOut = null; // a new title or sentence may need more room
  }
  key(i, place = this.place) {
    return this.axes[i].of.map(j => place[j]).join("/");
  }
  texts(i, place = this.place) {
    return this.axes[i].texts[this.key(i, place)];
  }
  stops(i, place = this.place) {
    return this.axes[i].stops[this.key(i, place)];
  }
  /** Where the controls stand if the reader put them so: each as far as its axis reaches there. */
  settled(wish) {
    return wish.reduce((p, at, i) => [...p, Math.min(at, this.texts(i, p).length - 1)], []);
  }
  /** The frame at a wish, or at the place itself. */
  frameAt(wish) {
    return this.frames.get(this.settled(wish).join("/"));
  }
  choose(i, position, options) {
    if (i !== this.main) this.stop();
    this.wish[i] = Math.max(0, Math.min(position, this.texts(i).length - 1));
    this.kept.set(`${i}:${this.key(i)}`, this.wish[i]);
    const moved = new Set([i]);
    this.axes.forEach(({ of, first }, j) => {
      // what depends on it goes where it was, or first
      if (!of.some(k => moved.has(k))) return;
      const key = this.key(j, this.settled(this.wish)),
        kept = this.kept.get(`${j}:${key}`);
      if (kept === undefined && first[key] === undefined) return;
      this.wish[j] = kept ?? first[key];
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
    const asked = this.axes.map(find),
      i = asked.findIndex((position, j) => position !== at[j]);
    if (i >= 0 && asked[i] >= 0) return this.choose(i, asked[i]); // a link moved this one alone
    Object.assign(this, { wish: [...at], place: at });
    this.show({ quiet: true });
    if (i >= 0) setTimeout(() => this.rested()); // no such stop: the link gets the old one back
  }
  /** Tells Python and the other views where the controls came to rest. */
  rested(asks = 0) {
    const stops = this.axes.map(({ name }, i) => [name, this.stops(i)[this.place[i]]]);
    if (
      !asks &&
      String(this.model.get("_at")) === String(this.place) &&
      stops.every(([name, value]) => same(this.model.get(name), value))
    )
      return;
    this.telling = true; // one change after the other, which do not fit until the last
    const told = { _at: [...this.place], _asked: this.model.get("_asked") + asks };
    this.model.set({ ...told, ...Object.fromEntries(stops) });
    this.telling = false;
    tellPython(this.model);
  }
  show({ quiet = false } = {}) {
    const frame = this.frameAt(this.place);
    this.axes.forEach((_, i) => this.controls[i]?.show(this.texts(i), this.place[i]));
    if (this.main >= 0) this.showStep();
    this.root.classList.toggle("kmt-waiting", !frame);
    this.waits.hidden = Boolean(frame);
    if (!frame) return this.ask();
    this.shown = frame;
    if (!this.rows) this.build(frame);
    this.tell(frame.words);
    if (this.laidOut === null && this.ink) this.layout();
    else this.draw();
    if (!quiet) this.rest();
  }
  ask() {
    const { kernel } = this.model.widget_manager ?? {};
    const alive = kernel && !kernel.isDisposed && kernel.status !== "dead";
    this.stop();
    this.waits.hidden = !alive;
    this.waits.removeAttribute("value");
    this.tell(
      alive
        ? "Python computes these pictures. If nothing happens, run this cell again."
        : "These pictures were not computed while Python ran. Run the cell again to see them.",
    );
    this.rested(1);
  }
  troubled() {
    const trouble = this.model.get("_trouble");
    if (!trouble || this.frameAt(this.place)) return;
    this.waits.hidden = true;
    this.tell(`Python could not compute these pictures: ${trouble}. Choose something else.`);
  }
  showStep() {
    super.showStep();
    const text = this.texts(this.main)[this.at];
    this.slider.setAttribute("aria-valuetext", (this.count.textContent = text));
  }
  /** The element in which one chooses, with a function that shows what was chosen. */
  control({ label, control, texts }, i) {
    if (i === this.main || Object.values(texts).every(({ length }) => length < 2)) return null;
    return { choice: this.choices, slider: this.range }[control]?.call(this, label, i);
  }
  choices(label, i) {
    const name = `kmt-${Math.random()}`,
      stops = node("span", { class: "kmt-stops" });
    const box = node("fieldset", { class: "kmt-choices" }, node("legend", {}, label), stops);
    const choice = (text, p) => {
      const input = node("input", { type: "radio", name, "data-lm-suppress-shortcuts": "true" });
      input.addEventListener("change", () => this.choose(i, p));
      return node("label", {}, input, node("span", {}, text));
    };
    let seen = "";
    box.show = (texts, at) => {
      if (seen !== (seen = texts.join("\n"))) stops.replaceChildren(...texts.map(choice));
      stops.querySelectorAll("input").forEach((one, p) => {
        one.checked = p === at;
      });
    };
    return box;
  }
  range(label, i) {
    const look = { type: "range", min: 0, class: "kmt-scrub", "aria-label": label };
    const slider = node("input", look),
      count = node("span", { class: "kmt-count" });
    const box = node(
      "div",
      { class: "kmt-bar kmt-second" },
      node("span", { class: "kmt-name" }, label),
      slider,
      count,
    );
    this.on(slider, "input", () => this.choose(i, Number(slider.value)));
    box.show = (texts, at) => {
      Object.assign(slider, { max: texts.length - 1, value: at, disabled: texts.length < 2 });
      slider.setAttribute("aria-valuetext", (count.textContent = texts[at]));
    };
    return box;
  }
  pressed(e) {
    const { target, key } = e,
      native = "select, [type=radio], [type=file], .kmt-second input";
    if (e.altKey || e.ctrlKey || e.metaKey || target.matches(native)) return;
    if (key === " " && target.matches("button, [type=checkbox]")) return;
    const view = this.rows?.flat().find(({ canvas }) => canvas === target),
      own = view?.key(key);
    if (!own && (this.main < 0 || !this.stepKeys[key])) return;
    if (!own) this.stepKeys[key]();
    e.preventDefault();
    e.stopPropagation();
  }
  build(frame) {
    this.rows = frame.rows.map(row => row.map(panel => new KINDS[panel.kind](this, panel)));
    const stage = row => node("div", { class: "kmt-stage" }, ...row.map(({ box }) => box));
    this.stage.replaceChildren(...this.rows.map(stage));
    this.claimKeys();
    this.laidOut = null;
  }
  /** Calls a function with each view, its panel, and where they are. */
  each(act) {
    this.rows?.forEach((row, r) => row.forEach((v, i) => act(v, this.shown.rows[r][i], r, i)));
  }
  arrange(width) {
    const height = this.model.get("height"),
      frames = [...this.frames.values()],
      gap = 14;
    this.room(
      this.say,
      this.words,
      frames.map(({ words }) => words),
    );
    this.each((view, panel, r, i) => {
      const row = this.shown.rows[r],
        share = row.reduce((sum, { wide }) => sum + wide, 0);
      const part = Math.floor(((width - gap * (row.length - 1)) * panel.wide) / share);
      const wide = width < 680 ? width : part;
      view.box.style.width = `${wide}px`;
      this.room(
        view.claim,
        view.claim,
        frames.map(({ rows }) => rows[r][i].title),
      );
      view.arrange(wide, view.tall(wide, Math.round(height * panel.tall), panel));
    });
  }
  picture() {
    if (this.shown)
      this.each((view, panel) => {
        if (view.width) view.show(panel);
      });
  }
}

/** anywidget calls this once a model. */
export default function film() {
  return {
    render({ model, el }) {
      const v = new Film(model, el);
      return () => v.dispose();
    },
  };
}
