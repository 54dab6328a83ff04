import { expect, test } from "vitest";
import { figureOf } from "../src/alerts/alertText";

test("figures are read as people type them", () => {
  const typed = ["90000", "90k", "1,234.5", "0,5", "$ 90 000", "5 %", "12,000"];
  const read = ["90000", "90000", "1234.5", "0.5", "90000", "5", "12000"];
  expect(typed.map(figureOf)).toEqual(read);
  for (const none of ["", "0", "-5", "abc", "1.2.3"]) expect(figureOf(none)).toBeNull();
});
