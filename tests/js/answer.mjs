// Calls a function of core.mjs with arguments that came as JSON; node and the browser both use it.
const UNSPEAKABLE = { nan: NaN, infinity: Infinity, "-infinity": -Infinity };
const floats = list => Float64Array.from(list);
const plain = value => (Number.isFinite(value) ? value : null);

export function answer(core, [name, ...given]) {
  if (name === "number") return core.number(UNSPEAKABLE[given[0]] ?? given[0]);
  const [X, start, d, rule, weights] = given;
  const run = core.lloyd(floats(X), floats(start), d, {
    ...rule,
    weights: weights && floats(weights),
  });
  const n = X.length / d,
    k = start.length / d;
  return {
    stop: run.stop,
    sentences: run.frames.map((_, at) => core.sentence(run.frames, at, n, k)),
    frames: run.frames.map(f => ({
      ...f,
      centers: [...f.centers],
      labels: f.labels && [...f.labels],
      shift: [...f.shift],
      inertia: plain(f.inertia),
    })),
  };
}
