// K-means and its geometry as pure functions: no page, no model, no drawing.
// Points and centres are flat Float64Arrays, row after row, d values a row. The half-steps add up in
// the same order as kmeans_teach/textbook.py, so that both give the same labels.

/** E-step: the nearest centre of each point, the first of equally near ones. */
export function assign(X, centers, d) {
  const labels = new Uint16Array(X.length / d);
  const k = centers.length / d;
  for (let i = 0; i < labels.length; i++) {
    let least = Infinity;
    for (let j = 0; j < k; j++) {
      const distance = squaredDistance(X, i, centers, j, d);
      if (distance < least) {
        least = distance;
        labels[i] = j;
      }
    }
  }
  return labels;
}

export function squaredDistance(A, i, B, j, d) {
  let sum = 0;
  for (let c = 0; c < d; c++) {
    const t = A[i * d + c] - B[j * d + c];
    sum += t * t;
  }
  return sum;
}

/** M-step: the mean of each cluster's points; a centre without points stays. */
export function update(X, labels, centers, d, weights = null) {
  const sums = new Float64Array(centers.length);
  const totals = clusterWeights(labels, centers.length / d, weights);
  for (let i = 0; i < labels.length; i++)
    for (let c = 0; c < d; c++) sums[labels[i] * d + c] += X[i * d + c] * (weights?.[i] ?? 1);
  return sums.map((sum, at) => {
    const total = totals[(at / d) | 0];
    return total > 0 ? sum / total : centers[at];
  });
}

function clusterWeights(labels, k, weights) {
  const totals = new Float64Array(k);
  for (let i = 0; i < labels.length; i++) totals[labels[i]] += weights?.[i] ?? 1;
  return totals;
}

/** The sum of squared distances between points and the centres of their clusters. */
export function inertia(X, labels, centers, d, weights = null) {
  let sum = 0;
  for (let i = 0; i < labels.length; i++)
    sum += squaredDistance(X, i, centers, labels[i], d) * (weights?.[i] ?? 1);
  return sum;
}

/** Give each empty cluster the point farthest from its own centre: [centres, clusters that got one]. */
export function relocate(X, labels, centers, moved, d, weights = null) {
  const totals = clusterWeights(labels, centers.length / d, weights);
  const empty = [...totals.keys()].filter(j => totals[j] === 0);
  if (!empty.length) return [moved, []];
  const far = Float64Array.from(labels, (j, i) => squaredDistance(X, i, centers, j, d));
  const order = [...far.keys()].sort((a, b) => far[b] - far[a] || b - a).slice(0, empty.length);
  if (far[order[0]] === 0) return [moved, []];
  const sums = moved.map((v, at) => v * totals[(at / d) | 0]);
  const result = moved.slice();
  empty.forEach((j, e) => {
    const i = order[e];
    const from = labels[i];
    const w = weights?.[i] ?? 1;
    for (let c = 0; c < d; c++) {
      sums[from * d + c] -= X[i * d + c] * w;
      sums[j * d + c] = X[i * d + c] * w;
    }
    totals[from] -= w;
    totals[j] = w;
  });
  for (const j of new Set([...empty, ...order.map(i => labels[i])]))
    if (totals[j] > 0) for (let c = 0; c < d; c++) result[j * d + c] = sums[j * d + c] / totals[j];
  const biggest = totals.indexOf(Math.max(...totals)) * d; // for a cluster that gave its only point away
  totals.forEach((total, j) => {
    if (total <= 0) result.set(moved.subarray(biggest, biggest + d), j * d);
  });
  return [result, empty];
}

/** A whole run as frames, with the rules of kmeans_teach.lloyd. */
export function lloyd(X, start, d, rule = {}) {
  const { max_iter: most = 300, tol = 1e-4, empty = "relocate", weights = null } = rule;
  const k = start.length / d;
  const small = tol * meanVariance(X, d);
  const frames = [];
  let [centers, labels, iteration, stop] = [start, null, 0, "max_iter reached"];
  const add = (phase, changed = 0, shift = new Float64Array(k), relocated = []) => {
    const error = labels ? inertia(X, labels, centers, d, weights) : NaN;
    frames.push({ phase, iteration, centers, labels, inertia: error, changed, shift, relocated });
  };
  const reassign = () => {
    const old = labels;
    labels = assign(X, centers, d);
    add("assign", old ? labels.reduce((sum, j, i) => sum + (j !== old[i]), 0) : labels.length);
  };
  add("init");
  for (iteration = 1; iteration <= most; iteration++) {
    reassign();
    const settled = frames.at(-1).changed === 0;
    let moved = update(X, labels, centers, d, weights);
    let relocated = [];
    if (empty === "relocate") [moved, relocated] = relocate(X, labels, centers, moved, d, weights);
    const shift = new Float64Array(k);
    for (let j = 0; j < k; j++) shift[j] = Math.sqrt(squaredDistance(moved, j, centers, j, d));
    centers = moved;
    add("update", 0, shift, relocated);
    if (settled) return { frames, stop: "no point changed cluster" };
    if (shift.reduce((sum, s) => sum + s * s, 0) <= small) {
      stop = "centres moved less than tol";
      iteration++;
      break;
    }
  }
  reassign();
  return { frames, stop };
}

