// The pictures of a film's frames, a class a kind; panels.py draws the same ones. Each has
// draw(g, panel, width, height), which may fill `spots`: the boxes in which the stops of panel.axis
// are chosen. A lesson's own script adds its kinds to KINDS.
import { tickText, ticks } from "./core.mjs";
import { boxOf, fillView, fitView, node, pairs, toScreen } from "./sheet.mjs";

/** Kinds of panels by name; functions of a film that return one more control. */
export const KINDS = {},
  EXTRAS = [];
/** What panels.py leaves out. */
export const DEFAULTS = {
  title: "",
  wide: 1,
  tall: 1,
  axis: "",
  names: ["x", "y"],
  borders: true,
  box: null,
  small: false,
  marked: null,
  halos: null,
  scale: null,
  units: false,
  captions: [],
  unit: "",
  lines: [],
  limits: null,
};

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
  const known = numbers.filter(Number.isFinite),
    low = Math.min(...known);
  const high = Math.max(...known),
    pad = 0.08 * (high - low) || 0.1;
  return known.length ? [low - pad, high + pad] : [0, 1];
}

/** A canvas with a claim above; with an axis it is a control of it, by mouse and arrow keys. */
export class PanelView {
  constructor(film, { kind, axis }) {
    Object.assign(this, { film, axis: film.axes.findIndex(({ name }) => name === axis) });
    // a curve is only for the mouse: its axis has a control of its own
    const stop = (this.stop = axis && kind !== "curve"),
      role = stop ? "slider" : "img";
    this.claim = node("div", { class: "kmt-claim" });
    this.head = node("div", { class: "kmt-head" }, this.claim);
    this.canvas = node("canvas", { class: `kmt-${kind}`, role, tabIndex: stop ? 0 : -1 });
    this.canvas.classList.toggle("kmt-picks", Boolean(axis));
    this.box = node("div", { class: "kmt-panel" }, this.head, this.canvas);
    film.on(this.canvas, "pointerdown", ({ offsetX: x, offsetY: y }) => {
      const at = this.spots.findIndex(([a, b, w, h]) => x >= a && y >= b && x < a + w && y < b + h);
      if (axis && at >= 0) film.choose(this.axis, at);
    });
  }
  get at() {
    return this.film.place[this.axis];
  }
  /** A key that was pressed on this picture: true if it meant something. */
  key(name) {
    if (!this.stop) return false;
    const { at, across = 1 } = this,
      end = this.film.texts(this.axis).length - 1;
    const to = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: end,
      ArrowDown: at + across,
      ArrowUp: at - across,
    }[name];
    if (to !== undefined) this.film.choose(this.axis, to < 0 || to > end ? at : to);
    return to !== undefined;
  }
  /** How high the picture is: what the film gives it, or less. */
  tall(width, height) {
    return height;
  }
  arrange(width, height) {
    this.film.size(this.canvas, width, height);
    Object.assign(this, { width, height });
  }
  show(panel) {
    const { film, at, axis } = this,
      texts = this.stop && film.texts(axis);
    const g = film.pen(this.canvas);
    Object.assign(this, { panel, spots: [] });
    if (this.claim.textContent !== panel.title) this.claim.textContent = panel.title;
    this.told({ label: texts ? film.axes[axis].label : panel.title });
    if (texts) this.told({ valuemax: texts.length - 1, valuenow: at, valuetext: texts[at] });
    g.clearRect(0, 0, this.width, this.height);
    this.draw(g, panel, this.width, this.height);
  }
  told(values) {
    for (const [name, v] of Object.entries(values)) this.canvas.setAttribute(`aria-${name}`, v);
  }
  /** Draws this picture alone anew. */
  again() {
    if (this.panel) this.show(this.panel);
  }
}

