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

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "path"));
  path.setAttribute("d", ICONS[name]);
  return svg;
}

/** A button whose class is kmt-<name>; without content its label is its text. */
export function button(name, label, act, ...content) {
  const made = node(
    "button",
    { type: "button", class: `kmt-button kmt-${name}`, title: label, "aria-label": label },
    ...content,
  );
  made.addEventListener("click", act);
  return made;
}
/** A button with a text, and a longer title for the pointer. */
export function textButton(name, label, title, act) {
  const made = button(name, title, act, label);
  made.removeAttribute("aria-label");
  return made;
}

const MARKER_PATHS = {
  o: [],
  s: polygon(4, 1.2, Math.PI / 4),
  "^": polygon(3, 1.35, -Math.PI / 2),
  v: polygon(3, 1.35, Math.PI / 2),
  D: polygon(4, 1.25, 0),
  p: polygon(5, 1.15, -Math.PI / 2),
  h: polygon(6, 1.15, -Math.PI / 2),
  "*": star(5, 1.45, 0.62),
  P: cross(0),
  X: cross(Math.PI / 4),
  x: cross(Math.PI / 4, 0.16),
};
function polygon(sides, radius, turn) {
  return Array.from({ length: sides }, (_, i) => [
    radius * Math.cos(turn + (2 * Math.PI * i) / sides),
    radius * Math.sin(turn + (2 * Math.PI * i) / sides),
  ]);
}
function star(points, outer, inner) {
  return Array.from(
    { length: 2 * points },
    (_, i) => polygon(2 * points, i % 2 ? inner : outer, -Math.PI / 2)[i],
  );
}
function cross(turn, a = 0.45) {
  const b = 1.25,
    corners = [
      [-a, -b],
      [a, -b],
      [a, -a],
      [b, -a],
      [b, a],
      [a, a],
      [a, b],
      [-a, b],
      [-a, a],
      [-b, a],
      [-b, -a],
      [-a, -a],
    ];
  return corners.map(([x, y]) => [
    x * Math.cos(turn) - y * Math.sin(turn),
    x * Math.sin(turn) + y * Math.cos(turn),
  ]);
}
/** Lays the outline of a marker (a matplotlib code) around a place in pixels. */
export function trace(g, marker, x, y, r) {
  const path = MARKER_PATHS[marker];
  g.beginPath();
  if (!path.length) g.arc(x, y, r, 0, 2 * Math.PI);
  path.forEach(([px, py], i) =>
    i ? g.lineTo(x + r * px, y + r * py) : g.moveTo(x + r * px, y + r * py),
  );
  g.closePath();
}

/** "#rrggbb" as a pixel of an ImageData seen as a Uint32Array. */
export function packed(hex) {
  const v = parseInt(hex.slice(1, 7), 16);
  return (0xff000000 | ((v & 0xff) << 16) | (v & 0xff00) | (v >> 16)) >>> 0;
}

// ---------------------------------------------------------------- where data lies in pixels

