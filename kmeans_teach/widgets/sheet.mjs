// What every widget's page is made of: elements, canvases with a pen, theme and size that are followed, keys that
// Lab leaves alone, and an end. The player and the explorers extend Sheet and draw with its pictures.
import { tickText, ticks, voronoi } from "./core.mjs";

const ICONS = {
  first: "M6 5v14M19 5l-9 7 9 7z",
  back: "M17 5l-10 7 10 7z",
  play: "M7 4l13 8-13 8z",
  pause: "M8 5v14M16 5v14",
  forward: "M7 5l10 7-10 7z",
  last: "M18 5v14M5 5l9 7-9 7z",
};

// ---------------------------------------------------------------- arrays on their way between Python and the page

/** Sends what was set; with the kernel shut down that would only fill the console with errors. */
export function tellPython(model) {
  if (model.widget_manager?.kernel !== null) model.save_changes();
}

export const copied = view => view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
export const floats = view => new Float64Array(copied(view));
export const bytes = array => new DataView(copied(array));

// ---------------------------------------------------------------- small pieces of page

export function node(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") made.className = value;
    else if (name in made && !name.startsWith("aria")) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.innerHTML = `<path d="${ICONS[name]}"/>`;
  return svg;
}

/** A button of the class kmt-<name> with a text, or an icon and a label, and a title for the pointer. */
export function textButton(name, text, title, onclick, more = {}) {
  const look = { type: "button", class: `kmt-button kmt-${name}`, title, onclick, ...more };
  return node("button", look, text);
}
/** A list of values, with their texts, to choose from. */
export function select(name, label, options, chosen) {
  const option = ([value, text = value]) =>
    node("option", { value, selected: value === chosen }, text);
  return node("select", { class: `kmt-${name}`, "aria-label": label }, ...options.map(option));
}

/** Some corners, turned around the middle so many times. */
function around(times, first, ...corners) {
  return Array.from({ length: times }, (_, i) => first + (2 * Math.PI * i) / times).flatMap(
    angle => {
      const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
      return corners.map(([x, y]) => [x * cos - y * sin, x * sin + y * cos]);
    },
  );
}
const cross = (turn, a = 0.45) => around(4, turn, [-a, -1.25], [a, -1.25], [a, -a]);
const UP = -Math.PI / 2;
const NOTCH = [0.62 * Math.cos(Math.PI / 5), 0.62 * Math.sin(Math.PI / 5)];
const MARKER_PATHS = {
  o: [],
  s: around(4, Math.PI / 4, [1.2, 0]),
  "^": around(3, UP, [1.35, 0]),
  v: around(3, -UP, [1.35, 0]),
  D: around(4, 0, [1.25, 0]),
  p: around(5, UP, [1.15, 0]),
  h: around(6, UP, [1.15, 0]),
  "*": around(5, UP, [1.45, 0], NOTCH),
  P: cross(0),
  X: cross(Math.PI / 4),
  x: cross(Math.PI / 4, 0.16),
};
/** Lays the outline of a marker (a matplotlib code) around a place in pixels. */
function trace(g, marker, x, y, r) {
  const path = MARKER_PATHS[marker];
  g.beginPath();
  if (!path.length) g.arc(x, y, r, 0, 2 * Math.PI);
  for (const [px, py] of path) g.lineTo(x + r * px, y + r * py);
  g.closePath();
}

/** "#rrggbb" as a pixel of an ImageData seen as a Uint32Array. */
export function packed(hex) {
  const v = parseInt(hex.slice(1, 7), 16);
  return (0xff000000 | ((v & 0xff) << 16) | (v & 0xff00) | (v >> 16)) >>> 0;
}

// ---------------------------------------------------------------- where data lies in pixels

