// Puts a compressed copy beside each text file of the build: the gateway sends it to whoever takes
// it, and compresses nothing itself.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { constants, gzipSync } from "node:zlib";

const DIST = join(import.meta.dirname, "../dist");
const TEXT = /\.(?:html|js|css|svg)$/;

for (const name of readdirSync(DIST, { recursive: true })) {
  if (!TEXT.test(name)) continue;
  const file = join(DIST, name);
  writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: constants.Z_BEST_COMPRESSION }));
}
