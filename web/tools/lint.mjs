// What oxlint cannot say: file sizes, the order of the packages, and who may open sockets.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const MAX_LINES = 250;
const MAX_COLUMNS = 100;
const LAYERS = {
  "packages/contracts": [],
  "packages/client": ["@uchat/contracts"],
  "packages/chat": ["@uchat/client", "@uchat/contracts", "react", "zustand"],
  "apps/trading": ["@uchat/chat", "@uchat/contracts", "marked", "react", "react-dom", "uqr"],
};

const problems = [];
for (const [layer, allowed] of Object.entries(LAYERS)) {
  for (const file of sources(join(ROOT, layer, "src"))) check(file, layer, allowed);
}
for (const problem of problems) console.error(problem);
process.exit(problems.length === 0 ? 0 : 1);

function check(file, layer, allowed) {
  const name = relative(ROOT, file);
  const text = readFileSync(file, "utf8");
  const lines = text.split("\n").length - 1;
  const generated = file.endsWith("generated.ts");
  if (lines > MAX_LINES && !generated) {
    problems.push(`${name}: ${lines} lines, ${MAX_LINES} at most`);
  }
  for (const [index, line] of text.split("\n").entries()) {
    if (line.length > MAX_COLUMNS && !generated) {
      problems.push(`${name}:${index + 1}: ${line.length} columns, ${MAX_COLUMNS} at most`);
    }
  }
  for (const [, imported] of text.matchAll(/from "([^."][^"]*)"/g)) {
    const known = allowed.some((one) => imported === one || imported.startsWith(`${one}/`));
    if (!known) problems.push(`${name}: ${layer} may not import ${imported}`);
  }
  if (layer.startsWith("apps/") && /\bnew (WebSocket|EventSource)\b|\bfetch\(/.test(text)) {
    problems.push(`${name}: components never talk to the server, the store does`);
  }
}

function sources(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|css)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}