/** The box [x0, y0, x1, y1] in a rectangle of pixels {left, top, right, bottom}, one scale for both axes: a view. */
export function fitView([x0, y0, x1, y1], area) {
  const scale = Math.min(
    (area.right - area.left) / (x1 - x0),
    (area.bottom - area.top) / (y1 - y0),
  );
  const spareX = ((area.right - area.left) / scale - (x1 - x0)) / 2,
    spareY = ((area.bottom - area.top) / scale - (y1 - y0)) / 2;
  return { ...area, scale, x0: x0 - spareX, y0: y0 - spareY, x1: x1 + spareX, y1: y1 + spareY };
}
/** The box fills the rectangle, each axis with a scale of its own: no place for distances. */
export function fillView([x0, y0, x1, y1], area) {
  return {
    ...area,
    scale: (area.right - area.left) / (x1 - x0),
    scaleY: (area.bottom - area.top) / (y1 - y0),
    x0,
    y0,
    x1,
    y1,
  };
}
export function toScreen(view, p) {
  return [
    view.left + (p[0] - view.x0) * view.scale,
    view.bottom - (p[1] - view.y0) * (view.scaleY ?? view.scale),
  ];
}
export function toData(view, x, y) {
  const { scale, scaleY = scale, left, bottom, x0, y0, x1, y1 } = view,
    hold = (v, a, b) => Math.max(a, Math.min(b, v));
  return [hold((x - left) / scale + x0, x0, x1), hold((bottom - y) / scaleY + y0, y0, y1)];
}
/** The box around flat pairs of numbers, with a margin. */
export function boxOf(lists, margin = 0.06) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const list of lists)
    for (let i = 0; i < list.length; i += 2) {
      box[0] = Math.min(box[0], list[i]);
      box[2] = Math.max(box[2], list[i]);
      box[1] = Math.min(box[1], list[i + 1]);
      box[3] = Math.max(box[3], list[i + 1]);
    }
  const pad = margin * Math.max(box[2] - box[0], box[3] - box[1], 1e-9);
  return [box[0] - pad, box[1] - pad, box[2] + pad, box[3] + pad];
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
    this.root = node(
      "div",
      {
        class: `kmt kmt-${kind}`,
        role: "group",
        "aria-label": label,
        "data-lm-suppress-shortcuts": "true",
      },
      this.head,
    );
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
    this.sized = new ResizeObserver(() => this.layout());
    this.sized.observe(this.root);
    this.themed = new MutationObserver(() => this.theme());
    for (const target of [document.body, document.documentElement])
      this.themed.observe(target, {
        attributes: true,
        attributeFilter: ["data-jp-theme-light", "data-theme", "class", "style"],
      }); // Lab hides its body by style meanwhile
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
    this.sized?.disconnect();
    this.themed?.disconnect();
    for (const end of this.ends) end();
    this.root.remove();
  }

  // -------- theme and size

  theme() {
    const light = document.body.dataset.jpThemeLight;
    this.dark = light
      ? light === "false"
      : matchMedia("(prefers-color-scheme: dark)").matches && !this.onWhite();
    this.root.classList.toggle("kmt-dark", this.dark);
    this.laidOut = null;
    this.layout();
  }
  /** A page without a theme of its own is white, whatever the system prefers. */
  onWhite() {
    return (
      !document.documentElement.classList.contains("kmt-page") &&
      !document.body.dataset.jpThemeLight
    );
  }
  readColors() {
    const css = getComputedStyle(this.root),
      color = name => css.getPropertyValue(`--kmt-${name}`).trim();
    this.ink = Object.fromEntries(
      ["ink", "soft", "paper", "line", "e", "m", "none"].map(name => [name, color(name)]),
    );
  }

  layout() {
    const width = this.root.clientWidth - 8,
      size = `${width},${devicePixelRatio}`;
    if (width <= 0) this.laidOut = null; // hidden, as while Lab changes its theme: laid out anew when shown
    if (width <= 0 || size === this.laidOut) return;
    this.laidOut = size;
    this.readColors(); // before the view is attached, a page gives no colours
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
    const now = line.textContent,
      longest = [...new Set(texts)].sort((a, b) => b.length - a.length);
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
    const g = canvas.getContext("2d"),
      ratio = devicePixelRatio || 1;
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.font = "13px system-ui, sans-serif";
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

  write(g, text, x, y, font, textAlign, textBaseline, fillStyle = this.ink.ink) {
    Object.assign(g, { font: `${font} system-ui, sans-serif`, textAlign, textBaseline, fillStyle });
    g.fillText(text, x, y);
  }
  /** A line through places in pixels. */
  path(g, spots, strokeStyle, lineWidth, dash = []) {
    g.beginPath();
    spots.forEach(([x, y], i) => (i ? g.lineTo(x, y) : g.moveTo(x, y)));
    g.setLineDash(dash);
    Object.assign(g, { strokeStyle, lineWidth });
    g.stroke();
    g.setLineDash([]);
  }
  /** A disc in the colour of the line before. */
  disc(g, [x, y], r) {
    g.beginPath();
    g.arc(x, y, r, 0, 2 * Math.PI);
    g.fillStyle = g.strokeStyle;
    g.fill();
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
      cell.forEach((p, i) => {
        const [x, y] = toScreen(view, p);
        if (i) g.lineTo(x, y);
        else g.moveTo(x, y);
      });
      g.closePath();
      g.globalAlpha = this.dark ? 0.2 : 0.13;
      g.fillStyle = this.color(j);
      g.fill();
      g.globalAlpha = 0.75;
      g.strokeStyle = this.ink.soft;
      g.lineWidth = 1.2;
      g.stroke();
      g.globalAlpha = 1;
    });
  }

  /** Points (flat pairs) with colour and marker of their cluster; a ring around those that are marked or whose label was another one. */
  drawDots(g, view, flat, labels, { r = 4.2, before = null, marked = null } = {}) {
    for (let i = 0; i < flat.length / 2; i++) {
      const j = labels?.[i],
        [x, y] = toScreen(view, [flat[2 * i], flat[2 * i + 1]]);
      trace(g, j === undefined ? "o" : this.marker(j), x, y, r);
      g.fillStyle = j === undefined ? this.ink.none : this.color(j);
      g.fill();
      g.lineWidth = 0.8;
      g.strokeStyle = this.ink.paper;
      g.stroke();
      if (marked?.[i] || (before && before[i] !== j)) {
        g.beginPath();
        g.arc(x, y, r + 4, 0, 2 * Math.PI);
        g.lineWidth = 1.6;
        g.strokeStyle = this.ink.ink;
        g.stroke();
      }
    }
  }

  /** Centres (pairs) with their numbers; small ones have no room for a number. */
  drawCenters(g, view, centers, { r = 14, picked = -1 } = {}) {
    g.textAlign = "center";
    g.textBaseline = "middle";
    centers.forEach((center, j) => {
      const [x, y] = toScreen(view, center);
      trace(g, this.marker(j), x, y, r);
      g.fillStyle = this.color(j);
      g.fill();
      g.lineWidth = j === picked ? 4 : 1.6;
      g.strokeStyle = this.ink.ink;
      g.stroke();
      if (r < 12) return;
      g.beginPath();
      g.arc(x, y, 8.5, 0, 2 * Math.PI);
      g.fillStyle = this.ink.paper;
      g.fill();
      g.fillStyle = this.ink.ink;
      g.font = "bold 13px system-ui, sans-serif";
      g.fillText(String(j), x, y + 0.5);
    });
  }

  /** Frame, ticks and names around a view; `foot` is where the name below ends, `view.aside` how far left the other is, in pixels. */
  drawAxes(g, view, names, foot) {
    g.font = "12px system-ui, sans-serif";
    g.strokeStyle = this.ink.line;
    g.lineWidth = 1;
    g.strokeRect(
      view.left + 0.5,
      view.top + 0.5,
      view.right - view.left - 1,
      view.bottom - view.top - 1,
    );
    g.fillStyle = this.ink.soft;
    g.textAlign = "center";
    g.textBaseline = "top";
    for (const t of ticks(view.x0, view.x1, Math.max(2, (view.right - view.left) / 70)))
      g.fillText(tickText(t), toScreen(view, [t, 0])[0], view.bottom + 5);
    g.textAlign = "right";
    g.textBaseline = "middle";
    for (const t of ticks(view.y0, view.y1, Math.max(2, (view.bottom - view.top) / 60)))
      g.fillText(tickText(t), view.left - 6, toScreen(view, [0, t])[1]);
    g.fillStyle = this.ink.ink;
    g.font = "13px system-ui, sans-serif";
    g.textAlign = "center";
    g.textBaseline = "bottom";
    g.fillText(names[0], (view.left + view.right) / 2, foot, view.right - view.left);
    g.save();
    g.translate(view.left - (view.aside ?? 35), (view.top + view.bottom) / 2);
    g.rotate(-Math.PI / 2);
    g.textBaseline = "middle";
    g.fillText(names[1], 0, 0, view.bottom - view.top);
    g.restore();
  }
}

