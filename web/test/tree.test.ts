// Shape of a trace and collapsing, held against slow and obvious versions on random traces.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isError, ORPHAN, readSkeleton, SkeletonError, type Skeleton } from "../src/api/skeleton";
import { findLocal, Matches, nextError, unite } from "../src/model/find";
import { Rows } from "../src/model/rows";
import { ScrollMap } from "../src/model/scroll";
import { ancestors, countServices, deriveTree, selfTime } from "../src/model/tree";
import { bigTrace, checkoutTrace, encodeSkeleton, findBits, random, TraceBuilder } from "./synth.mjs";

const ID = "00112233445566778899aabbccddeeff";

function skeletonOf(trace: TraceBuilder): Skeleton {
  const b = encodeSkeleton(trace);
  const buffer = new ArrayBuffer(b.length);
  new Uint8Array(buffer).set(b);
  return readSkeleton(buffer);
}

function samples(): Skeleton[] {
  const list = [checkoutTrace(ID, 1n, ID), bigTrace(ID, 1n, 1), bigTrace(ID, 1n, 2)];
  for (let seed = 1; seed <= 12; seed++) list.push(bigTrace(ID, 1n, 20 + seed * 37, seed, { depth: seed % 2 ? 5 : 60 }));
  return list.map(skeletonOf);
}

function childrenOf(k: Skeleton, row: number): number[] {
  const list: number[] = [];
  for (let r = 0; r < k.n; r++) if (k.parent[r] === row) list.push(r);
  return list;
}

function descendants(k: Skeleton, row: number): number[] {
  return childrenOf(k, row).flatMap((c) => [c, ...descendants(k, c)]);
}

test("depth, sizes, errors and positions equal the obvious ones", () => {
  for (const k of samples()) {
    const tree = deriveTree(k);
    const tops = [...k.parent.keys()].filter((r) => k.parent[r] >= ORPHAN);
    for (let r = 0; r < k.n; r++) {
      const below = descendants(k, r);
      const siblings = k.parent[r] >= ORPHAN ? tops : childrenOf(k, k.parent[r]);
      assert.equal(tree.depth[r], ancestors(k, r).length);
      assert.equal(tree.size[r], below.length + 1);
      assert.equal(tree.errors[r], [r, ...below].filter((x) => isError(k, x)).length);
      assert.equal(tree.position[r], siblings.indexOf(r) + 1);
      assert.equal(tree.children[r], childrenOf(k, r).length);
    }
    assert.equal(tree.roots, tops.length);
    assert.equal(tree.orphans, tops.filter((r) => k.parent[r] === ORPHAN).length);
    assert.equal(tree.depthMax, Math.max(...tree.depth));
  }
});

test("rows that are not in pre-order are refused", () => {
  const b = new TraceBuilder(ID, 1n);
  b.span({ service: "a", name: "r1", start: 0, duration: 9 });
  b.span({ parent: 0, service: "a", name: "c1", start: 1, duration: 1 });
  b.span({ parent: 0, service: "a", name: "c2", start: 2, duration: 1 });
  b.span({ parent: 1, service: "a", name: "late child of c1", start: 3, duration: 1 });
  assert.throws(() => deriveTree(skeletonOf(b)), SkeletonError);
});

test("a chain of 50,000 spans needs no recursion", () => {
  const b = new TraceBuilder(ID, 1n);
  for (let i = 0; i < 50000; i++) b.span({ ...(i ? { parent: i - 1 } : {}), service: "a", name: "x", start: i, duration: 100000 - 2 * i });
  const k = skeletonOf(b);
  const tree = deriveTree(k);
  assert.equal(tree.depthMax, 49999);
  assert.equal(tree.size[0], 50000);
  const rows = new Rows(k, tree);
  rows.collapseAll(0);
  assert.equal(rows.count, 1);
  rows.reveal(49999);
  assert.equal(rows.count, 50000);
});

test("self time is what no child covers", () => {
  const b = new TraceBuilder(ID, 1n);
  b.span({ service: "a", name: "r", start: 100, duration: 100 });
  b.span({ parent: 0, service: "a", name: "before", start: 90, duration: 20 }); // covers 100-110
  b.span({ parent: 0, service: "a", name: "in", start: 120, duration: 30 }); // 120-150
  b.span({ parent: 2, service: "a", name: "grandchild", start: 121, duration: 1 });
  b.span({ parent: 0, service: "a", name: "overlaps", start: 140, duration: 20 }); // to 160
  b.span({ parent: 0, service: "a", name: "outlives", start: 190, duration: 90 }); // 190-200
  const k = skeletonOf(b);
  const tree = deriveTree(k);
  assert.equal(selfTime(k, tree, 0), 100 - 10 - 40 - 10);
  assert.equal(selfTime(k, tree, 3), 1);
  assert.equal(tree.skewed, 1);
});

