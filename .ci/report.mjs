// Reads `go test -json` and prints what `go test` would, then which tests did not run and why, then one line of counts.
// Exits 1 if anything failed.
import { createInterface } from "node:readline";

const output = new Map(); // package/test -> its lines, until it is known whether they matter
const skipped = [];
const count = { pass: 0, fail: 0, skip: 0 };
let broken = false;

for await (const line of createInterface({ input: process.stdin })) {
  let event;
  try {
    event = JSON.parse(line);
  } catch {
    console.log(line);
    continue;
  }
  if (event.Action === "build-output") process.stdout.write(event.Output);
  else if (event.Test) ofTest(event);
  else ofPackage(event);
}

function ofTest({ Action, Package, Test, Output }) {
  const key = `${Package}\n${Test}`;
  if (Action === "output") {
    if (!/^\s*=== /.test(Output)) output.set(key, (output.get(key) ?? "") + Output);
  } else if (Action in count) {
    const text = output.get(key) ?? "";
    output.delete(key);
    count[Action]++;
    if (Action === "fail") process.stdout.write(text);
    if (Action === "skip") skipped.push(`${Package} ${Test}: ${reason(text)}`);
  }
}

// What a test that failed by a panic or time-out wrote, its package tells: the test itself never ends.
function ofPackage({ Action, Package, Output, FailedBuild }) {
  if (Action === "output") {
    if (/^(ok|FAIL|panic|---|\?)\s/.test(Output) && !/no test files/.test(Output)) process.stdout.write(Output);
  } else if (Action === "fail") {
    broken = true;
    if (FailedBuild) console.log(`FAIL\t${Package} [build failed]`);
    for (const [key, text] of output) if (key.startsWith(`${Package}\n`)) process.stdout.write(text);
  }
  if (Action === "fail" || Action === "pass") for (const key of output.keys()) if (key.startsWith(`${Package}\n`)) output.delete(key);
}

function reason(text) {
  const said = text.split("\n").map((l) => l.replace(/^\s*\S+\.go:\d+: /, "").trim());
  return said.filter((l) => l && !l.startsWith("--- ")).join(" ") || "no reason given";
}

if (skipped.length) console.log(`\nNot run:\n  ${skipped.join("\n  ")}`);
console.log(`\n${count.pass} passed, ${count.fail} failed, ${count.skip} skipped`);
process.exit(broken || count.fail ? 1 : 0);
