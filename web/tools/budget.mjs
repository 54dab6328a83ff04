// Fails the build when the first load grows past what a phone should have to wait for.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const ASSETS = join(import.meta.dirname, "../dist/assets");
const MOST_KB = { js: 130, css: 12 };

for (const [kind, most] of Object.entries(MOST_KB)) {
  const files = readdirSync(ASSETS).filter((name) => name.endsWith(`.${kind}`));
  const bytes = files.map((name) => gzipSync(readFileSync(join(ASSETS, name))).length);
  const kb = bytes.reduce((sum, size) => sum + size, 0) / 1000;
  if (kb > most) {
    console.error(`${kind}: ${kb.toFixed(1)} KB compressed, ${most} at most`);
    process.exitCode = 1;
  }
}
