// The UI in a real browser (Debian's Chromium, driven by playwright-core), against the mock or a real server.
//
//   node test/browser.mjs                                        the mock, serving dist
//   CAIRN_URL=http://127.0.0.1:16686 CAIRN_TRACE=<32 hex> node test/browser.mjs
//                                                                a real server; tests that need the mock's data are skipped
//   CAIRN_WEB_OUT    where dist is                 CAIRN_SHOTS      where screenshots go (default: a temporary folder)
//   CHROMIUM         the browser's path            CAIRN_PERF=1     also hold times against the budget
//
// Console errors, page errors, violations of the Content-Security-Policy and requests to other hosts fail a test.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { IDS, startMock } from "./mock.mjs";

const REAL = process.env.CAIRN_URL;
const DIST = process.env.CAIRN_WEB_OUT ?? fileURLToPath(new URL("../dist", import.meta.url));
const SHOTS = process.env.CAIRN_SHOTS ?? join(tmpdir(), "cairn-web-shots");
const CHROMIUM = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((p) => p && existsSync(p));
const PERF = process.env.CAIRN_PERF === "1";
const ARGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--force-device-scale-factor=1", "--hide-scrollbars", "--font-render-hinting=none", "--disable-lcd-text"];
const NODES_MAX = 1500;
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const skip = CHROMIUM ? false : "chromium is not installed";
const mockOnly = skip || (REAL ? "needs the mock's data" : false);
const TRACE = REAL ? process.env.CAIRN_TRACE : IDS.checkout;
const needsTrace = skip || (TRACE ? false : "CAIRN_TRACE is not set");

let browser;
let mock;
let base = REAL;

before(async () => {
  if (!CHROMIUM) return;
  mkdirSync(SHOTS, { recursive: true });
  if (!REAL) {
    assert.ok(existsSync(join(DIST, "index.html")), `${DIST} holds no build; run npm run build`);
    mock = await startMock({ dist: DIST });
    base = mock.url;
  }
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS });
});

after(async () => {
  await browser?.close();
  await mock?.close();
});

/** Runs fn with a fresh page and fails on anything that page complains about. allow: expected complaints. */
async function withPage(options, fn) {
  const { allow = [], ...rest } = options;
  const context = await browser.newContext({ viewport: { width: 1360, height: 820 }, timezoneId: "UTC", locale: "en-US", reducedMotion: "reduce", ...rest });
  const page = await context.newPage();
  const complaints = [];
  const note = (what) => {
    if (!allow.some((a) => what.includes(a))) complaints.push(what);
  };
  page.on("console", (m) => ["error", "warning"].includes(m.type()) && note(`${m.type()}: ${m.text()}`));
  page.on("pageerror", (e) => note(`page error: ${e.message}`));
  page.on("crash", () => note("the page crashed"));
  page.on("request", (r) => {
    if (!r.url().startsWith(base) && !/^(data|blob):/.test(r.url())) note(`request to ${r.url()}`);
  });
  await page.addInitScript(() => {
    window.longTasks = [];
    new PerformanceObserver((l) => window.longTasks.push(...l.getEntries().map((e) => Math.round(e.duration)))).observe({ type: "longtask", buffered: true });
    document.addEventListener("securitypolicyviolation", (e) => console.error(`CSP: ${e.violatedDirective} ${e.blockedURI}`));
  });
  try {
    await fn(page);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

const shot = (page, name) => page.screenshot({ path: join(SHOTS, `${name}.png`) }); // and the bytes of the picture
const visibleRows = ".row:not([hidden])";
const frame = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))));
const openTrace = async (page, id = TRACE, query = "") => {
  await page.goto(`${base}/trace/${id}${query}`);
  await page.waitForSelector(visibleRows);
  await frame(page);
};
/** The trace's model and what the canvas drew: the hook that the page leaves on the grid. */
const model = (page, fn, arg) => page.evaluate(([f, a]) => {
  const { model: m, drawn } = document.querySelector(".grid").cairn;
  // the function comes from the test, not from the page: only the test's evaluation may do this
  return (0, eval)(`(${f})`)(m, a, drawn());
}, [String(fn), arg]);
const selected = (page) => page.getAttribute(".row.selected", "aria-label");
const nodes = (page) => page.evaluate(() => document.getElementsByTagName("*").length);

