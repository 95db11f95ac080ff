// K-means, its starts and its geometry as pure functions: no page, no model, no drawing.
// Points and centres are flat Float64Arrays, row after row, d values a row. The half-steps add up in
// the same order as kmeans_teach/lloyd.py, so that both give the same labels.

/** E-step: the nearest centre of each point, the first of equally near ones. */
export function assign(X, centers, d) {
  const n = X.length / d,
    k = centers.length / d;
  const labels = new Uint16Array(n);
  for (let i = 0; i < n; i++) {
    let best = 0,
      least = Infinity;
    for (let j = 0; j < k; j++) {
      const distance = squaredDistance(X, i, centers, j, d);
      if (distance < least) {
        least = distance;
        best = j;
      }
    }
    labels[i] = best;
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
  const k = centers.length / d,
    sums = new Float64Array(k * d),
    totals = clusterWeights(labels, k, weights);
  for (let i = 0; i < labels.length; i++) {
    const j = labels[i],
      w = weights ? weights[i] : 1;
    for (let c = 0; c < d; c++) sums[j * d + c] += X[i * d + c] * w;
  }
  return sums.map((sum, at) =>
    totals[(at / d) | 0] > 0 ? sum / totals[(at / d) | 0] : centers[at],
  );
}

function clusterWeights(labels, k, weights) {
  const totals = new Float64Array(k);
  for (let i = 0; i < labels.length; i++) totals[labels[i]] += weights ? weights[i] : 1;
  return totals;
}

/** The sum of squared distances between points and the centres of their clusters. */
export function inertia(X, labels, centers, d, weights = null) {
  let sum = 0;
  for (let i = 0; i < labels.length; i++)
    sum += squaredDistance(X, i, centers, labels[i], d) * (weights ? weights[i] : 1);
  return sum;
}

/** Give each empty cluster the point farthest from its own centre: [centres, clusters that got one]. */
export function relocate(X, labels, centers, moved, d, weights = null) {
  const k = centers.length / d,
    totals = clusterWeights(labels, k, weights);
  const empty = [...totals.keys()].filter(j => totals[j] === 0);
  if (!empty.length) return [moved, []];
  const far = Float64Array.from(labels, (j, i) => squaredDistance(X, i, centers, j, d));
  const order = [...far.keys()].sort((a, b) => far[b] - far[a] || b - a).slice(0, empty.length);
  if (far[order[0]] === 0) return [moved, []];
  const sums = moved.map((v, at) => v * totals[(at / d) | 0]),
    result = moved.slice();
  empty.forEach((j, e) => {
    const i = order[e],
      from = labels[i],
      w = weights ? weights[i] : 1;
    for (let c = 0; c < d; c++) {
      sums[from * d + c] -= X[i * d + c] * w;
      sums[j * d + c] = X[i * d + c] * w;
    }
    totals[from] -= w;
    totals[j] = w;
  });
  for (const j of new Set([...empty, ...order.map(i => labels[i])])) {
    if (totals[j] > 0) for (let c = 0; c < d; c++) result[j * d + c] = sums[j * d + c] / totals[j];
  }
  const biggest = totals.indexOf(Math.max(...totals)) * d; // for a cluster that gave its only point away
  totals.forEach((total, j) => {
    if (total <= 0) result.set(moved.subarray(biggest, biggest + d), j * d);
  });
  return [result, empty];
}

/** A whole run as frames, with the rules of kmeans_teach.lloyd. */
export function lloyd(
  X,
  start,
  d,
  { maxIter = 300, tol = 1e-4, empty = "relocate", weights = null } = {},
) {
  const k = start.length / d,
    n = X.length / d,
    small = tol * meanVariance(X, d);
  const frames = [
    {
      phase: "init",
      iteration: 0,
      centers: start,
      labels: null,
      inertia: NaN,
      changed: 0,
      shift: new Float64Array(k),
      relocated: [],
    },
  ];
  const add = frame =>
    frames.push({ ...frame, inertia: inertia(X, frame.labels, frame.centers, d, weights) });
  let centers = start,
    old = null,
    stop = "max_iter reached",
    iteration = 1;
  const assigned = () => {
    const labels = assign(X, centers, d);
    const changed = old ? labels.reduce((sum, j, i) => sum + (j !== old[i]), 0) : n;
    add({
      phase: "assign",
      iteration,
      centers,
      labels,
      changed,
      shift: new Float64Array(k),
      relocated: [],
    });
    old = labels;
    return changed;
  };
  for (; iteration <= maxIter; iteration++) {
    const settled = assigned() === 0;
    let moved = update(X, old, centers, d, weights),
      relocated = [];
    if (empty === "relocate") [moved, relocated] = relocate(X, old, centers, moved, d, weights);
    const shift = Float64Array.from({ length: k }, (_, j) =>
      Math.sqrt(squaredDistance(moved, j, centers, j, d)),
    );
    centers = moved;
    add({ phase: "update", iteration, centers, labels: old, changed: 0, shift, relocated });
    if (settled) return { frames, stop: "no point changed cluster" };
    if (shift.reduce((sum, s) => sum + s * s, 0) <= small) {
      stop = "centres moved less than tol";
      iteration++;
      break;
    }
  }
  assigned();
  return { frames, stop };
}

function meanVariance(X, d) {
  const n = X.length / d;
  let total = 0;
  for (let c = 0; c < d; c++) {
    let mean = 0,
      sum = 0;
    for (let i = c; i < X.length; i += d) mean += X[i] / n;
    for (let i = c; i < X.length; i += d) sum += (X[i] - mean) ** 2;
    total += sum / n / d;
  }
  return total;
}

/** NumPy's RandomState: the Mersenne Twister with the same numbers for the same seed. */
export class RandomState {
  constructor(seed) {
    const s = (this.state = new Uint32Array(624));
    s[0] = seed >>> 0;
    for (let i = 1; i < 624; i++) s[i] = Math.imul(1812433253, s[i - 1] ^ (s[i - 1] >>> 30)) + i;
    this.at = 624;
  }
  next32() {
    const s = this.state;
    if (this.at === 624) {
      for (let i = 0; i < 624; i++) {
        const y = (s[i] & 0x80000000) | (s[(i + 1) % 624] & 0x7fffffff);
        s[i] = s[(i + 397) % 624] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
      }
      this.at = 0;
    }
    let y = s[this.at++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }
  /** A number in [0, 1) with 53 random bits. */
  random() {
    const a = this.next32() >>> 5,
      b = this.next32() >>> 6;
    return (a * 67108864 + b) / 9007199254740992;
  }
}

export function cumulative(values) {
  let sum = 0;
  return Float64Array.from(values, v => (sum += v));
}

/** The first place whose value is above x (right) or at least x (left). */
export function searchSorted(sorted, x, right) {
  let low = 0,
    high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (right ? sorted[middle] <= x : sorted[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

const rows = (X, d, indices) =>
  Float64Array.from(indices.flatMap(i => [...X.subarray(i * d, i * d + d)]));

/** k points drawn without replacement, the same ones as scikit-learn's init="random". */
export function randomPoints(X, k, d, seed) {
  const n = X.length / d,
    random = new RandomState(seed),
    found = [];
  const p = new Float64Array(n).fill(1 / n);
  while (found.length < k) {
    const draws = Array.from({ length: k - found.length }, () => random.random());
    for (const i of found) p[i] = 0;
    const sums = cumulative(p),
      cdf = sums.map(v => v / sums[n - 1]);
    for (const u of draws) {
      const i = searchSorted(cdf, u, true);
      if (!found.includes(i)) found.push(i);
    }
  }
  return rows(X, d, found);
}

/** k-means++ with the candidates and draws of scikit-learn's init="k-means++". */
export function kmeansPlusPlus(X, k, d, seed) {
  const n = X.length / d,
    random = new RandomState(seed),
    trials = 2 + Math.floor(Math.log(k));
  const cdf = cumulative(new Float64Array(n).fill(1 / n));
  const taken = [
    searchSorted(
      cdf.map(v => v / cdf[n - 1]),
      random.random(),
      true,
    ),
  ];
  const toCandidate = i =>
    Float64Array.from({ length: n }, (_, row) => squaredDistance(X, row, X, i, d));
  let nearest = toCandidate(taken[0]);
  while (taken.length < k) {
    const steps = cumulative(nearest),
      potential = steps[n - 1];
    let best = null;
    for (const u of Array.from({ length: trials }, () => random.random())) {
      const i = Math.min(n - 1, searchSorted(steps, u * potential, false));
      const closer = toCandidate(i).map((distance, row) => Math.min(distance, nearest[row]));
      const sum = closer.reduce((a, b) => a + b, 0);
      if (!best || sum < best.sum) best = { i, closer, sum };
    }
    taken.push(best.i);
    nearest = best.closer;
  }
  return rows(X, d, taken);
}

/** The convex region of each centre (pairs of x, y) inside a box [x0, y0, x1, y1]. */
export function voronoi(centers, box) {
  const [x0, y0, x1, y1] = box;
  return centers.map((a, j) =>
    centers.reduce(
      (cell, b, i) => {
        if (i === j || (a[0] === b[0] && a[1] === b[1]))
          return i < j && a[0] === b[0] && a[1] === b[1] ? [] : cell;
        const side = p =>
          (p[0] - (a[0] + b[0]) / 2) * (b[0] - a[0]) + (p[1] - (a[1] + b[1]) / 2) * (b[1] - a[1]);
        return clip(cell, side);
      },
      [
        [x0, y0],
        [x1, y0],
        [x1, y1],
        [x0, y1],
      ],
    ),
  );
}

/** The part of a convex polygon where side(p) <= 0. */
export function clip(polygon, side) {
  const kept = [];
  polygon.forEach((p, at) => {
    const q = polygon[(at + 1) % polygon.length],
      a = side(p),
      b = side(q);
    if (a <= 0) kept.push(p);
    if ((a < 0 && b > 0) || (a > 0 && b < 0)) {
      const t = a / (a - b);
      kept.push([p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])]);
    }
  });
  return kept;
}

/** Where d columns are shown in two: coordinates of rows in a plane, and back. */
export function project(X, d, plane) {
  const n = X.length / d,
    flat = new Float64Array(2 * n),
    [u, v] = plane.components;
  if (plane.identity) return X;
  for (let i = 0; i < n; i++) {
    let a = 0,
      b = 0;
    for (let c = 0; c < d; c++) {
      const t = X[i * d + c] - plane.origin[c];
      a += t * u[c];
      b += t * v[c];
    }
    flat[2 * i] = a + plane.offset[0];
    flat[2 * i + 1] = b + plane.offset[1];
  }
  return flat;
}

export function lift(point, plane) {
  if (plane.identity) return point;
  const [u, v] = plane.components,
    a = point[0] - plane.offset[0],
    b = point[1] - plane.offset[1];
  return plane.origin.map((o, c) => o + a * u[c] + b * v[c]);
}

/** About `count` round numbers between low and high. */
export function ticks(low, high, count = 5) {
  if (!(high > low)) return [low];
  const raw = (high - low) / count,
    ten = 10 ** Math.floor(Math.log10(raw));
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
function clusters(names) {
  const others = names.slice(0, -1).join(", ");
  return others ? `clusters ${others} and ${names.at(-1)}` : `cluster ${names[0]}`;
}

/** What happened in one half-step, in the words of kmeans_teach.History.sentence. */
export function sentence(frames, at, n, k) {
  const now = frames[at];
  if (now.phase === "init") return `Start: ${k} centres, no point has a cluster yet`;
  const before = frames[at - 1];
  const ledger = Number.isNaN(before.inertia)
    ? `inertia ${number(now.inertia)}`
    : `inertia ${number(before.inertia)} to ${number(now.inertia)}`;
  if (now.phase === "assign") {
    let what =
      before.phase === "init"
        ? `all ${n} points get a cluster`
        : `${now.changed} of ${n} points changed cluster`;
    const empty = emptyClusters(now.labels, k);
    if (empty.length) what += `; ${clusters(empty)} ${empty.length > 1 ? "have" : "has"} no point`;
    return `E-step ${now.iteration}: ${what}; ${ledger}`;
  }
  const moved = now.shift.filter(s => s > 0).length;
  let what = moved
    ? `${moved} of ${k} centres moved, by ${number(Math.max(...now.shift))} at most`
    : "no centre moved";
  if (now.relocated.length) {
    const many = now.relocated.length > 1,
      d = now.centers.length / k;
    const rows = now.relocated.map(j => [...now.centers.subarray(j * d, j * d + d)].map(number));
    what += `; ${clusters(now.relocated)} ${many ? "were" : "was"} empty and got the farthest point`;
    what += `${many ? "s" : ""}${d > 3 ? "" : ` ${rows.map(row => `(${row.join(", ")})`).join(" and ")}`}`;
  } else {
    const stay = emptyClusters(now.labels, k).filter(j => now.shift[j] === 0);
    const rest =
      stay.length > 1
        ? "have no point, so their centres stay"
        : "has no point, so its centre stays";
    if (stay.length) what += `; ${clusters(stay)} ${rest}`;
  }
  return `M-step ${now.iteration}: ${what}; ${ledger}`;
}

/** What the E-steps and the M-steps took off the inertia up to frame `at`. */
export function ledger(frames, at) {
  const off = { assign: 0, update: 0 };
  for (let i = 2; i <= at; i++) off[frames[i].phase] += frames[i - 1].inertia - frames[i].inertia;
  return off;
}
