import { expect, it } from "vitest";
import { emptiestFirst } from "../src/app/restock";

it("lists only levels of which something is known, the emptiest first", () => {
  const shelves = [
    { id: "B", percents: [null, 35, 0] },
    { id: "A", percents: [35, null, 100] },
    { id: "C", percents: [null] },
  ];
  expect(emptiestFirst(shelves).map(({ shelf, level, percent }) => [shelf, level, percent])).toEqual([
    ["B", 2, 0],
    ["A", 0, 35],
    ["B", 1, 35],
    ["A", 2, 100],
  ]);
});
