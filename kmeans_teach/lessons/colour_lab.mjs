// What the colour lab has of its own: a picture under a wipe handle, whose pixels get the nearest
// colour of a palette here; colour space that turns; and a button for the reader's own picture.
import { assign } from "../widgets/core.mjs";
import { fitView, node, textButton, toScreen } from "../widgets/sheet.mjs";
import { EXTRAS, KINDS, PanelView } from "../widgets/panels.mjs";
const PART = 1e6,
  MOST = 1e8,
  AFTERS = new WeakMap(); // bytes of a message, of a file; pictures
const SIDES = { "R–G": [0, 0], "R–B": [0, Math.PI / 2], "3-D": [0.5, 0.35] }; // turn, tilt
const STEPS = { ArrowLeft: [-16, 0], ArrowRight: [16, 0], ArrowUp: [0, -16], ArrowDown: [0, 16] };
const held = (v, low, high) => Math.max(low, Math.min(high, v));
const triples = a => Array.from({ length: a.length / 3 }, (_, i) => a.slice(3 * i, 3 * i + 3));
/** The distinct colours of RGBA bytes (flat), and which of them each pixel has. */
export function distinct(rgba) {
  const pixels = new Uint32Array(rgba.buffer),
    seen = new Uint32Array(1 << 24),
    found = [];
  const which = pixels.map((v, i) => (seen[v & 0xffffff] ||= found.push(i)) - 1);
  const colors = Float64Array.from(found.flatMap(i => [...rgba.subarray(4 * i, 4 * i + 3)]));
  return { colors, which };
}
/** A colour in the cube seen from an angle: x and y from -1.8 to 1.8, and how far it is. */
export function turned(color, [turn, tilt]) {
  const [x, y, z] = Array.from(color, v => v / 127.5 - 1),
    { sin, cos } = Math;
  const u = x * cos(turn) - z * sin(turn),
    v = x * sin(turn) + z * cos(turn);
  return [u, y * cos(tilt) + v * sin(tilt), v * cos(tilt) - y * sin(tilt)];
}
export function inPalette(before, palette) {
  if (AFTERS.has(palette)) return AFTERS.get(palette);
  const { width, height } = before.bitmap,
    canvas = node("canvas", { width, height });
  const g = canvas.getContext("2d");
  g.drawImage(before.bitmap, 0, 0);
  const image = g.getImageData(0, 0, width, height);
  const { colors, which } = (before.distinct ??= distinct(image.data.slice()));
  const inks = triples(palette).map(([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r);
  const labels = assign(colors, Float64Array.from(palette), 3);
  new Uint32Array(image.data.buffer).set(which.map(i => inks[labels[i]]));
  g.putImageData(image, 0, 0);
  return AFTERS.set(palette, canvas).get(palette);
}
class DragView extends PanelView {
  // dragged, by arrow keys too: moved(dx, dy, x) gets pixels
  constructor(film, panel) {
    super(film, panel);
    const onpointerdown = e => this.drag(e),
      onpointermove = onpointerdown;
    Object.assign(this.canvas, { tabIndex: 0, role: "slider", onpointerdown, onpointermove });
  }
  drag({ type, pointerId, offsetX: x, offsetY: y }) {
    if (type === "pointerdown") {
      this.from = [x, y];
      this.canvas.setPointerCapture(pointerId);
    }
    if (!this.canvas.hasPointerCapture(pointerId)) return;
    this.shift(x - this.from[0], y - this.from[1], x);
    this.from = [x, y];
  }
  shift(...by) {
    this.moved(...by);
    this.again();
  }
  key(name) {
    if (STEPS[name]) this.shift(...STEPS[name]);
    return name in STEPS;
  }
}
KINDS.wipe = class extends DragView {
  part = 0.5; // of the picture lies left of the handle
  constructor(film, panel) {
    super(film, panel);
    this.check = node("input", { type: "checkbox", onchange: () => this.again() });
    this.head.append(node("label", {}, this.check, " errors × 4"));
  }
  tall(width, height, { size: [h, w] }) {
    return Math.min(height, Math.round((width * h) / w));
  }
  moved(dx, dy, to) {
    const [x, , w] = this.place;
    this.part = held(to === undefined ? this.part + (dx - dy) / w : (to - x) / w, 0, 1);
  }
  draw(g, { before, palette, size }, width, height) {
    const { film, part } = this,
      fit = Math.min(width / size[1], height / size[0]);
    const [h, w] = size.map(v => Math.round(v * (fit < 1 ? fit : Math.floor(fit))));
    const [x, y] = (this.place = [(width - w) >> 1, (height - h) >> 1, w]);
    const middle = Math.round(x + w * part),
      now = Math.round(100 * part),
      bottom = y + h;
    const valuetext = `${now} % of the picture in all its colours`;
    this.told({ label: "Wipe handle", valuenow: now, valuetext });
    if (!before.bitmap) return;
    g.imageSmoothingEnabled = false; // it would mix new colours
    g.drawImage(before.bitmap, x, y, w, h);
    film.clipped(g, { left: middle, top: y, right: x + w, bottom }, () => {
      g.drawImage(inPalette(before, palette), x, y, w, h);
      if (!this.check.checked) return;
      g.globalCompositeOperation = "difference"; // |before - after|, then twice added to itself
      g.drawImage(before.bitmap, x, y, w, h);
      g.globalCompositeOperation = "lighter";
      const place = [x, y, w, h],
        own = place.map(v => v * devicePixelRatio);
      for (let time = 0; time < 2; time++) g.drawImage(g.canvas, ...own, ...place);
    });
    const line = [
        [middle, y],
        [middle, bottom],
      ],
      grip = y + h / 2;
    for (const look of [
      ["#000", 6],
      ["#fff", 3],
    ])
      film.path(g, line, ...look);
    film.path(
      g,
      [
        [middle - 17, grip],
        [middle + 17, grip],
      ],
      "#000",
      28,
    );
    film.write(g, "◀ ▶", middle, grip, "15px", "center", "middle", "#fff");
    this.prepare(before);
  }
  prepare(before) {
    // finds the other pictures, one at a time, while the reader does nothing
    const wipes = [...this.film.frames.values()].map(frame => frame.rows[0][0]);
    const next = wipes.find(one => one.before === before && !AFTERS.has(one.palette));
    const make = () => {
      inPalette(before, next.palette);
      this.prepare(before);
    };
    clearTimeout(this.later);
    this.later = next && setTimeout(() => this.canvas.isConnected && make(), 60);
  }
};
KINDS.space = class extends DragView {
  angle = SIDES["3-D"];
  constructor(film, panel) {
    super(film, panel);
    this.head.append(
      node(
        "span",
        {},
        ...Object.entries(SIDES).map(([name, angle]) =>
          textButton("side", name, `See ${name}`, () => {
            this.angle = angle;
            this.again();
          }),
        ),
      ),
    );
  }
  moved(x, y) {
    this.angle = [this.angle[0] - x / 90, held(this.angle[1] + y / 90, -1.6, 1.6)];
  }
  draw(g, { pixels, palette }, width, height) {
    const { film, angle } = this,
      valuenow = Math.round((angle[0] * 180) / Math.PI) % 360;
    this.told({ label: "Turn the colour space", valuemin: -360, valuemax: 360, valuenow });
    const view = fitView([-1.8, -1.6, 1.8, 1.6], { left: 0, top: 0, right: width, bottom: height });
    const place = color => {
      const p = turned(color, angle);
      return [...toScreen(view, p), p[2]];
    };
    const inks = triples(palette).map(color => `rgb(${color.join()})`),
      black = place([0, 0, 0]);
    const labels = assign(pixels, palette, 3),
      far = (a, b) => b[2] - a[2];
    const dots = triples(pixels)
      .map((color, i) => [...place(color), labels[i]])
      .sort(far);
    for (const [x, y, , j] of dots) {
      g.fillStyle = inks[j];
      g.fillRect(x - 1.5, y - 1.5, 3, 3);
    }
    for (const [name, ...end] of [
      ["red", 255, 0, 0],
      ["green", 0, 255, 0],
      ["blue", 0, 0, 255],
    ]) {
      const to = place(end),
        seen = Math.hypot(to[0] - black[0], to[1] - black[1]) > 8;
      film.path(g, [black, to], film.ink.soft, 1.5);
      film.write(g, seen ? name : "", to[0], to[1] - 2, "bold 13px", "center", "bottom");
    }
    triples(palette)
      .map(place)
      .forEach((spot, j) =>
        [
          [film.ink.ink, 8],
          [inks[j], 6],
        ].forEach(([look, r]) => {
          g.strokeStyle = look;
          film.disc(g, spot, r);
        }),
      );
  }
};
EXTRAS.push(film => {
  // the reader's own picture goes to Python in parts
  const { model } = film,
    said = node("span", { role: "status" }, model.get("_note"));
  const input = node("input", { type: "file", accept: "image/*", hidden: true });
  const tell = text => {
    said.textContent = text;
  };
  const alive = ({ kernel: k } = {}) => k && !k.isDisposed && k.status !== "dead";
  const choose = () =>
    alive(model.widget_manager)
      ? Object.assign(input, { value: "" }).click()
      : tell("Run this cell to use your own picture.");
  input.addEventListener("change", async () => {
    const [file] = input.files,
      { name, size } = file;
    tell(size > MOST ? `${name} is larger than 100 MB: scale it down.` : `Python reads ${name}…`);
    const part = start => file.slice(start, start + PART).arrayBuffer(),
      kind = "part";
    for (let start = 0; size <= MOST && (!start || start < size); start += PART)
      model.send({ kind, name, start, size }, undefined, [await part(start)]);
  });
  film.onModel("_note", () => tell(model.get("_note")));
  const open = textButton("upload", "Your own picture…", "It goes to your Python alone", choose);
  return node("span", { class: "kmt-own" }, open, input, " ", said);
});