/** The box fills the rectangle {left, top, right, bottom}, each axis with a scale of its own: no place for distances. */
export function fillView([x0, y0, x1, y1], area) {
  const scale = (area.right - area.left) / (x1 - x0);
  const scaleY = (area.bottom - area.top) / (y1 - y0);
  return { ...area, scale, scaleY, x0, y0, x1, y1 };
}
/** The box [x0, y0, x1, y1] in a rectangle of pixels, one scale for both axes: a view. */
export function fitView([x0, y0, x1, y1], area) {
  const own = fillView([x0, y0, x1, y1], area);
  const scale = Math.min(own.scale, own.scaleY);
  const spareX = ((area.right - area.left) / scale - (x1 - x0)) / 2;
  const spareY = ((area.bottom - area.top) / scale - (y1 - y0)) / 2;
  const wider = { x0: x0 - spareX, y0: y0 - spareY, x1: x1 + spareX, y1: y1 + spareY };
  return { ...area, scale, scaleY: scale, ...wider };
}
export function toScreen(view, p) {
  return [view.left + (p[0] - view.x0) * view.scale, view.bottom - (p[1] - view.y0) * view.scaleY];
}
export function toData({ scale, scaleY, left, bottom, x0, y0, x1, y1 }, x, y) {
  const hold = (v, a, b) => Math.max(a, Math.min(b, v));
  return [hold((x - left) / scale + x0, x0, x1), hold((bottom - y) / scaleY + y0, y0, y1)];
}
/** The box around flat pairs of numbers, with a margin. */
export function boxOf(lists, margin = 0.06) {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const list of lists)
    for (let i = 0; i < list.length; i += 2) {
      x0 = Math.min(x0, list[i]);
      x1 = Math.max(x1, list[i]);
      y0 = Math.min(y0, list[i + 1]);
      y1 = Math.max(y1, list[i + 1]);
    }
  const pad = margin * Math.max(x1 - x0, y1 - y0, 1e-9);
  return [x0 - pad, y0 - pad, x1 + pad, y1 + pad];
}
/** A flat list of pairs as a list of pairs. */
export const pairs = list =>
  Array.from({ length: list.length / 2 }, (_, i) => [list[2 * i], list[2 * i + 1]]);

// ---------------------------------------------------------------- one view of a widget

/** A subclass builds its parts, calls attach(...parts), and gives arrange(width) (sizes) and picture() (what is drawn). */
export class Sheet {
  constructor(model, el, { kind, label }) {
    Object.assign(this, { model, el, ends: [], drawn: 0 });
    this.off = new AbortController();
    this.still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.head = node("div", { class: "kmt-title" });
    this.words = node("span", { class: "kmt-words", role: "status", "aria-live": "polite" });
    const look = { class: `kmt kmt-${kind}`, role: "group", "aria-label": label };
    this.root = node("div", { ...look, "data-lm-suppress-shortcuts": "true" }, this.head);
  }

  /** Listens until the view is disposed of. */
  on(target, name, act, options = {}) {
    target.addEventListener(name, act, { signal: this.off.signal, ...options });
  }
  onModel(names, act) {
    for (const name of [names].flat()) {
      this.model.on(`change:${name}`, act);
      this.ends.push(() => this.model.off(`change:${name}`, act));
    }
  }

  attach(...parts) {
    this.root.append(...parts);
    this.claimKeys();
    this.el.append(this.root);
    const sized = new ResizeObserver(() => this.layout());
    sized.observe(this.root);
    const themed = new MutationObserver(() => this.theme());
    // Lab hides its body by style meanwhile
    const attributeFilter = ["data-jp-theme-light", "data-theme", "class", "style"];
    for (const target of [document.body, document.documentElement])
      themed.observe(target, { attributes: true, attributeFilter });
    this.ends.push(
      () => sized.disconnect(),
      () => themed.disconnect(),
    );
    this.on(matchMedia("(prefers-color-scheme: dark)"), "change", () => this.theme());
    this.onModel(["title", "height"], () => this.retitle());
    this.retitle();
    this.theme();
  }
  /** On each of them: Lab's shortcuts for ":focus" match the focused element before they look above it. */
  claimKeys() {
    for (const part of this.root.querySelectorAll("button, input, select, canvas"))
      part.setAttribute("data-lm-suppress-shortcuts", "true");
  }
  retitle() {
    this.head.textContent = this.model.get("title");
    this.head.hidden = !this.model.get("title");
    this.laidOut = null;
    this.layout();
  }