/** Draws a panel of points and returns the middles of its centres in pixels. */
function drawPoints(film, g, panel, width, height, { picked = -1, frame = film.ink.line } = {}) {
  const { labels, names, borders, box, small, marked, halos, scale, units } = panel;
  const [a, b] = scale ?? [1, 1],
    plain = a === 1 && b === 1;
  const stretch = list => (plain || !list ? list : list.map((v, i) => v * (i % 2 ? b : a)));
  const points = stretch(panel.points),
    middles = panel.centers && pairs(stretch(panel.centers));
  const place = small
    ? { left: 2, top: 2, right: width - 2, bottom: height - 2 }
    : { left: 52, top: 6, right: width - 8, bottom: height - 40, aside: 40 };
  const r = points.length > 2000 || small || width < 330 ? 2.6 : 4.2;
  const [[x0, x1], [y0, y1]] = [0, 1].map(odd => rangeOf(points.filter((_, i) => i % 2 === odd)));
  const view = units ? fillView([x0, y0, x1, y1], place) : fitView(box ?? boxOf([points]), place);
  film.clipped(g, view, () => {
    if (middles && borders) film.drawRegions(g, view, middles);
    Object.assign(g, { globalAlpha: 0.25, strokeStyle: film.ink.e });
    halos?.forEach((halo, i) => {
      const spot = toScreen(view, [points[2 * i], points[2 * i + 1]]);
      film.disc(g, spot, (small ? 4 : 7) * Math.sqrt(halo));
    });
    g.globalAlpha = 1;
    film.drawDots(g, view, points, labels, { r, marked });
    const size = small ? Math.min(12, height / 10) : 14;
    if (middles) film.drawCenters(g, view, middles, { r: size, picked });
  });
  Object.assign(g, { strokeStyle: frame, lineWidth: frame === film.ink.line ? 1 : 3 });
  if (small) g.strokeRect(1.5, 1.5, width - 3, height - 3);
  const { scaleY = view.scale } = view,
    ends = { x0: view.x0 / a, x1: view.x1 / a, y0: view.y0 / b, y1: view.y1 / b },
    told = { ...view, ...ends, scale: view.scale * a, scaleY: scaleY * b };
  if (!small) film.drawAxes(g, units ? told : view, names, height - 3);
  return (middles ?? []).map(center => toScreen(view, center));
}

KINDS.points = class extends PanelView {
  draw(g, panel, width, height) {
    const look = { picked: this.stop ? this.at : -1 },
      spot = ([x, y]) => [x - 22, y - 22, 44, 44];
    this.spots = drawPoints(this.film, g, panel, width, height, look).map(spot);
  }
};

KINDS.grid = class extends PanelView {
  draw(g, { panels }, width, height) {
    const { film } = this,
      { ink } = film,
      n = panels.length;
    const [across] = gridFor(n, width, height, 1, 18, 1e4);
    const wide = width / across,
      tall = height / Math.ceil(n / across);
    this.across = across;
    panels.forEach((panel, i) => {
      const x = (i % across) * wide,
        y = Math.floor(i / across) * tall,
        here = i === this.at;
      const font = `${here ? "bold " : ""}13px`;
      film.write(g, panel.title, x + 3, y + 14, font, "left", "bottom", ink.ink);
      g.save();
      g.translate(x, y + 16);
      drawPoints(film, g, panel, wide - 6, tall - 20, here ? { frame: ink.ink } : {});
      g.restore();
      this.spots.push([x, y, wide, tall]);
    });
  }
};

KINDS.profile = class extends PanelView {
  draw(g, { values, labels, unit }, width, height) {
    const { film } = this,
      { ink } = film,
      n = values.length,
      low = Math.min(0, ...values);
    const area = { left: 28, top: 6, right: width - 8, bottom: height - 40 };
    const view = fillView([low, -n, Math.max(0.1, ...values), 0], area);
    const spot = (value, i) => toScreen(view, [value, -i]).map(Math.round);
    const mean = values.reduce((sum, value) => sum + value, 0) / n;
    values.forEach((value, i) => {
      const [x, y] = spot(Math.min(0, value), i),
        [right, below] = spot(Math.max(0, value), i + 1);
      g.fillStyle = film.color(labels[i]);
      g.fillRect(x, y, right - x, Math.max(1, below - y));
    });
    for (let i = 0, end; i < n; i = end) {
      // a cluster after the other
      for (end = i + 1; labels[end] === labels[i];) end += 1;
      const middle = spot(low, (i + end) / 2)[1];
      film.write(g, labels[i], 20, middle, "bold 13px", "right", "middle");
    }
    film.path(g, [spot(0, 0), spot(0, n)], ink.soft, 1);
    film.path(g, [spot(mean, 0), spot(mean, n)], ink.ink, 1.5, [6, 4]);
    for (const t of ticks(view.x0, view.x1, 4)) {
      film.write(g, tickText(t), spot(t, 0)[0], view.bottom + 5, "12px", "center", "top");
    }
    film.write(g, unit, (view.left + view.right) / 2, height - 3, "13px", "center", "bottom");
  }
};

