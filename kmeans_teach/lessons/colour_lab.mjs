// What the colour lab has of its own: a picture under a wipe handle, whose pixels get the nearest
// colour of a palette here; colour space that turns; and a button for the reader's own picture.
import { fitView, node, textButton, toScreen } from "../widgets/sheet.mjs";
import { EXTRAS, KINDS, PanelView } from "../widgets/panels.mjs";

const PART = 1e6, MOST = 1e8;   // bytes of a message, of a file
const SIDES = { "R–G": [0, 0], "R–B": [0, Math.PI / 2], "3-D": [0.5, 0.35] };   // turn, tilt
const STEPS = { ArrowLeft: [-16, 0], ArrowRight: [16, 0], ArrowUp: [0, -16], ArrowDown: [0, 16] };
const held = (v, low, high) => Math.max(low, Math.min(high, v));
const abgr = ([r, g, b], a) => a << 24 | b << 16 | g << 8 | r;
const colors = flat => Array.from({ length: flat.length / 3 }, (_, i) => flat.slice(3 * i, 3 * i + 3));

/** The distinct colours of RGBA bytes, as 0xbbggrr, and which of them each pixel has. */
export function distinct(rgba) {
  const pixels = new Uint32Array(rgba.buffer), seen = new Uint32Array(1 << 24), keys = [];
  const which = pixels.map(v => (seen[v & 0xffffff] ||= keys.push(v & 0xffffff)) - 1);
  return { keys: Uint32Array.from(keys), which };
}
/** The number of each colour's nearest in a palette (flat bytes), the first of equally near. */
export function nearest(keys, palette) {
  const flat = Int32Array.from(palette);
  return keys.map(key => {
    const r = key & 255, g = key >> 8 & 255, b = key >> 16;
    let best = 0, least = Infinity;
    for (let p = 0; p < flat.length; p += 3) {
      const dr = r - flat[p], dg = g - flat[p + 1], db = b - flat[p + 2];
      const far = dr * dr + dg * dg + db * db;
      if (far < least) { least = far; best = p / 3; }
    }
    return best;
  });
}
/** The largest place for a picture in a box: [x, y, width, height]. Whole numbers enlarge it. */
export function fitPicture([h, w], width, height) {
  const fit = Math.min(width / w, height / h), s = fit < 1 ? fit : Math.floor(fit);
  return [(width - w * s) / 2, (height - h * s) / 2, w * s, h * s].map(Math.round);
}
/** A colour in the cube seen from an angle: x and y from -1.8 to 1.8, and how far it is. */
export function turned(color, [turn, tilt]) {
  const [x, y, z] = Array.from(color, v => v / 127.5 - 1), { sin, cos } = Math;
  const u = x * cos(turn) - z * sin(turn), v = x * sin(turn) + z * cos(turn);
  return [u, y * cos(tilt) + v * sin(tilt), v * cos(tilt) - y * sin(tilt)];
}
/** A picture in a palette, kept for the next time. */
export function inPalette(before, palette) {
  const { bitmap: { width, height }, known } = Object.assign(before, { known: before.known ?? new Map() });
  if (known.has(palette)) return known.get(palette);
  const canvas = node("canvas", { width, height });
  const g = canvas.getContext("2d", { willReadFrequently: true });
  g.drawImage(before.bitmap, 0, 0);
  const image = g.getImageData(0, 0, width, height);
  const { keys, which } = before.distinct ??= distinct(image.data.slice());
  const inks = colors(palette).map(color => abgr(color, 255)), labels = nearest(keys, palette);
  new Uint32Array(image.data.buffer).set(which.map(i => inks[labels[i]]));
  g.putImageData(image, 0, 0);
  known.set(palette, canvas);
  return canvas;
}

/** A canvas that is dragged, by arrow keys too: its moved(dx, dy, x) is told pixels. */
class DragView extends PanelView {
  constructor(film, panel) {
    super(film, panel);
    Object.assign(this.canvas, { tabIndex: 0, role: "slider" });
    this.canvas.classList.add("kmt-drags");
    for (const type of ["pointerdown", "pointermove"]) film.on(this.canvas, type, e => this.drag(e));
  }
  drag({ type, pointerId, offsetX: x, offsetY: y }) {
    if (type === "pointerdown") { this.from = [x, y]; this.canvas.setPointerCapture(pointerId); }
    if (!this.canvas.hasPointerCapture(pointerId)) return;
    this.moved(x - this.from[0], y - this.from[1], x);
    this.from = [x, y];
    this.again();
  }
  key(name) {
    if (STEPS[name]) { this.moved(...STEPS[name]); this.again(); }
    return name in STEPS;
  }
}