  dispose() {
    this.off.abort();
    for (const end of this.ends) end();
    this.root.remove();
  }

  // -------- theme and size

  /** A page without a theme of its own is white, whatever the system prefers. */
  theme() {
    const light = document.body.dataset.jpThemeLight;
    const own = document.documentElement.classList.contains("kmt-page");
    const preferred = own && matchMedia("(prefers-color-scheme: dark)").matches;
    this.dark = light ? light === "false" : preferred;
    this.root.classList.toggle("kmt-dark", this.dark);
    this.laidOut = null;
    this.layout();
  }

  layout() {
    const width = this.root.clientWidth - 8;
    const size = `${width},${devicePixelRatio}`;
    if (width <= 0) this.laidOut = null; // hidden, as while Lab changes its theme: laid out anew when shown
    if (width <= 0 || size === this.laidOut) return;
    this.laidOut = size;
    const css = getComputedStyle(this.root); // before the view is attached, a page gives no colours
    const inks = ["ink", "soft", "paper", "line", "e", "m", "none"];
    this.ink = Object.fromEntries(inks.map(i => [i, css.getPropertyValue(`--kmt-${i}`).trim()]));
    this.root.classList.toggle("kmt-narrow", width < 680);
    this.arrange(width);
    this.draw();
  }
  size(canvas, width, height) {
    const ratio = devicePixelRatio || 1;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }

  draw() {
    if (!this.ink) return;
    this.picture();
    this.drawn += 1;
    this.root.dataset.drawn = this.drawn;
  }
  /** The height that the longest of some texts needs in a box, so that nothing below jumps. */
  room(box, line, texts) {
    const now = line.textContent;
    const longest = [...new Set(texts)].sort((a, b) => b.length - a.length);
    const tall = text => {
      line.textContent = text;
      return box.offsetHeight;
    };
    box.style.minHeight = "";
    box.style.minHeight = `${Math.max(0, ...longest.slice(0, 3).map(tall))}px`;
    line.textContent = now;
  }
  /** The sentence of what is seen; read out politely when it changes. */
  tell(words) {
    if (this.words.textContent !== words) this.words.textContent = words;
  }

  // -------- drawing

  pen(canvas) {
    const g = canvas.getContext("2d");
    const ratio = devicePixelRatio || 1;
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    return g;
  }
  color(j) {
    const { palette } = this.model.get("_style");
    return palette[j % palette.length] ?? this.ink.none;
  } // noise is -1
  marker(j) {
    if (j < 0) return "x";
    const { markers } = this.model.get("_style");
    return markers[(j + Math.floor(j / markers.length)) % markers.length];
  }

  /** A text at a place in pixels, squeezed if it would be wider than `most`. */
  write(g, text, x, y, font, textAlign, textBaseline, fillStyle = this.ink.ink, most = undefined) {
    Object.assign(g, { font: `${font} system-ui, sans-serif`, textAlign, textBaseline, fillStyle });
    g.fillText(text, x, y, most);
  }
  /** A line through places in pixels. */
  path(g, spots, strokeStyle, lineWidth, dash = []) {
    g.beginPath();
    for (const [x, y] of spots) g.lineTo(x, y);
    g.setLineDash(dash);
    Object.assign(g, { strokeStyle, lineWidth });
    g.stroke();
    g.setLineDash([]);
  }
  /** Fills what was laid out, and draws a line around it. */
  fill(g, fillStyle, strokeStyle, lineWidth) {
    g.fillStyle = fillStyle;
    g.fill();
    if (!lineWidth) return;
    g.strokeStyle = strokeStyle;
    g.lineWidth = lineWidth;
    g.stroke();
  }
  /** A disc in the colour of the line before, or in another one with a line around it. */
  disc(g, [x, y], r, inside = g.strokeStyle, around = inside, lineWidth = 0) {
    g.beginPath();
    g.arc(x, y, r, 0, 2 * Math.PI);
    this.fill(g, inside, around, lineWidth);
  }

