/** Every text of the page stands out enough from what is behind it (WCAG 2.2 AA: 4.5 to 1; drawings 3 to 1). */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const css = readFileSync(join(import.meta.dirname, "../src/ui/style/colours.css"), "utf-8");

function colours(block: RegExp): Map<string, string> {
  const body = block.exec(css)?.[1] ?? "";
  return new Map([...body.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map((match) => [match[1] ?? "", match[2] ?? ""]));
}

const light = colours(/^:root \{\n([^}]*)\}/m);
const dark = colours(/:root\[data-theme="dark"\] \{\n([^}]*)\}/);
const darkByPhone = colours(/:root:not\(\[data-theme="light"\]\) \{\n([^}]*)\}/);

/** WCAG relative luminance of an sRGB colour "#rrggbb". */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const TEXT = [
  ...["ground", "surface", "raised"].flatMap((behind) => [`ink ${behind}`, `muted ${behind}`, `accent ${behind}`]),
  ...["red", "yellow", "white"].flatMap((level) => [`${level} ${level}-soft`, `${level} surface`, `surface ${level}`]),
  ...["red-soft", "yellow-soft", "white-soft"].map((behind) => `muted ${behind}`),
  ...["good", "bad", "wait"].flatMap((tone) => [`${tone} ground`, `${tone} surface`]),
  "accent-ink accent",
  "accent accent-soft",
  "map-ink map-floor",
  "map-ink map-thing-high",
  "map-muted map-floor",
  "map-muted map-void",
];
const DRAWN = ["person", "line", "shelf", "camera", "white", "yellow", "red"].map((mark) => `map-${mark} map-floor`);

describe.each([["light", light], ["dark", dark]] as const)("%s", (_, palette) => {
  const ratio = (pair: string): number => {
    const [front = "", behind = ""] = pair.split(" ").map((name) => palette.get(name) ?? "");
    expect(front, pair).not.toBe("");
    expect(behind, pair).not.toBe("");
    return contrast(front, behind);
  };
  it.each(TEXT)("text: %s", (pair) => {
    expect(ratio(pair)).toBeGreaterThanOrEqual(4.5);
  });
  it.each(DRAWN)("drawing: %s", (pair) => {
    expect(ratio(pair)).toBeGreaterThanOrEqual(3);
  });
});

it("dark is the same whether the phone or the person chose it", () => {
  expect(darkByPhone).toEqual(dark);
});