KINDS.wipe = class extends DragView {
  constructor(film, panel) {
    super(film, panel);
    Object.assign(this, { part: 0.5, check: node("input", { type: "checkbox" }) });
    film.on(this.check, "change", () => this.again());
    this.head.append(node("label", { class: "kmt-check" }, this.check, "errors × 4"));
  }
  tall(width, height, { size: [h, w] }) { return Math.min(height, Math.round(width * h / w)); }
  moved(dx, dy, to) {
    const [x, , w] = this.place;
    this.part = held(to === undefined ? this.part + (dx - dy) / w : (to - x) / w, 0, 1);
  }
  draw(g, { before, palette, names, size }, width, height) {
    const [x, y, w, h] = this.place = fitPicture(size, width, height), { film, part, check } = this;
    const middle = Math.round(x + w * part), rest = x + w - middle, now = Math.round(100 * part);
    const valuetext = `${now} % of the picture in all its colours`, ratio = devicePixelRatio || 1;
    this.told({ label: "Wipe handle", valuemin: 0, valuemax: 100, valuenow: now, valuetext });
    if (!before.bitmap) return;
    const image = picture => g.drawImage(picture, x, y, w, h);
    g.imageSmoothingEnabled = false;   // it would mix new colours
    image(before.bitmap);
    film.clipped(g, { left: middle, top: y, right: x + w, bottom: y + h }, () => {
      image(inPalette(before, palette));
      if (!check.checked) return;
      g.globalCompositeOperation = "difference";   // |before - after|, then twice added to itself
      image(before.bitmap);
      g.globalCompositeOperation = "lighter";
      const own = [x, y, w, h].map(v => v * ratio);
      for (const _ of "12") g.drawImage(g.canvas, ...own, x, y, w, h);
    });
    const write = (text, at, side, wide) => {
      g.fillStyle = "#000b";
      g.fillRect(at - (side === "left" ? 0 : wide), y + h - 26, wide, 26);
      film.write(g, text, at + (side === "left" ? 8 : -8), y + h - 13, "bold 14px", side, "middle", "#fff");
    };
    if (middle - x > 170) write(names[0], x, "left", 150);
    if (rest > 120) write(check.checked ? "errors × 4" : names[1], x + w, "right", 94);
    film.path(g, [[middle, y], [middle, y + h]], "#000", 5);
    film.path(g, [[middle, y], [middle, y + h]], "#fff", 3);
    film.path(g, [[middle - 14, y + h / 2], [middle + 14, y + h / 2]], "#000", 26);
    film.write(g, "◀▶", middle, y + h / 2, "16px", "center", "middle", "#fff");
    this.prepare(before);
  }
  /** Finds the other palettes' pictures while nothing else is to be done. */
  prepare(before) {
    const { film } = this, idle = globalThis.requestIdleCallback ?? (act => setTimeout(act, 50));
    const next = [...film.frames.values()].map(({ rows }) => rows[0][0]).find(
      panel => panel.before === before && !before.known.has(panel.palette));
    if (next && !this.busy) this.busy = idle(() => {
      this.busy = null;
      if (film.off.signal.aborted) return;
      inPalette(before, next.palette);
      this.prepare(before);
    });
  }
};

KINDS.space = class extends DragView {
  constructor(film, panel) {
    super(film, panel);
    this.angle = SIDES["3-D"];
    this.head.append(node("div", { class: "kmt-sides" }, ...Object.keys(SIDES).map(name => textButton(
      "side", name, `See ${name}`, () => { this.angle = SIDES[name]; this.again(); }))));
  }
  moved(dx, dy) {
    this.angle = [this.angle[0] - dx / 90, held(this.angle[1] + dy / 90, -1.6, 1.6)];
  }
  draw(g, { pixels, palette }, width, height) {
    const { film: { ink }, film, angle } = this, now = Math.round(angle[0] * 180 / Math.PI) % 360;
    this.told({ label: "Turn", valuemin: -360, valuemax: 360, valuenow: now, valuetext: `${now}°` });
    const view = fitView([-1.8, -1.6, 1.8, 1.6], { left: 0, top: 0, right: width, bottom: height });
    const place = color => {
      const [x, y, z] = turned(color, angle);
      return [...toScreen(view, [x, y]), z];
    };
    const inks = colors(palette).map(color => `rgb(${color.join()})`), points = colors(pixels);
    const labels = nearest(Uint32Array.from(points, color => abgr(color, 0)), palette);
    const dots = points.map((color, i) => [...place(color), inks[labels[i]]]).sort((a, b) => b[2] - a[2]);
    for (const [x, y, , color] of dots) { g.fillStyle = color; g.fillRect(x - 1.5, y - 1.5, 3, 3); }
    for (const [i, name] of ["red", "green", "blue"].entries()) {
      const [from, to] = [[0, 0, 0], [0, 0, 0].with(i, 255)].map(place);
      if (Math.hypot(to[0] - from[0], to[1] - from[1]) < 8) continue;
      film.path(g, [from, to], ink.soft, 1.5);
      film.write(g, name, to[0], to[1] - 2, "bold 13px", "center", "bottom");
    }
    colors(palette).map(place).forEach((spot, j) => {
      film.path(g, [spot, spot], ink.ink, 0);
      film.disc(g, spot, 8);
      g.fillStyle = inks[j]; g.fill(); g.stroke();
    });
  }
};

/** A button for the reader's own picture: the file goes to Python in parts. */
EXTRAS.push(film => {
  const { model } = film, { kernel } = model.widget_manager ?? {};
  const input = node("input", { type: "file", accept: "image/*", hidden: true });
  const open = textButton("upload", "Your own picture…", "It goes to your own Python and nowhere else", () => input.click());
  const said = node("span", { class: "kmt-own", role: "status" }), tell = text => { said.textContent = text; };
  const check = () => {
    open.disabled = !kernel || kernel.isDisposed || kernel.status === "dead";
    tell(open.disabled ? "For your own picture, run this cell." : model.get("_note"));
  };
  film.on(input, "change", async () => {
    const [file] = input.files, { name, size } = file;
    input.value = "";
    if (size > MOST) return tell(`${name} has more than 100 MB: scale it down.`);
    for (let start = 0; !start || start < size; start += PART) {
      tell(`Sending ${name}: ${Math.floor(100 * start / (size || 1))} %`);
      const part = await file.slice(start, start + PART).arrayBuffer();
      model.send({ kind: "part", name, start, size }, undefined, [part]);
    }
    tell(`Python reads ${name}…`);
  });
  film.onModel("_note", check);
  for (const signal of ["statusChanged", "disposed"]) kernel?.[signal].connect(check);
  film.ends.push(() => ["statusChanged", "disposed"].forEach(signal => kernel?.[signal].disconnect(check)));
  check();
  return node("span", {}, open, input, said);
});