  /** Draws only inside of a view's rectangle. */
  clipped(g, view, draw) {
    g.save();
    g.beginPath();
    g.rect(view.left, view.top, view.right - view.left, view.bottom - view.top);
    g.clip();
    draw();
    g.restore();
  }

  /** The region of each centre (pairs), tinted, with its straight borders; or regions that are given as polygons. */
  drawRegions(g, view, centers, cells = voronoi(centers, [view.x0, view.y0, view.x1, view.y1])) {
    cells.forEach((cell, j) => {
      if (cell.length < 3) return;
      g.beginPath();
      for (const corner of cell) g.lineTo(...toScreen(view, corner));
      g.closePath();
      g.globalAlpha = this.dark ? 0.2 : 0.13;
      this.fill(g, this.color(j));
      g.globalAlpha = 0.75;
      Object.assign(g, { strokeStyle: this.ink.soft, lineWidth: 1.2 });
      g.stroke();
      g.globalAlpha = 1;
    });
  }

  /** Points (flat pairs) with colour and marker of their cluster; a ring around those that are marked or whose label was another one. */
  drawDots(g, view, flat, labels, { r = 4.2, before = null, marked = null } = {}) {
    for (let i = 0; i < flat.length / 2; i++) {
      const j = labels?.[i];
      const none = j === undefined;
      const [x, y] = toScreen(view, [flat[2 * i], flat[2 * i + 1]]);
      trace(g, none ? "o" : this.marker(j), x, y, r);
      this.fill(g, none ? this.ink.none : this.color(j), this.ink.paper, 0.8);
      if (!marked?.[i] && !(before && before[i] !== j)) continue;
      g.beginPath();
      g.arc(x, y, r + 4, 0, 2 * Math.PI);
      Object.assign(g, { lineWidth: 1.6, strokeStyle: this.ink.ink });
      g.stroke();
    }
  }

  /** Centres (pairs) with their numbers; small ones have no room for a number. */
  drawCenters(g, view, centers, { r = 14, picked = -1 } = {}) {
    centers.forEach((center, j) => {
      const [x, y] = toScreen(view, center);
      trace(g, this.marker(j), x, y, r);
      this.fill(g, this.color(j), this.ink.ink, j === picked ? 4 : 1.6);
      if (r < 12) return;
      this.disc(g, [x, y], 8.5, this.ink.paper);
      this.write(g, String(j), x, y + 0.5, "bold 13px", "center", "middle");
    });
  }

  /** Frame, ticks and names around a view; `foot` is where the name below ends, `view.aside` how far left the other is, in pixels. */
  drawAxes(g, view, names, foot) {
    const { left, top, right, bottom, x0, y0, x1, y1, aside = 35 } = view;
    const [wide, tall] = [right - left, bottom - top];
    Object.assign(g, { strokeStyle: this.ink.line, lineWidth: 1 });
    g.strokeRect(left + 0.5, top + 0.5, wide - 1, tall - 1);
    const tick = (t, x, y, ...align) =>
      this.write(g, tickText(t), x, y, "12px", ...align, this.ink.soft);
    for (const t of ticks(x0, x1, Math.max(2, wide / 70)))
      tick(t, toScreen(view, [t, 0])[0], bottom + 5, "center", "top");
    for (const t of ticks(y0, y1, Math.max(2, tall / 60)))
      tick(t, left - 6, toScreen(view, [0, t])[1], "right", "middle");
    const name = (text, x, y, baseline, most) =>
      this.write(g, text, x, y, "13px", "center", baseline, this.ink.ink, most);
    name(names[0], left + wide / 2, foot, "bottom", wide);
    g.save();
    g.translate(left - aside, top + tall / 2);
    g.rotate(-Math.PI / 2);
    name(names[1], 0, 0, "middle", tall);
    g.restore();
  }
}

// ---------------------------------------------------------------- a view of many steps

