// A question on a page: a guess is locked in, then the answer and its reason appear, without a
// kernel too. The sentences about the answer come from Python.
import { Sheet, node, tellPython, textButton } from "./sheet.mjs";

/** What was typed as a number, or why not: a comma may be the point, the unit may follow. */
export function numberFrom(text, unit = "") {
  let typed = text.trim().replace("−", "-");
  if (unit && typed.endsWith(unit)) typed = typed.slice(0, -unit.length).trim();
  if (/^[-+]?[1-9]\d{0,2}(,\d{3})+$/.test(typed)) {
    // 1797, or 1.797?
    return `Write ${typed} without a comma, or with a point.`;
  }
  if (/^[-+]?(\d+[.,]?\d*|[.,]\d+)$/.test(typed)) return Number(typed.replace(",", "."));
  return "Type a number first, for example 0.5.";
}

const MARKS = { right: "✔ right answer", wrong: "✘ your guess" };

export class QuestionView extends Sheet {
  constructor(model, el) {
    super(model, el, { kind: "question", label: "Question" });
    this.asked = model.get("_question");
    const { question, choices, unit } = this.asked,
      number = !choices.length;
    this.inputs = number
      ? [node("input", { type: "text", inputMode: "decimal", "aria-label": "Your guess" })]
      : choices.map(value => node("input", { type: "radio", name: "guess", value }));
    this.marks = this.inputs.map(() => node("span", { class: "kmt-mark" }));
    this.rows = this.inputs.map((input, i) =>
      node(
        "label",
        { class: "kmt-choice" },
        input,
        node("span", {}, number ? unit : choices[i]),
        this.marks[i],
      ),
    );
    this.button = textButton("lock", "Lock in my guess", "", () => this.lockIn());
    this.words.tabIndex = -1;
    this.words.setAttribute("data-lm-suppress-shortcuts", "true");
    // a form, so that the radio buttons of two views with the same name are two groups
    const form = node(
      "form",
      { autocomplete: "off" },
      node("fieldset", {}, node("legend", {}, question), ...this.rows),
      this.button,
      this.words,
    );
    this.on(form, "submit", event => event.preventDefault());
    this.on(form, "keydown", event => {
      // in Lab, Enter in a field does not submit its form
      if (event.key !== "Enter" || !this.inputs.includes(event.target)) return;
      event.preventDefault();
      this.lockIn();
    });
    this.onModel("guess", () => this.draw());
    this.attach(form);
  }

  lockIn() {
    const { choices, unit } = this.asked,
      chosen = this.inputs.find(input => input.checked);
    const guess = choices.length ? chosen?.value : numberFrom(this.inputs[0].value, unit);
    if (guess === undefined) return this.tell("Choose an answer first.");
    if (!choices.length && typeof guess === "string") return this.tell(guess);
    this.model.set("guess", guess);
    tellPython(this.model);
    this.words.focus(); // the button that had the focus is gone
  }

  arrange() {}
  picture() {
    const guess = this.model.get("guess"),
      given = guess !== null;
    if (this.shown === guess) return; // laid out anew: what was read out stays
    this.shown = guess;
    const { choices, answer, within, unit, sentences, reason } = this.asked;
    const number = !choices.length,
      near = Math.abs(guess - answer) <= within;
    const at = !number ? choices.indexOf(guess) : near ? 1 : guess < answer ? 0 : 2;
    const off = number ? `✘ Too ${at ? "high" : "low"}` : "✘ No";
    const said = sentences[at] === null ? "✔ Right" : off;
    this.inputs.forEach((input, i) => {
      const state = choices[i] === answer ? "right" : i === at && !number ? "wrong" : "";
      input.disabled = given;
      if (number) input.value = guess ?? "";
      else input.checked = i === at;
      this.rows[i].dataset.state = given ? state : "";
      this.marks[i].textContent = (given && MARKS[state]) || "";
    });
    this.button.hidden = given;
    const lines = [`${said}. The answer: ${answer} ${unit}`, sentences[at], reason];
    const shown = lines.filter(line => given && line).map(line => node("span", {}, line));
    this.words.replaceChildren(...shown);
  }
}

/** anywidget calls this once a model. */
export default function question() {
  return {
    render({ model, el }) {
      const view = new QuestionView(model, el);
      return () => view.dispose();
    },
  };
}