test("collapsing shows exactly the rows without a collapsed ancestor", () => {
  const rnd = random(3);
  for (const k of samples()) {
    const tree = deriveTree(k);
    const rows = new Rows(k, tree);
    const collapsed = new Set<number>();
    for (let step = 0; step < 40; step++) {
      const row = Math.floor(rnd() * k.n);
      if (rnd() < 0.2) {
        rows.reveal(row);
        for (const a of ancestors(k, row)) collapsed.delete(a);
      } else {
        const close = rnd() < 0.7;
        rows.setCollapsed(row, close);
        if (tree.size[row] > 1) close ? collapsed.add(row) : collapsed.delete(row);
      }
      const want = [...Array(k.n).keys()].filter((r) => !ancestors(k, r).some((a) => collapsed.has(a)));
      assert.deepEqual(Array.from({ length: rows.count }, (_, i) => rows.at(i)), want);
      for (let r = 0; r < k.n; r++) {
        const shown = want.includes(r);
        assert.equal(rows.isShown(r), shown);
        if (shown) assert.equal(rows.indexOf(r), want.indexOf(r));
      }
    }
    rows.expandAll();
    assert.equal(rows.count, k.n);
    rows.collapseAll(1);
    assert.ok([...Array(rows.count).keys()].every((i) => tree.depth[rows.at(i)] <= 1));
  }
});

test("a hidden row's place is its nearest shown ancestor's", () => {
  const k = skeletonOf(checkoutTrace(ID, 1n, ID));
  const rows = new Rows(k, deriveTree(k));
  rows.setCollapsed(3, true); // cart, with 7 rows below
  assert.equal(rows.at(rows.indexOf(6)), 3);
});

test("services are counted", () => {
  const k = skeletonOf(checkoutTrace(ID, 1n, ID));
  const counts = countServices(k);
  assert.equal(counts.reduce((a, s) => a + s.spans, 0), k.n);
  assert.deepEqual(counts[0], { service: "catalog", spans: 6, errors: 0 });
  assert.equal(counts.find((s) => s.service === "payment")?.errors, 3);
});

test("find: names and services, case ignored; next and previous go round", () => {
  const trace = checkoutTrace(ID, 1n, ID);
  const k = skeletonOf(trace);
  const m = new Matches(findLocal(k, "CHARGE"), k.n);
  assert.deepEqual([...m.rows], [...Array(k.n).keys()].filter((r) => trace.cols.name[r] === trace.cols.name[m.rows[0]]));
  assert.equal(m.rows.length, 3);
  assert.equal(m.next(m.rows[0], 1), 1);
  assert.equal(m.next(m.rows[2], 1), 0);
  assert.equal(m.next(0, -1), 2);
  assert.equal(m.next(m.rows[1], -1), 0);
  assert.ok(m.has(m.rows[1]) && !m.has(m.rows[1] + 1));
  assert.equal(new Matches(findLocal(k, "no such name"), k.n).next(0, 1), -1);
  assert.equal(new Matches(findLocal(k, ""), k.n).rows.length, 0);
  const both = new Matches(unite(findLocal(k, "acquirer"), new Uint8Array(findBits(trace, "acquirer"))), k.n);
  assert.equal(both.rows.length, 3);
});

test("next error goes round", () => {
  const bad = new Set([2, 5]);
  const at = (row: number, d: 1 | -1): number => nextError((r) => bad.has(r), 8, row, d);
  assert.deepEqual([at(0, 1), at(2, 1), at(5, 1), at(2, -1), at(7, -1)], [2, 5, 2, 5, 5]);
  assert.equal(nextError(() => false, 8, 0, 1), -1);
});

test("scroll map: plain while the list fits, exact at both ends when it does not", () => {
  const map = new ScrollMap(1000);
  map.set(900, 100);
  assert.equal(map.scale, 1);
  assert.equal(map.spacer, 900);
  assert.equal(map.toList(333), 333);
  map.set(24e6, 100);
  assert.equal(map.spacer, 1000);
  assert.equal(map.toList(0), 0);
  assert.equal(map.toList(900), 24e6 - 100);
  assert.equal(map.toScroll(map.topMax), 900);
  for (const top of [0, 1, 12345, 1e7, 24e6 - 100]) assert.ok(Math.abs(map.toList(map.toScroll(top)) - top) < 1e-6);
  map.set(50, 100);
  assert.equal(map.spacer, 100);
  assert.equal(map.topMax, 0);
  assert.equal(map.toList(10), 0);
});