const PACES = { slow: 1600, normal: 800, fast: 300, fastest: 0 };
const STEPPING = [
  ["first", "First (Home)", "Home", view => view.stepTo(0)],
  ["back", "Back (left arrow)", "ArrowLeft", view => view.stepTo(view.at - 1)],
  ["play", "Play (space)", " ", view => view.toggle()],
  ["forward", "Forward (right arrow)", "ArrowRight", view => view.stepTo(view.at + 1)],
  ["last", "Last (End)", "End", view => view.stepTo(Infinity)],
];

/**
 * A view with a toolbar to step, play and scrub. A subclass has `last`, the number of its last step, and goTo(at, options),
 * which shows one and calls showStep(); it may have rested(), which tells others where the view came to rest.
 */
export class Stepper extends Sheet {
  constructor(model, el, { kind, label, toolbar, step, pace = "normal" }) {
    super(model, el, { kind, label });
    Object.assign(this, { at: 0, part: 1, playing: false });
    this.stepKeys = {};
    const buttons = STEPPING.map(([name, title, key, act]) => {
      const press = (this.stepKeys[key] = () => act(this));
      return textButton(name, icon(name), title, press, { "aria-label": title });
    });
    this.playButton = buttons[2];
    const range = { type: "range", min: 0, class: "kmt-scrub", "aria-label": step };
    this.slider = node("input", range);
    this.count = node("span", { class: "kmt-count" });
    this.speed = select(
      "speed",
      "Speed",
      Object.keys(PACES).map(name => [name]),
      pace,
    );
    const look = { class: "kmt-bar", role: "toolbar", "aria-label": toolbar };
    this.toolbar = node("div", look, ...buttons, this.slider, this.count, this.speed);
    this.on(this.slider, "input", () => this.stepTo(Number(this.slider.value)));
  }
  dispose() {
    this.stop();
    clearTimeout(this.restTimer);
    super.dispose();
  }

  stepTo(at, options) {
    this.stop();
    this.goTo(at, options);
  }
  showStep() {
    const { slider, at, last } = this;
    Object.assign(slider, { max: last, value: at });
    slider.setAttribute("aria-valuetext", `${slider.ariaLabel.toLowerCase()} ${at} of ${last}`);
    this.count.textContent = `${at} / ${last}`;
  }

  pace() {
    return PACES[this.speed.value];
  }
  toggle() {
    if (this.playing) return this.stop();
    if (this.at === this.last) this.goTo(0, { quiet: true });
    this.playing = true;
    this.showPlaying();
    let due = performance.now() + this.pace();
    const tick = now => {
      if (!this.playing) return;
      if (now >= due) {
        this.goTo(this.at + 1, { quiet: true });
        due = now + this.pace();
      }
      if (this.at >= this.last) return this.stop();
      this.timer = requestAnimationFrame(tick);
    };
    this.timer = requestAnimationFrame(tick);
  }
  stop() {
    if (!this.playing) return;
    this.playing = false;
    cancelAnimationFrame(this.timer);
    this.showPlaying();
    this.rest();
  }
  showPlaying() {
    const title = this.playing ? "Pause (space)" : "Play (space)";
    this.playButton.replaceChildren(icon(this.playing ? "pause" : "play"));
    Object.assign(this.playButton, { title, ariaLabel: title });
    this.words.setAttribute("aria-live", this.playing ? "off" : "polite");
  }

  /** Draws a step over some milliseconds: `part` of it goes from `from` to 1. */
  glide(duration, from) {
    const began = performance.now();
    const step = this.at;
    this.part = from;
    const next = now => {
      if (this.at !== step || this.part >= 1) return;
      this.part = Math.min(1, from + (now - began) / Math.max(1, duration));
      this.draw();
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  }

  /** Waits until the view has come to rest at another step than the one that Python knows. */
  rest() {
    clearTimeout(this.restTimer);
    this.restTimer = setTimeout(() => {
      if (!this.playing && this.model.get("frame") !== this.at) this.rested?.();
    }, 250);
  }
}