function meanVariance(X, d) {
  const n = X.length / d;
  let total = 0;
  for (let c = 0; c < d; c++) {
    let [mean, sum] = [0, 0];
    for (let i = c; i < X.length; i += d) mean += X[i] / n;
    for (let i = c; i < X.length; i += d) sum += (X[i] - mean) ** 2;
    total += sum / n / d;
  }
  return total;
}

/** The convex region of each centre (pairs of x, y) inside a box; of equal centres the first has it. */
export function voronoi(centers, [x0, y0, x1, y1]) {
  return centers.map(([ax, ay], j) => {
    let cell = [x0, x1, x1, x0].map((x, corner) => [x, corner < 2 ? y0 : y1]);
    centers.forEach(([bx, by], i) => {
      const [u, v] = [bx - ax, by - ay];
      if (u || v) cell = clip(cell, p => (p[0] - (ax + bx) / 2) * u + (p[1] - (ay + by) / 2) * v);
      else if (i < j) cell = [];
    });
    return cell;
  });
}

/** The part of a convex polygon where side(p) <= 0. */
export function clip(polygon, side) {
  const kept = [];
  polygon.forEach((p, at) => {
    const q = polygon[(at + 1) % polygon.length];
    const a = side(p);
    const b = side(q);
    const t = a / (a - b);
    if (a <= 0) kept.push(p);
    if ((a < 0 && b > 0) || (a > 0 && b < 0)) kept.push(p.map((v, c) => v + t * (q[c] - v)));
  });
  return kept;
}

/** Where d columns are shown in two: coordinates of rows in a plane, and back. */
export function project(X, d, { identity, components, origin, offset }) {
  if (identity) return X;
  return new Float64Array((2 * X.length) / d).map((_, at) => {
    const axis = at & 1;
    let sum = 0;
    for (let c = 0; c < d; c++) sum += (X[(at >> 1) * d + c] - origin[c]) * components[axis][c];
    return sum + offset[axis];
  });
}

export function lift(point, { identity, components: [u, v], origin, offset }) {
  if (identity) return point;
  return origin.map((o, c) => o + (point[0] - offset[0]) * u[c] + (point[1] - offset[1]) * v[c]);
}

/** About `count` round numbers between low and high. */
export function ticks(low, high, count = 5) {
  if (!(high > low)) return [low];
  const raw = (high - low) / count;
  const ten = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map(f => f * ten).find(s => s >= raw * 0.999);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++)
    found.push(i * step);
  return found;
}

/** A tick's text without the dust of floating point. */
export const tickText = value => String(Number(value.toPrecision(6)));

/** A number of four digits, as kmeans_teach.history.number writes it. */
export function number(value) {
  if (Number.isNaN(value)) return "nan";
  const size = Math.abs(value);
  if (size === Infinity) return value > 0 ? "infinity" : "-infinity";
  if (size === 0) return "0";
  if (size < 1e-3 || size >= 1e9) return value.toExponential(2);
  return value.toFixed(Math.max(0, 3 - Number(size.toExponential(15).split("e")[1])));
}

/** The clusters without a point. */
export function emptyClusters(labels, k) {
  const found = new Uint8Array(k);
  for (const j of labels) found[j] = 1;
  return [...found.keys()].filter(j => !found[j]);
}

/** "cluster 1 has no point", "clusters 1 and 2 have no point". */
function clusters(names, one, many) {
  const others = names.slice(0, -1).join(", ");
  return others ? `clusters ${others} and ${names.at(-1)} ${many}` : `cluster ${names[0]} ${one}`;
}

/** What happened in one half-step, in the words of kmeans_teach.History.sentence. */
export function sentence(frames, at, n, k) {
  const { phase, iteration, centers, labels, inertia: error, ...now } = frames[at];
  if (phase === "init") return `Start: ${k} centres, no point has a cluster yet`;
  const before = frames[at - 1];
  const from = Number.isNaN(before.inertia) ? "" : `${number(before.inertia)} to `;
  const empty = emptyClusters(labels, k);
  const what = [];
  if (phase === "assign") {
    const first = before.phase === "init";
    what.push(
      first ? `all ${n} points get a cluster` : `${now.changed} of ${n} points changed cluster`,
    );
    if (empty.length) what.push(clusters(empty, "has no point", "have no point"));
  } else {
    const moved = now.shift.filter(s => s > 0).length;
    const far = `by ${number(Math.max(...now.shift))} at most`;
    what.push(moved ? `${moved} of ${k} centres moved, ${far}` : "no centre moved");
    const stay = empty.filter(j => now.shift[j] === 0);
    if (now.relocated.length) {
      const d = centers.length / k;
      const row = j => `(${Array.from(centers.subarray(j * d, j * d + d), number).join(", ")})`;
      const got = "empty and got the farthest point";
      const places = d > 3 ? "" : ` ${now.relocated.map(row).join(" and ")}`;
      what.push(clusters(now.relocated, `was ${got}`, `were ${got}s`) + places);
    } else if (stay.length) {
      const one = "has no point, so its centre stays";
      what.push(clusters(stay, one, "have no point, so their centres stay"));
    }
  }
  const step = phase === "assign" ? "E" : "M";
  return `${step}-step ${iteration}: ${what.join("; ")}; inertia ${from}${number(error)}`;
}

/** What the E-steps and the M-steps took off the inertia up to frame `at`. */
export function ledger(frames, at) {
  const off = { assign: 0, update: 0 };
  for (let i = 2; i <= at; i++) off[frames[i].phase] += frames[i - 1].inertia - frames[i].inertia;
  return off;
}