async function axe(page, what) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
  assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target.join(" ")).join(", ")}`), [], what);
}

// --- against any server ---

test("search page: opens, shows its state, and finds a trace by its pasted id", { skip: needsTrace }, async () => {
  await withPage({}, async (page) => {
    await page.goto(base);
    await page.waitForSelector(".trace-row, .notice");
    assert.equal(await page.locator("form.search-form").count(), 1);
    await shot(page, "search");
    await page.fill("#omnibox", "not a trace id");
    await page.press("#omnibox", "Enter");
    assert.match(await page.textContent("#omnibox-bad"), /no trace id/);
    await page.fill("#omnibox", `00-${TRACE}-0000000000000001-01`);
    await page.press("#omnibox", "Enter");
    await page.waitForSelector(visibleRows);
    assert.ok(page.url().includes(TRACE));
    await page.goBack();
    await page.waitForSelector("form.search-form");
  });
});

test("search to trace: a result opens, and back returns to the list", { skip: needsTrace }, async () => {
  await withPage({}, async (page) => {
    await page.goto(`${base}/?range=30d&limit=100`);
    const link = page.locator(".trace-row a").first();
    await link.waitFor();
    const href = await link.getAttribute("href");
    await link.click();
    await page.waitForSelector(visibleRows);
    assert.equal(new URL(page.url()).pathname, href);
    await page.click(".trace-line a.icon-button");
    await page.waitForSelector(".trace-row");
    assert.ok(page.url().includes("limit=100"));
  });
});

/** The colours [r, g, b] of a screenshot at the points [x, y], read by a page of its own. */
async function colours(png, points) {
  const page = await browser.newPage();
  const found = await page.evaluate(async ([src, wanted]) => {
    const image = new Image();
    image.src = src;
    await image.decode();
    const context = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height }).getContext("2d", { willReadFrequently: true });
    context.drawImage(image, 0, 0);
    return wanted.map(([x, y]) => [...context.getImageData(Math.round(x), Math.round(y), 1, 1).data.slice(0, 3)]);
  }, [`data:image/png;base64,${png.toString("base64")}`, points]);
  await page.close();
  return found;
}
const differs = (a, b) => Math.max(...a.map((v, i) => Math.abs(v - b[i]))) > 24;

test("trace: the picture has every visible row's bar where its times say", { skip: needsTrace }, async () => {
  await withPage({ colorScheme: "light" }, async (page) => {
    await openTrace(page);
    await page.mouse.move(5, 5);
    await frame(page);
    const png = await shot(page, "trace");
    const canvas = await page.locator("canvas.bars").boundingBox();
    const bars = await model(page, (m, _, drawn) => {
      const { k } = m, { from, to } = m.view.value, total = to - from;
      return drawn.map((d) => ({ ...d, from: k.start[d.row] / total, share: k.duration[d.row] / total }));
    });
    assert.ok(bars.length > 0);
    const inner = canvas.width - 12; // the canvas keeps 6 px free at both ends
    for (const b of bars) {
      assert.ok(Math.abs(b.x - 6 - b.from * inner) <= 2, `row ${b.row}: bar at ${b.x}, its start is at ${6 + b.from * inner}`);
      assert.ok(Math.abs(b.width - Math.max(2, b.share * inner)) <= 2, `row ${b.row}: bar ${b.width} px wide, its duration is ${b.share * inner}`);
    }
    // somewhere over each bar's height a pixel at its start is not the background's
    const seen = bars.filter((b) => b.y >= 0 && b.y + 20 <= canvas.height);
    const points = seen.map((b) => [[2, b.y + 2], ...[-1, 0, 1].flatMap((dx) => Array.from({ length: 20 }, (_, dy) => [b.x + dx, b.y + dy]))]);
    const found = await colours(png, points.flat().map(([x, y]) => [canvas.x + x, canvas.y + y]));
    for (const [i, b] of seen.entries()) {
      const [background, ...first] = found.splice(0, points[i].length);
      assert.ok(first.some((p) => differs(p, background)), `row ${b.row}: no bar in the picture at x ${b.x}`);
    }
  });
});

test("trace: a selection is in the address even when the page is left at once", { skip: needsTrace }, async () => {
  await withPage({}, async (page) => {
    await openTrace(page);
    await page.evaluate(() => {
      document.querySelector(".grid").cairn.model.select(1, { details: true });
      document.querySelector(".trace-line a.icon-button").click();
    });
    await page.waitForSelector("form.search-form");
    await page.goBack();
    await page.waitForSelector(visibleRows);
    assert.match(page.url(), /[?&]span=[0-9a-f]{16}/);
  });
});

test("trace: keyboard only", { skip: needsTrace }, async () => {
  await withPage({}, async (page) => {
    await openTrace(page);
    const n = await model(page, (m) => m.k.n);
    await page.keyboard.press("Home");
    await frame(page);
    const first = await selected(page);
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("role")), "row", "focus is on the row");
    if (n > 1) {
      await page.keyboard.press("j");
      await frame(page);
      assert.notEqual(await selected(page), first);
      await page.keyboard.press("ArrowUp");
      await frame(page);
      assert.equal(await selected(page), first);
    }
    await page.keyboard.press("Enter");
    await page.waitForSelector(".detail .attributes");
    assert.match(page.url(), /span=[0-9a-f]{16}|trace/);
    await page.waitForFunction(() => /span=[0-9a-f]{16}/.test(window.location.search));
    await page.keyboard.press("Escape");
    assert.equal(await page.locator(".detail").count(), 0);
    await page.keyboard.press("?");
    await page.waitForSelector("dialog.help[open]");
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog.help", { state: "detached" });
  });
});

test("trace: collapse, expand, zoom, pan, fit", { skip: needsTrace }, async () => {
  await withPage({}, async (page) => {
    await openTrace(page);
    const { n, total } = await model(page, (m) => ({ n: m.k.n, total: m.total }));
    await page.keyboard.press("[");
    await frame(page);
    const folded = await model(page, (m) => m.rows.count);
    assert.ok(n < 3 || folded < n);
    assert.equal(await page.getAttribute(".grid", "aria-rowcount"), String(folded + 1));
    await page.keyboard.press("]");
    await frame(page);
    assert.equal(await model(page, (m) => m.rows.count), n);
    await page.keyboard.press("+");
    await page.keyboard.press("w");
    await frame(page);
    const zoomed = await model(page, (m) => m.view.value);
    assert.ok(zoomed.to - zoomed.from < total / 2);
    await page.keyboard.press("d");
    await frame(page);
    assert.ok((await model(page, (m) => m.view.value)).from > zoomed.from);
    await page.waitForFunction(() => window.location.search.includes("window="));
    await page.click(".window-chip");
    await frame(page);
    assert.deepEqual(await model(page, (m) => m.view.value), { from: 0, to: total });
    // ctrl + wheel keeps the time under the pointer
    const axis = await page.locator(".grid-axis").boundingBox();
    await page.mouse.move(axis.x + axis.width * 0.25, axis.y + 120);
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, -400);
    await page.keyboard.up("Control");
    await frame(page);
    const wheeled = await model(page, (m) => m.view.value);
    assert.ok(wheeled.to - wheeled.from < total * 0.7);
    const anchor = (wheeled.from + (wheeled.to - wheeled.from) * 0.25) / total;
    assert.ok(Math.abs(anchor - 0.25) < 0.02, `anchor at ${anchor}`);
    await page.mouse.dblclick(axis.x + 50, axis.y + 10);
    // dragging on the overview and on the axis zooms to what was dragged
    for (const where of [".minimap canvas", ".grid-axis canvas"]) {
      const box = await page.locator(where).boundingBox();
      await page.mouse.move(box.x + box.width * 0.2, box.y + 12);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.6, box.y + 14, { steps: 4 });
      await page.mouse.up();
      await frame(page);
      const v = await model(page, (m) => m.view.value);
      assert.ok(Math.abs(v.from / total - 0.2) < 0.03 && Math.abs(v.to / total - 0.6) < 0.03, `${where}: ${v.from / total} to ${v.to / total}`);
      await page.click(".window-chip");
      await frame(page);
    }
  });
});

test("trace: find by service, attributes from the server, walking through matches", { skip: needsTrace }, async () => {
  await withPage({}, async (page) => {
    await openTrace(page);
    const service = await model(page, (m) => m.services[0]);
    await page.keyboard.press("/");
    await page.keyboard.type(service.service);
    await page.waitForFunction(() => document.querySelector(".grid").cairn.model.findState.value === "");
    const found = await model(page, (m) => m.matches.value.rows.length);
    assert.ok(found >= service.spans);
    await page.keyboard.press("Enter");
    await frame(page);
    assert.match(await page.textContent(".find-count"), /^[\d,]+ of [\d,]+$/);
    await page.keyboard.press("Escape");
    await frame(page);
    assert.equal(await page.locator(".find-count").count(), 0);
  });
});

test("trace that does not exist, page that does not exist", { skip }, async () => {
  await withPage({ allow: ["404"] }, async (page) => {
    await page.goto(`${base}/trace/ffffffffffffffffffffffffffffff01`);
    await page.waitForSelector(".notice");
    assert.match(await page.textContent(".notice"), /not here/);
    await page.goto(`${base}/nowhere`);
    await page.waitForSelector(".notice");
    assert.match(await page.textContent(".notice"), /No such page/);
    await page.goto(`${base}/about`);
    await page.waitForSelector(".about-title");
    await page.waitForFunction(() => /version \d/.test(document.body.textContent));
  });
});

// --- against the mock ---

test("search: form, completion, address, errors, empty", { skip: mockOnly }, async () => {
  await withPage({ allow: ["500"] }, async (page) => {
    await page.goto(base);
    await page.waitForSelector(".trace-row");
    assert.match(await page.textContent(".total"), /20 of at most 20; older ones may exist/);
    await page.click("#service");
    await page.locator("#service-list li", { hasText: "frontend" }).click();
    await page.click("#tags");
    await page.keyboard.type("http.r");
    await page.waitForSelector("#tags-list li");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.getElementById("tags").value.endsWith("="));
    await page.locator("#tags-list li", { hasText: "/a b" }).waitFor();
    await shot(page, "search-completion");
    await page.locator("#tags-list li", { hasText: "/checkout" }).click();
    assert.equal(await page.inputValue("#tags"), "http.route=/checkout ");
    await page.selectOption("#limit", "50");
    await page.click(".submit");
    await page.waitForFunction(() => document.querySelectorAll(".trace-row").length === 1);
    const q = new URL(page.url()).searchParams;
    assert.deepEqual([q.get("service"), q.get("tags"), q.get("limit")], ["frontend", "http.route=/checkout", "50"]);
    assert.match(await page.textContent(".total"), /All 1 trace that match/);
    await page.reload();
    await page.waitForSelector(".trace-row");
    assert.equal(await page.inputValue("#service"), "frontend");
    await page.fill("#min", "fast");
    await page.click(".submit");
    assert.match(await page.textContent("#min-bad"), /duration such as/);
    await page.fill("#min", "10m");
    await page.click(".submit");
    await page.waitForSelector(".notice");
    assert.match(await page.textContent(".notice"), /No trace matches/);
    await shot(page, "search-empty");
    await page.goto(`${base}/?op=fail`);
    await page.waitForSelector(".notice.bad");
    assert.match(await page.textContent(".notice"), /asked to fail/);
  });
});

test("search: sorting, plot tooltip, selection box, opening from the plot", { skip: mockOnly }, async () => {
  await withPage({}, async (page) => {
    await page.goto(`${base}/?limit=200`);
    await page.waitForSelector(".trace-row");
    await page.click("text=Longest");
    assert.match(page.url(), /sort=longest/);
    await page.waitForFunction((id) => document.querySelector(".trace-row a").getAttribute("href").includes(id), IDS.million.slice(0, 4));
    const box = await page.locator(".plot canvas").boundingBox();
    await page.mouse.move(box.x + 100, box.y + 14);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 100, { steps: 5 });
    await page.mouse.up();
    await page.waitForSelector(".button-chip");
    assert.match(page.url(), /box=/);
    const some = await page.locator(".trace-row").count();
    assert.ok(some > 0 && some < 200);
    await shot(page, "search-box");
    await page.click(".list-head .button-chip");
    await page.waitForFunction(() => !window.location.search.includes("box="));
    // look for a mark: move until the tooltip shows, then click
    let hit = false;
    for (let x = 60; x < box.width && !hit; x += 6) {
      for (let y = 14; y < 130 && !hit; y += 8) {
        await page.mouse.move(box.x + x, box.y + y);
        hit = (await page.locator(".plot .tip").count()) > 0;
      }
    }
    assert.ok(hit, "a mark was found");
    await shot(page, "search-tip");
    const at = await page.evaluate(() => document.querySelector(".plot .tip").textContent);
    assert.match(at, /span/);
    await page.mouse.down();
    await page.mouse.up();
    await page.waitForSelector(visibleRows);
  });
});

test("trace: details with events, exception, links, filters, copy", { skip: mockOnly }, async () => {
  await withPage({ permissions: ["clipboard-read", "clipboard-write"] }, async (page) => {
    await openTrace(page);
    assert.match(await page.textContent(".warnings"), /2 spans have a parent that is not in this trace/);
    const bars = await model(page, (m, a, drawn) => drawn);
    const zero = bars.find((b) => b.row === 2);
    assert.equal(zero.width, 2, "a span of 0 ns is a tick of 2 px");
    assert.ok(bars.every((b) => b.width >= 2));
    await page.locator(visibleRows, { hasText: "POST /charge" }).first().click();
    await page.waitForSelector(".event.exception");
    assert.match(await page.textContent(".stack pre"), /charge_card/);
    assert.match(await page.textContent(".detail-facts"), /error: card declined/);
    await page.click(".detail-tools .button");
    const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
    assert.equal(copied.name, "POST /charge");
    const filter = await page.locator(".attributes a.icon-button").first().getAttribute("href");
    assert.equal(new URLSearchParams(filter.slice(2)).get("tags"), "http.request.method=POST");
    await shot(page, "trace-details");
    const link = page.locator(".span-link a");
    assert.match(await link.getAttribute("href"), new RegExp(IDS.linked));
    await link.click();
    await page.waitForFunction((id) => document.querySelector(".fact.id code")?.textContent === id, IDS.linked);
    await page.waitForSelector(".detail .attributes");
    await page.goBack();
    await page.waitForFunction((id) => document.querySelector(".fact.id code")?.textContent === id, IDS.checkout);
    await page.waitForSelector(".event.exception");
  });
});

test("trace: errors, collapsed parents, attribute find", { skip: mockOnly }, async () => {
  await withPage({}, async (page) => {
    await openTrace(page);
    await page.keyboard.press("e");
    await frame(page);
    assert.match(await selected(page), /orders orders.create, .*error/);
    await page.keyboard.press("ArrowLeft");
    await frame(page);
    const label = await selected(page);
    assert.match(label, /error below/);
    assert.match(label, /14 spans below/);
    assert.equal(await page.getAttribute(".row.selected", "aria-expanded"), "false");
    await shot(page, "trace-collapsed");
    // a match inside a collapsed parent opens it
    await page.keyboard.press("/");
    await page.keyboard.type("insufficient FUNDS");
    await page.waitForFunction(() => document.querySelector(".find-count")?.textContent === "3");
    await page.keyboard.press("Enter");
    await frame(page);
    assert.match(await selected(page), /payment POST \/charge/);
    assert.equal(await page.textContent(".find-count"), "1 of 3");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("n");
    await frame(page);
    assert.equal(await page.textContent(".find-count"), "2 of 3");
    await page.keyboard.press("N");
    await page.keyboard.press("N");
    await frame(page);
    assert.equal(await page.textContent(".find-count"), "3 of 3");
    await shot(page, "trace-find");
  });
});

test("trace: treegrid semantics", { skip: mockOnly }, async () => {
  await withPage({}, async (page) => {
    await openTrace(page);
    const got = await page.evaluate(() => [...document.querySelectorAll(".row:not([hidden])")].sort((a, b) => a.ariaRowIndex - b.ariaRowIndex).slice(0, 5).map((r) => [r.ariaRowIndex, r.ariaLevel, r.ariaPosInSet, r.ariaSetSize, r.ariaExpanded, r.tabIndex]));
    assert.deepEqual(got, [
      ["2", "1", "1", "3", "true", 0],
      ["3", "2", "1", "5", null, -1],
      ["4", "2", "2", "5", null, -1],
      ["5", "2", "3", "5", "true", -1],
      ["6", "3", "1", "7", null, -1],
    ]);
  });
});

for (const [what, id, rows] of [["100k", IDS.huge, 100000], ["1M", IDS.million, 1000000]]) {
  test(`trace of ${what} spans: whole, few nodes, to the last row`, { skip: mockOnly }, async (t) => {
    await withPage({}, async (page) => {
      mock.data.trace(id); // made before, so that only the page is measured
      const start = Date.now();
      await openTrace(page, id);
      const opened = Date.now() - start;
      assert.equal(await page.getAttribute(".grid", "aria-rowcount"), String(rows + 1));
      assert.ok((await nodes(page)) <= NODES_MAX, `${await nodes(page)} nodes`);
      await page.waitForTimeout(300);
      await page.evaluate(() => (window.longTasks.length = 0));
      const box = await page.locator(".grid-scroll").boundingBox();
      await page.mouse.move(box.x + 600, box.y + 200);
      for (let i = 0; i < 15; i++) await page.mouse.wheel(0, 700);
      await frame(page);
      const first = await page.evaluate(() => Math.min(...[...document.querySelectorAll(".row:not([hidden])")].map((r) => Number(r.ariaRowIndex))));
      assert.ok(first > 300 && first < 600, `15 turns of the wheel lead to row ${first}`);
      await page.keyboard.press("End");
      await frame(page);
      assert.equal(await page.getAttribute(".row.selected", "aria-rowindex"), String(rows + 1));
      // the scroll bar's ends are the list's ends
      await page.evaluate(() => (document.querySelector(".grid-scroll").scrollTop = 0));
      await frame(page);
      assert.ok(await page.locator('.row[aria-rowindex="2"]:not([hidden])').count());
      await page.evaluate(() => (document.querySelector(".grid-scroll").scrollTop = 1e9));
      await frame(page);
      assert.ok(await page.locator(`.row[aria-rowindex="${rows + 1}"]:not([hidden])`).count());
      for (const key of ["[", "]", "Home", "w", "w", "d", "e", "e", "f"]) {
        await page.keyboard.press(key);
        await frame(page);
      }
      await page.keyboard.press("/");
      await page.keyboard.type("token.verify");
      await page.waitForFunction(() => document.querySelector(".grid").cairn.model.findState.value === "");
      await page.keyboard.press("Enter");
      await frame(page);
      assert.ok((await nodes(page)) <= NODES_MAX, `${await nodes(page)} nodes`);
      await shot(page, `trace-${what}`);
      const long = await page.evaluate(() => window.longTasks);
      const heap = await page.evaluate(() => Math.round(performance.memory.usedJSHeapSize / 1e6));
      t.diagnostic(`opened in ${opened} ms, ${await nodes(page)} nodes, long tasks after load [${long.join(", ")}] ms, heap ${heap} MB`);
      if (PERF) assert.ok(opened <= (rows > 100000 ? 4000 : 800) && Math.max(0, ...long) <= 100);
    });
  });
}

test("trace: cut, deep", { skip: mockOnly }, async () => {
  await withPage({}, async (page) => {
    await openTrace(page, IDS.cut);
    assert.match(await page.textContent(".warnings"), /Only 4,000 of 9,000 spans are shown/);
    await openTrace(page, IDS.deep);
    await page.keyboard.press("End");
    await frame(page);
    await shot(page, "trace-deep");
    assert.match(await selected(page), /level 1499/);
    const inside = await page.evaluate(() => [...document.querySelectorAll(".row:not([hidden]) .row-op")].every((e) => e.getBoundingClientRect().right <= document.querySelector(".name-resizer").getBoundingClientRect().right + 4));
    assert.ok(inside, "names stay inside their column");
  });
});

test("every page in light, dark and on a phone: axe, no sideways scrolling", { skip: mockOnly }, async () => {
  const looks = [
    ["light", { colorScheme: "light" }],
    ["dark", { colorScheme: "dark" }],
    ["phone", { colorScheme: "light", viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
    ["phone-dark", { colorScheme: "dark", viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
  ];
  const { cols, strings } = mock.data.trace(IDS.checkout);
  const charge = mock.data.trace(IDS.checkout).spanId(cols.name.indexOf(strings.index.get("POST /charge"))).toString("hex");
  for (const [look, options] of looks) {
    await withPage({ ...options, allow: ["404"] }, async (page) => {
      await page.goto(base);
      await page.waitForSelector(".trace-row");
      await axe(page, `search ${look}`);
      await shot(page, `search-${look}`);
      await openTrace(page);
      await axe(page, `trace ${look}`);
      await shot(page, `trace-${look}`);
      await openTrace(page, TRACE, `?span=${charge}`);
      await page.waitForSelector(".event.exception");
      await axe(page, `details ${look}`);
      await shot(page, `details-${look}`);
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
      assert.ok(!sideways, `${look}: the page is wider than the window`);
      await page.goto(`${base}/about`);
      await page.waitForSelector(".about-title");
      await axe(page, `about ${look}`);
      await page.goto(`${base}/trace/ffffffffffffffffffffffffffffff01`);
      await page.waitForSelector(".notice");
      await axe(page, `not found ${look}`);
    });
  }
});

test("theme: the choice is kept", { skip: mockOnly }, async () => {
  await withPage({ colorScheme: "light" }, async (page) => {
    await page.goto(base);
    const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await background();
    const button = page.locator('.topbar button[aria-label^="Theme"]');
    await button.click();
    await button.click();
    assert.match(await button.getAttribute("aria-label"), /Dark/);
    const dark = await background();
    assert.notEqual(dark, light);
    await page.reload();
    await page.waitForSelector(".topbar");
    assert.equal(await background(), dark);
  });
});
