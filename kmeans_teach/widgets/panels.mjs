// The pictures of a film's frames, a class a kind; panels.py draws the same ones. Each has
// draw(g, panel, width, height), and may have spot(x, y): which stop of panel.axis lies there.
// A lesson's own script adds its kinds to KINDS.
import { tickText, ticks } from "./core.mjs";
import { boxOf, fillView, fitView, node, pairs, toScreen } from "./sheet.mjs";

/** Kinds of panels by name; functions of a film that return one more control. */
export const KINDS = {}, EXTRAS = [];
/** What panels.py leaves out. */
export const DEFAULTS = { title: "", wide: 1, tall: 1, axis: "", names: ["x", "y"], borders: true,
  box: null, small: false, captions: [], unit: "", lines: [], limits: null };

/** [columns, size] for n things of a shape (height by width), as large as a box allows. */
export function gridFor(n, width, height, shape, foot, most = 96) {
  let best = [1, 0];
  for (let columns = 1; columns <= n; columns++) {
    const high = (height / Math.ceil(n / columns) - foot - 4) / shape;
    const size = Math.min(width / columns - 4, high, most);
    if (size > best[1] + 1e-6) best = [columns, size];
  }
  return best;
}

/** The lowest and highest of some numbers, and a little room. */
export function rangeOf(numbers) {
  const known = numbers.filter(Number.isFinite), low = Math.min(...known);
  const high = Math.max(...known), pad = 0.08 * (high - low) || 0.1;
  return known.length ? [low - pad, high + pad] : [0, 1];
}

/** A canvas with a claim above; with an axis it is a control of it, by mouse and arrow keys. */
export class PanelView {
  constructor(film, { kind, axis }) {
    this.film = film;
    this.axis = film.axes.findIndex(({ name }) => name === axis);
    this.claim = node("div", { class: "kmt-claim" });
    this.head = node("div", { class: "kmt-head" }, this.claim);
    // a curve is only for the mouse: its axis has a control of its own
    const stop = this.stop = this.axis >= 0 && kind !== "curve", role = stop ? "slider" : "img";
    this.canvas = node("canvas", { class: `kmt-${kind}`, role, tabIndex: stop ? 0 : -1 });
    this.box = node("div", { class: "kmt-panel" }, this.head, this.canvas);
    if (!axis) return;
    this.canvas.classList.add("kmt-picks");
    film.on(this.canvas, "pointerdown", e => {
      const at = this.spot(e.offsetX, e.offsetY);
      if (at >= 0) film.choose(this.axis, at);
    });
  }
  get at() { return this.film.place[this.axis]; }
  /** A key that was pressed on this picture: true if it meant something. */
  key(name) {
    if (!this.stop) return false;
    const { at } = this, end = this.film.texts(this.axis).length - 1, row = this.across?.() ?? 1;
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + row, ArrowUp: at - row,
      Home: 0, End: end }[name];
    if (to !== undefined) this.film.choose(this.axis, to < 0 || to > end ? at : to);
    return to !== undefined;
  }
  /** How high the picture is: what the film gives it, or less. */
  tall(width, height) { return height; }
  arrange(width, height) {
    this.film.size(this.canvas, width, height);
    Object.assign(this, { width, height });
  }
  show(panel) {
    const { film, canvas } = this, g = film.pen(canvas);
    this.panel = panel;
    if (this.claim.textContent !== panel.title) this.claim.textContent = panel.title;
    canvas.ariaLabel = this.stop ? film.axes[this.axis].label : panel.title;
    if (this.stop) {
      const texts = film.texts(this.axis), max = texts.length - 1;
      this.told({ valuemin: 0, valuemax: max, valuenow: this.at, valuetext: texts[this.at] });
    }
    g.clearRect(0, 0, this.width, this.height);
    this.draw(g, panel, this.width, this.height);
  }
  told(values) {
    for (const [name, v] of Object.entries(values)) this.canvas.setAttribute(`aria-${name}`, v);
  }
  /** Draws this picture alone anew. */
  again() { if (this.panel) this.show(this.panel); }
  spot() { return -1; }
}

KINDS.points = class extends PanelView {
  draw(g, { points, labels, centers, names, borders, box, small }, width, height) {
    const { film } = this, n = points.length / 2, middles = centers && pairs(centers);
    const place = small ? { left: 2, top: 2, right: width - 2, bottom: height - 2 }
      : { left: 52, top: 6, right: width - 8, bottom: height - 40, aside: 40 };
    const view = fitView(box ?? boxOf([points]), place), tiny = n > 1000 || small || width < 330;
    film.clipped(g, view, () => {
      if (middles && borders) film.drawRegions(g, view, middles);
      film.drawDots(g, view, points, labels, { r: tiny ? 2.6 : 4.2 });
      const look = { r: small ? 12 : 14, picked: this.stop ? this.at : -1 };
      if (middles) film.drawCenters(g, view, middles, look);
    });
    Object.assign(g, { strokeStyle: film.ink.line, lineWidth: 1 });
    if (small) g.strokeRect(1.5, 1.5, width - 3, height - 3);
    else film.drawAxes(g, view, names, height - 3);
    this.seen = middles?.map(center => toScreen(view, center)) ?? [];
  }
  spot(x, y) {
    const far = this.seen.map(([a, b]) => Math.hypot(a - x, b - y)), least = Math.min(...far);
    return least < 24 ? far.indexOf(least) : -1;
  }
};

