// Answers questions about core.mjs: an array of [function, ...arguments] as JSON on standard input,
// the array of their results on standard output. tests/test_mirror.py asks.
import * as core from "../../kmeans_teach/widgets/core.mjs";
import { answer } from "./answer.mjs";

let text = "";
for await (const piece of process.stdin) text += piece;
process.stdout.write(JSON.stringify(JSON.parse(text).map(question => answer(core, question))));
