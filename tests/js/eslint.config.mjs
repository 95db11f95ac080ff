// What a script must not do; a comma or a quote is prettier's business.
const inPage = "document window navigator fetch performance matchMedia getComputedStyle atob btoa";
const classes =
  "Blob File FileReader TextDecoder TextEncoder URL Path2D Image ImageData HTMLElement";
const observers =
  "MutationObserver ResizeObserver IntersectionObserver OffscreenCanvas AbortController";
const timers = "setTimeout clearTimeout setInterval clearInterval queueMicrotask console";
const inNode = "process";
const frames =
  "requestAnimationFrame cancelAnimationFrame createImageBitmap structuredClone devicePixelRatio";
const names = [inPage, classes, observers, timers, frames, inNode].join(" ").split(" ");
export default [
  {
    languageOptions: { globals: Object.fromEntries(names.map(name => [name, "readonly"])) },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "no-use-before-define": ["error", { functions: false }],
      ...Object.fromEntries(
        (
          "no-undef no-unused-vars no-const-assign no-dupe-keys no-dupe-args no-dupe-else-if no-unreachable " +
          "no-fallthrough no-self-assign no-self-compare no-redeclare no-shadow-restricted-names no-var " +
          "prefer-const eqeqeq no-unsafe-finally no-unsafe-negation no-sparse-arrays use-isnan valid-typeof " +
          "no-unused-expressions no-useless-escape no-constant-condition no-empty no-this-before-super " +
          "constructor-super getter-return no-cond-assign no-loss-of-precision"
        )
          .split(" ")
          .map(rule => [rule, "error"]),
      ),
    },
  },
];
