// Fails the build when the first load, or a page that is fetched later, grows past what a phone
// should have to wait for.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const DIST = join(import.meta.dirname, "../dist");
const ASSETS = join(DIST, "assets");
const MOST_KB = { first: { js: 120, css: 12 }, later: { js: 16, css: 4 } };

const page = readFileSync(join(DIST, "index.html"), "utf8");
const sizes = readdirSync(ASSETS).map((name) => ({
  name,
  load: page.includes(name) ? "first" : "later",
  kind: name.split(".").at(-1),
  kb: gzipSync(readFileSync(join(ASSETS, name))).length / 1000,
}));

for (const kind of ["js", "css"]) {
  const first = sizes.filter((file) => file.load === "first" && file.kind === kind);
  check(`The first load's ${kind}`, first.reduce((sum, file) => sum + file.kb, 0), "first", kind);
  for (const file of sizes) {
    if (file.load === "later" && file.kind === kind) check(file.name, file.kb, "later", kind);
  }
}

function check(what, kb, load, kind) {
  const most = MOST_KB[load][kind];
  if (kb <= most) return;
  console.error(`${what}: ${kb.toFixed(1)} KB compressed, ${most} at most`);
  process.exitCode = 1;
}
