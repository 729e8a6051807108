// Size gate over dist: what the first view loads, and everything, gzipped. Fails when a limit is passed.
//   node test/size.mjs [dist]
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const FIRST_MAX = 60 * 1024;
const ALL_MAX = 150 * 1024;

const dist = process.argv[2] ?? process.env.CAIRN_WEB_OUT ?? fileURLToPath(new URL("../dist", import.meta.url));
const html = readFileSync(join(dist, "index.html"), "utf8");
const first = new Set(["index.html", ...[...html.matchAll(/(?:src|href)="\/([^"]+)"/g)].map((m) => m[1])]);

const files = [];
const walk = (dir) => {
  for (const name of readdirSync(join(dist, dir))) {
    const path = join(dir, name);
    if (statSync(join(dist, path)).isDirectory()) walk(path);
    else files.push({ path, bytes: gzipSync(readFileSync(join(dist, path)), { level: 9 }).length });
  }
};
walk("");

let all = 0;
let view = 0;
for (const f of files.sort((a, b) => b.bytes - a.bytes)) {
  all += f.bytes;
  if (first.has(f.path)) view += f.bytes;
  console.log(`${String(f.bytes).padStart(8)}  ${first.has(f.path) ? "first" : "lazy "}  ${f.path}`);
}
console.log(`first view ${view} of ${FIRST_MAX} bytes, all ${all} of ${ALL_MAX} bytes, gzipped`);
const scripts = [...html.matchAll(/<script\b[^>]*>([\s\S]*?)<\/script>/g)].filter((m) => m[1].trim() !== "");
if (scripts.length > 0 || /<style\b/.test(html) || /\son\w+=/.test(html)) {
  console.error("index.html has inline script or style; the Content-Security-Policy forbids it");
  process.exitCode = 1;
}
if (view > FIRST_MAX || all > ALL_MAX) {
  console.error("too large");
  process.exitCode = 1;
}