KINDS.pictures = class extends PanelView {
  grid() {
    const { which, captions, atlas: { size: [h, w] } } = this.panel, foot = captions.length && 18;
    const [columns, size] = gridFor(which.length, this.width, this.height, h / w, foot);
    return { columns, size, tall: size * h / w, wide: size + 4, step: size * h / w + 4 + foot };
  }
  across() { return this.grid().columns; }
  spot(x, y) {
    const { columns, wide, step } = this.grid(), column = Math.floor(x / wide);
    const at = Math.floor(y / step) * columns + column;
    return column < columns && at < this.panel.which.length ? at : -1;
  }
  draw(g, { which, captions, marks, atlas: { image, size: [h, w], across } }) {
    const { film, film: { ink } } = this, { columns, size, tall, wide, step } = this.grid();
    g.imageSmoothingEnabled = false;
    which.forEach((number, i) => {
      const x = 2 + i % columns * wide, y = 2 + Math.floor(i / columns) * step;
      const here = i === this.at, marked = marks?.[i], left = number % across * w;
      const top = Math.floor(number / across) * h, color = marked ? ink.m : ink.ink;
      if (image.bitmap) g.drawImage(image.bitmap, left, top, w, h, x, y, size, tall);
      Object.assign(g, { globalCompositeOperation: "difference", fillStyle: "#fff" });
      if (film.dark) g.fillRect(x, y, size, tall);   // black on white becomes white on black
      Object.assign(g, { globalCompositeOperation: "source-over", lineWidth: here ? 3 : 1 + !!marked });
      g.strokeStyle = here || marked ? color : ink.line;
      g.setLineDash(marked ? [4, 3] : []);
      g.strokeRect(x, y, size, tall);
      const font = `${here ? "bold " : ""}${size < 50 ? 11 : 13}px`, middle = x + size / 2;
      film.write(g, captions[i] ?? "", middle, y + tall + 4, font, "center", "top", color);
    });
  }
};

KINDS.table = class extends PanelView {
  area() { return { left: 62, top: 38, right: this.width - 6, bottom: this.height - 6 }; }
  spot(x, y) {
    const { top, bottom } = this.area(), { length } = this.panel.rows;
    const row = Math.floor((y - top) / (bottom - top) * length);
    return row >= 0 && row < length ? row : -1;
  }
  draw(g, { counts, rows, columns, names }) {
    const { film, film: { ink } } = this, { left, top, right, bottom } = this.area();
    const m = columns.length, w = (right - left) / m, h = (bottom - top) / rows.length;
    const font = `${Math.max(11, Math.min(14, h - 2))}px`, every = Math.ceil(13 / h);
    const middle = j => left + (j + 0.5) * w, chosen = this.stop ? this.at : -2;
    columns.forEach((name, j) => film.write(g, name, middle(j), top - 5, "bold 13px", "center",
      "bottom"));
    film.write(g, names[1], (left + right) / 2, 14, "13px", "center", "bottom");
    film.write(g, names[0], left - 8, 14, "13px", "right", "bottom");
    const frame = (i, color, width) => {
      Object.assign(g, { strokeStyle: color, lineWidth: width });
      g.strokeRect(left, top + i * h, right - left, h - 1);
    };
    rows.forEach((name, i) => {
      const row = counts.subarray(i * m, i * m + m), total = row.reduce((a, b) => a + b, 0) || 1;
      const y = top + (i + 0.5) * h, bold = i === chosen ? "bold " : "";   // names that have room
      if (i === chosen || i % every === 0 && (every === 1 || Math.abs(i - chosen) > 1)) {
        film.write(g, name, left - 8, y, bold + font, "right", "middle");
      }
      row.forEach((count, j) => {
        const share = count / total, color = share > 0.55 ? ink.paper : ink.ink;
        Object.assign(g, { globalAlpha: share && 0.08 + 0.92 * share, fillStyle: ink.e });
        g.fillRect(left + j * w, y - h / 2, w - 1, h - 1);
        g.globalAlpha = 1;   // where numbers have no room, the shades speak alone
        if (count && h > 12) film.write(g, count, middle(j), y, font, "center", "middle", color);
      });
      frame(i, ink.line, 0.5);
    });
    if (this.stop) frame(chosen, ink.ink, 3);
  }
};

