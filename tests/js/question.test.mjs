// What is typed as a number in a question.
import assert from "node:assert/strict";
import test from "node:test";
import { numberFrom } from "../../kmeans_teach/widgets/question.mjs";

test("a point and a comma are both a decimal point, and the unit may follow", () => {
  assert.equal(numberFrom("0.25"), 0.25);
  assert.equal(numberFrom(" 0,25 "), 0.25);
  assert.equal(numberFrom("0.25 ARI", "ARI"), 0.25);
  assert.equal(numberFrom("12%", "%"), 12);
  assert.equal(numberFrom("-3"), -3);
  assert.equal(numberFrom("−3"), -3);
  assert.equal(numberFrom("+.5"), 0.5);
  assert.equal(numberFrom("7,"), 7);
  assert.equal(numberFrom("0"), 0);
});

test("nothing else is a number", () => {
  const no = [
    "",
    "  ",
    "a half",
    "1/4",
    "1.2.3",
    "0x10",
    "1e3",
    "Infinity",
    "NaN",
    "12 %",
    ".",
    "-",
  ];
  for (const text of no) assert.match(numberFrom(text), /^Type a number first/);
});

test("a comma before three digits may mean thousands", () => {
  for (const text of ["1,797", " -1,000", "1,234,567"]) {
    assert.equal(numberFrom(text), `Write ${text.trim()} without a comma, or with a point.`);
  }
  assert.match(numberFrom("273,280 pixels", "pixels"), /^Write 273,280 without/);
  assert.equal(numberFrom("0,250"), 0.25);
  assert.equal(numberFrom("1,5"), 1.5);
  assert.equal(numberFrom("1,7975"), 1.7975);
  assert.equal(numberFrom("1.797"), 1.797);
  assert.equal(numberFrom("1797"), 1797);
});