KINDS.pictures = class extends PanelView {
  draw(g, { which, captions, marks, atlas }, width, height) {
    const { film } = this,
      { ink } = film,
      { image, across } = atlas,
      [h, w] = atlas.size,
      foot = captions.length && 18;
    const [columns, size] = gridFor(which.length, width, height, h / w, foot),
      tall = (size * h) / w;
    const wide = size + 4,
      step = tall + 4 + foot;
    this.across = columns;
    g.imageSmoothingEnabled = false;
    which.forEach((number, i) => {
      const x = 2 + (i % columns) * wide,
        y = 2 + Math.floor(i / columns) * step;
      this.spots.push([x, y, wide, step]);
      const here = i === this.at,
        marked = marks?.[i],
        color = marked ? ink.m : ink.ink;
      const from = [(number % across) * w, Math.floor(number / across) * h, w, h];
      if (image.bitmap) g.drawImage(image.bitmap, ...from, x, y, size, tall);
      Object.assign(g, { globalCompositeOperation: "difference", fillStyle: "#fff" });
      if (film.dark) g.fillRect(x, y, size, tall); // black on white becomes white on black
      Object.assign(g, { globalCompositeOperation: "source-over", lineWidth: here ? 3 : 1 });
      g.strokeStyle = here || marked ? color : ink.line;
      g.setLineDash(marked ? [4, 3] : []);
      g.strokeRect(x, y, size, tall);
      const text = captions[i] ?? "",
        bold = here ? "bold " : "",
        long = text.length * 7.5;
      const font = `${bold}${Math.max(11, Math.min(13, (13 * size) / long))}px`;
      film.write(g, text, x + size / 2, y + tall + 4, font, "center", "top", color);
    });
    g.setLineDash([]);
  }
};

KINDS.table = class extends PanelView {
  draw(g, { counts, rows, columns, names }, width, height) {
    const { film } = this,
      { ink } = film,
      left = 62,
      top = 38,
      wide = width - 6 - left;
    const m = columns.length,
      w = wide / m,
      h = (height - 6 - top) / rows.length;
    const font = `${Math.max(11, Math.min(14, h - 2, w / 2))}px`,
      middle = j => left + w * (j + 0.5);
    const head = (text, x, y, font) => film.write(g, text, x, y, font, "center", "bottom");
    columns.forEach((name, j) => head(name, middle(j), top - 5, "bold 13px"));
    head(names[1], left + wide / 2, 14, "13px");
    head(names[0], left / 2, 14, "13px");
    rows.forEach((name, i) => {
      const row = counts.subarray(i * m, i * m + m),
        total = row.reduce((a, b) => a + b, 0) || 1;
      const y = top + (i + 0.5) * h,
        here = this.stop && i === this.at,
        bold = here ? "bold " : "";
      film.write(g, name, left - 8, y, bold + font, "right", "middle");
      row.forEach((count, j) => {
        Object.assign(g, { globalAlpha: count && 0.08 + 0.92 * (count / total), fillStyle: ink.e });
        g.fillRect(left + j * w, y - h / 2, w - 1, h - 1);
      });
      g.globalAlpha = 1; // numbers above all shades; where they have no room, shades speak alone
      if (h > 12)
        row.forEach((n, j) => {
          const color = n / total > 0.55 ? ink.paper : ink.ink;
          film.write(g, n || "", middle(j), y, font, "center", "middle", color);
        });
      Object.assign(g, { strokeStyle: here ? ink.ink : ink.line, lineWidth: here ? 3 : 0.5 });
      g.strokeRect(left, y - h / 2, wide, h - 1);
      this.spots.push([0, y - h / 2, width, h]);
    });
  }
};