KINDS.bars = class extends PanelView {
  grid() {   // as many columns as give each bar the height of a line
    const n = this.panel.values.length, columns = Math.ceil(n * 17 / this.height);
    const rows = Math.ceil(n / columns), step = Math.min(26, (this.height - 4) / rows);
    return { rows, step, wide: this.width / columns };
  }
  spot(x, y) {
    const { rows, step, wide } = this.grid(), row = Math.floor((y - 2) / step);
    const at = Math.floor(x / wide) * rows + row;
    return row < rows && at < this.panel.values.length ? at : -1;
  }
  draw(g, { values, captions, colors, unit }) {
    const { film, film: { ink } } = this, { rows, step, wide } = this.grid();
    const size = `${Math.min(14, step - 3)}px`, told = Array.from(values,
      v => unit.replace("{}", Number(v.toPrecision(2))));
    g.font = `bold ${size} system-ui, sans-serif`;
    const room = texts => Math.max(...texts.map(text => g.measureText(text).width));
    const left = room(captions) + 10, most = Math.max(8, wide - left - room(told) - 20);
    values.forEach((value, i) => {
      const x = Math.floor(i / rows) * wide + left, y = 2 + i % rows * step, middle = y + step / 2;
      const here = this.stop && i === this.at, font = (here ? "bold " : "") + size;
      const long = Math.max(2, most * value / (Math.max(...values) || 1));
      g.fillStyle = colors ? `rgb(${colors.subarray(3 * i, 3 * i + 3).join()})` : ink.e;
      g.fillRect(x, y, long, step - 2);
      Object.assign(g, { strokeStyle: here ? ink.ink : ink.soft, lineWidth: here ? 3 : 1 });
      g.strokeRect(x, y, long, step - 2);
      film.write(g, captions[i], x - 8, middle - 1, font, "right", "middle");
      film.write(g, told[i], x + long + 6, middle - 1, font, "left", "middle");
    });
  }
};

KINDS.curve = class extends PanelView {
  spot(x) {
    const { left, right } = this.area(), last = this.film.texts(this.axis).length - 1;
    const at = Math.round((x - left) / (right - left) * (last + 0.6) - 0.3);
    return Math.max(0, Math.min(last, at));
  }
  area() {   // a narrow one names its lines below each other
    const { width, height, panel: { lines: { length } } } = this, below = width < 360 ? 18 : 0;
    const top = 30 + below * (length - 1);
    return { below, left: 52, top, right: width - 14, bottom: height - 24 };
  }
  draw(g, { lines: names, limits }) {
    const { film, film: { ink }, axis, at } = this, texts = film.texts(axis);
    const last = texts.length - 1, there = p => film.place.map((at, i) => i === axis ? p : at);
    const frames = texts.map((_, p) => film.frameAt(there(p)));
    const lines = names.map(name => frames.map(frame => frame?.numbers[name] ?? NaN));
    const [low, high] = limits ?? rangeOf(lines.flat());
    const view = fillView([-0.3, low, last + 0.3, high], this.area());
    const spot = (x, y) => toScreen(view, [x, y]);
    for (const t of ticks(low, high, 3)) {
      film.path(g, [spot(-0.3, t), spot(last + 0.3, t)], ink.line, 1);
      film.write(g, tickText(t), view.left - 6, spot(0, t)[1], "12px", "right", "middle");
    }
    film.path(g, [spot(at, low), spot(at, high)], ink.soft, 2);
    const digits = Math.max(0, Math.min(6, 2 - Math.floor(Math.log10(high - low))));
    let x = 4, y = 12;
    lines.forEach((line, k) => {
      const color = [ink.e, ink.m, ink.ink, ink.soft][k], dash = [[], [6, 4], [2, 3], [8, 3]][k];
      const known = [...line.keys()].filter(i => Number.isFinite(line[i]));
      film.path(g, known.map(i => spot(i, line[i])), color, 2.2, dash);
      for (const i of known) if (last < 40 || i === at) film.disc(g, spot(i, line[i]), i === at ? 6 : 3);
      film.path(g, [[x, y], [x + 24, y]], color, 2.2, dash);
      const named = film.axes.findIndex(({ name }) => name === names[k]);
      const name = named < 0 ? names[k] : film.texts(named)[film.place[named]];
      const value = Number.isFinite(line[at]) ? line[at].toFixed(digits) : "–";
      const text = lines.length > 1 ? `${name} ${value}` : value;
      film.write(g, text, x + 30, y, "bold 13px", "left", "middle", color);
      if (view.below) y += view.below; else x += g.measureText(text).width + 50;
    });
    const side = at > 0.8 * last ? "right" : at < 0.2 * last ? "left" : "center";
    film.write(g, texts[at], spot(at, low)[0], view.bottom + 5, "bold 13px", side, "top");
  }
};