// ---------------------------------------------------------------- a view of many steps

const PACES = [
  ["slow", 1600],
  ["normal", 800],
  ["fast", 300],
  ["fastest", 0],
];

/**
 * A view with a toolbar to step, play and scrub. A subclass has `last`, the number of its last step, and goTo(at, options),
 * which shows one and calls showStep(); it may have rested(), which tells others where the view came to rest.
 */
export class Stepper extends Sheet {
  constructor(model, el, { kind, label, toolbar, step, paces = PACES, pace = 1 }) {
    super(model, el, { kind, label });
    Object.assign(this, { at: 0, part: 1, playing: false, paces });
    this.playButton = button("play", "Play (space)", () => this.toggle(), icon("play"));
    this.slider = node("input", {
      type: "range",
      min: 0,
      max: 0,
      value: 0,
      class: "kmt-scrub",
      "aria-label": step,
    });
    this.count = node("span", { class: "kmt-count" });
    this.speed = node(
      "select",
      { class: "kmt-speed", "aria-label": "Speed" },
      ...paces.map(([name], i) => node("option", { value: i, selected: i === pace }, name)),
    );
    this.toolbar = node(
      "div",
      { class: "kmt-bar", role: "toolbar", "aria-label": toolbar },
      button("first", "First (Home)", () => this.stepTo(0), icon("first")),
      button("back", "Back (left arrow)", () => this.stepTo(this.at - 1), icon("back")),
      this.playButton,
      button("forward", "Forward (right arrow)", () => this.stepTo(this.at + 1), icon("forward")),
      button("last", "Last (End)", () => this.stepTo(Infinity), icon("last")),
      this.slider,
      this.count,
      this.speed,
    );
    this.on(this.slider, "input", () => this.stepTo(Number(this.slider.value)));
    this.stepKeys = {
      ArrowRight: () => this.stepTo(this.at + 1),
      ArrowLeft: () => this.stepTo(this.at - 1),
      Home: () => this.stepTo(0),
      End: () => this.stepTo(Infinity),
      " ": () => this.toggle(),
    };
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
    Object.assign(this.slider, { max: this.last, value: this.at });
    this.slider.setAttribute(
      "aria-valuetext",
      `${this.slider.ariaLabel.toLowerCase()} ${this.at} of ${this.last}`,
    );
    this.count.textContent = `${this.at} / ${this.last}`;
  }

  pace() {
    return this.paces[Number(this.speed.value)][1];
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
    const label = this.playing ? "Pause (space)" : "Play (space)";
    this.playButton.replaceChildren(icon(this.playing ? "pause" : "play"));
    this.playButton.title = label;
    this.playButton.setAttribute("aria-label", label);
    this.words.setAttribute("aria-live", this.playing ? "off" : "polite");
  }

  /** Draws a step over some milliseconds: `part` of it goes from `from` to 1. */
  glide(duration, from) {
    const began = performance.now(),
      step = this.at;
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