KINDS.bars = class extends PanelView {
  draw(g, { values, captions, colors, unit }, width, height) {
    const { film } = this,
      { ink } = film,
      n = values.length;
    const rows = Math.ceil(n / Math.ceil((n * 17) / height)); // each has the height of a line
    const step = Math.min(26, (height - 4) / rows),
      wide = width / Math.ceil(n / rows);
    const size = `${Math.min(14, step - 3)}px`,
      most = Math.max(...values) || 1;
    const told = Array.from(values, v => unit.replace("{}", Number(v.toPrecision(2))));
    g.font = `bold ${size} system-ui, sans-serif`;
    const room = texts => Math.max(...texts.map(text => g.measureText(text).width));
    const left = room(captions) + 10,
      whole = Math.max(8, wide - left - room(told) - 20);
    values.forEach((value, i) => {
      const x = Math.floor(i / rows) * wide + left,
        y = 2 + (i % rows) * step,
        middle = y + step / 2;
      const here = this.stop && i === this.at,
        font = (here ? "bold " : "") + size;
      this.spots.push([x - left, y, wide, step]);
      const box = [x, y, Math.max(colors ? 7 : 2, (whole * value) / most), step - 2];
      Object.assign(g, { strokeStyle: here ? ink.ink : ink.soft, lineWidth: here ? 3 : 1 });
      g.fillStyle = colors ? `rgb(${colors.subarray(3 * i, 3 * i + 3).join()})` : ink.e;
      g.fillRect(...box);
      g.strokeRect(...box);
      film.write(g, captions[i], x - 8, middle - 1, font, "right", "middle");
      film.write(g, told[i], x + box[2] + 6, middle - 1, font, "left", "middle");
    });
  }
};

KINDS.curve = class extends PanelView {
  draw(g, { lines: names, limits }, width, height) {
    const { film, axis, at } = this,
      { ink, place } = film,
      texts = film.texts(axis);
    const last = texts.length - 1,
      there = p => place.map((one, i) => (i === axis ? p : one));
    const frames = texts.map((_, p) => film.frameAt(there(p)));
    const lines = names.map(name => frames.map(frame => frame?.numbers[name] ?? NaN));
    const [low, high] = limits ?? rangeOf(lines.flat()),
      box = [-0.3, low, last + 0.3, high];
    const below = width < 360 ? 18 : 0,
      top = 30 + below * (lines.length - 1); // lines' names
    const view = fillView(box, { left: 52, top, right: width - 14, bottom: height - 24 });
    const spot = (...p) => toScreen(view, p),
      half = (spot(1, 0)[0] - spot(0, 0)[0]) / 2;
    this.spots = texts.map((_, p) => [spot(p, 0)[0] - half, 0, 2 * half, height]);
    for (const t of ticks(low, high, 3)) {
      film.path(g, [spot(-0.3, t), spot(last + 0.3, t)], ink.line, 1);
      film.write(g, tickText(t), view.left - 6, spot(0, t)[1], "12px", "right", "middle");
    }
    film.path(g, [spot(at, low), spot(at, high)], ink.soft, 2);
    const digits = Math.max(0, Math.min(6, 2 - Math.floor(Math.log10(high - low))));
    let x = 4,
      y = 12;
    lines.forEach((line, k) => {
      const color = [ink.e, ink.m, ink.ink, ink.soft][k],
        dash = [[], [6, 4], [2, 3], [8, 3]][k];
      const known = [...line.keys()].filter(i => Number.isFinite(line[i]));
      if (!known.length) return;
      const dots = known.map(i => spot(i, line[i]));
      dots.forEach((dot, i) => film.disc(g, dot, known[i] === at ? 6 : 3));
      const key = [x, x + 24].map(end => [end, y]);
      for (const stroke of [dots, key]) film.path(g, stroke, color, 2.2, dash);
      const named = film.axes.findIndex(({ name }) => name === names[k]);
      const name = lines.length < 2 ? "" : named < 0 ? names[k] : film.texts(named)[place[named]];
      const text = `${name} ${Number.isFinite(line[at]) ? line[at].toFixed(digits) : "–"}`;
      film.write(g, text.trim(), x + 30, y, "bold 13px", "left", "middle", color);
      if (below) y += below;
      else x += g.measureText(text).width + 50;
    });
    const side = at > 0.8 * last ? "right" : at < 0.2 * last ? "left" : "center";
    film.write(g, texts[at], spot(at, low)[0], view.bottom + 5, "bold 13px", side, "top");
  }
};
