// Colours of services: stable, spread, readable in both themes, never red.
import assert from "node:assert/strict";
import { test } from "node:test";
import { colorIndex, contrast, ERROR, hash, PAGE, palette, serviceColor, type Theme } from "../src/model/colors";

const themes: Theme[] = ["light", "dark"];

test("contrast as WCAG computes it", () => {
  assert.equal(contrast("#000000", "#ffffff").toFixed(2), "21.00");
  assert.equal(contrast("#777777", "#ffffff").toFixed(2), "4.48");
});

test("every colour has 3:1 to the page, in both themes", () => {
  for (const theme of themes) {
    for (const color of [...palette(theme), ERROR[theme]]) {
      assert.match(color, /^#[0-9a-f]{6}$/);
      assert.ok(contrast(color, PAGE[theme]) >= 3, `${theme} ${color} ${contrast(color, PAGE[theme]).toFixed(2)}`);
    }
    assert.equal(new Set(palette(theme)).size, palette(theme).length);
  }
  assert.equal(palette("light").length, palette("dark").length);
});

test("no service is red", () => {
  for (const theme of themes) {
    for (const color of palette(theme)) {
      const [r, g, b] = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));
      assert.ok(!(r > 1.9 * g && r > 1.9 * b), `${theme} ${color}`);
    }
  }
});

test("same name, same colour; many names use most colours", () => {
  assert.equal(hash("frontend"), hash("frontend"));
  assert.equal(serviceColor("cart", "light"), palette("light")[colorIndex("cart")]);
  const used = new Set(Array.from({ length: 200 }, (_, i) => colorIndex(`service-${i}`)));
  assert.ok(used.size >= palette("light").length - 2, String(used.size));
});
