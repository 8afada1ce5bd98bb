import { describe, expect, test } from "vitest";
import type { DensityPayload } from "../../api/types";
import { buildTable, type Column } from "../columns";
import { layRail } from "../explore/rail";
import { samplePayload } from "../testing";
import { binsOf, cellAt, cellsOf, densityAxis, densityWords, looksLogarithmic, numberColumns } from "./density";

const table = buildTable(samplePayload());
const column = (id: string): Column => table.columns.get(id) as Column;
const [loss, accuracy] = [column("m:val_loss"), column("m:val_accuracy")];

const density = (more: Partial<DensityPayload> = {}): DensityPayload => ({
  found: 1_000_000,
  counted: 999_000,
  x: { from: 0, to: 10 },
  y: { from: 1, to: 3 },
  bins: [10, 4],
  counts: [
    [0, 0, 1],
    [9, 3, 998_999],
  ],
  ...more,
});

function planeOf(payload: DensityPayload, log = false) {
  const [railX, railY] = [layRail(densityAxis(loss, payload.x, log), 110), layRail(densityAxis(accuracy, payload.y, log), 50)];
  return { railX, railY, left: 20, bottom: 200 };
}

describe("a density", () => {
  test("draws each cell between the ends of the axes, the fullest strongest", () => {
    const cells = cellsOf(density(), planeOf(density()));
    expect(cells.map(({ x, y, width, height }) => [x, y, width, height])).toEqual([
      [25, 185, 10, 10],
      [115, 155, 10, 10],
    ]);
    expect(cells.map(({ share }) => share)).toEqual([0, 1]);
  });

  test("tells what lies under the pointer", () => {
    const payload = density();
    expect(cellAt(payload, planeOf(payload), 26, 190)).toEqual({ count: 1, across: "0 – 1", upward: "1 – 1.500" });
    expect(cellAt(payload, planeOf(payload), 60, 190)).toBeNull();
    expect(cellAt(payload, planeOf(payload), 21, 190)).toBeNull();
  });

  test("of one value has one cell in the middle", () => {
    const payload = density({ x: { from: 2, to: 2 }, counts: [[0, 1, 5]], counted: 5 });
    const [cell] = cellsOf(payload, planeOf(payload));
    expect([cell?.x, Math.round(cell?.width ?? 0), cell?.share]).toEqual([70, 10, 1]);
    expect(cellAt(payload, planeOf(payload), 75, 180)?.count).toBe(5);
  });

  test("is logarithmic where positive numbers span two powers of ten and most are small", () => {
    const counts: DensityPayload["counts"] = [
      [0, 0, 90],
      [9, 3, 10],
    ];
    const payload = density({ x: { from: 0.001, to: 10 }, y: { from: 0.001, to: 10 }, counts, counted: 100 });
    expect([looksLogarithmic(payload, 0, loss), looksLogarithmic(payload, 0, column("created"))]).toEqual([true, false]);
    expect(looksLogarithmic({ ...payload, x: { from: 0, to: 10 } }, 0, loss)).toBe(false);
    expect(looksLogarithmic({ ...payload, counts: [[9, 3, 100]] }, 0, loss)).toBe(false);
    expect(looksLogarithmic({ ...payload, counted: 0, x: { from: null, to: null }, counts: [] }, 0, loss)).toBe(false);
  });

  test("of few whole numbers has a cell for each", () => {
    const whole = density({ x: { from: 1, to: 40 }, y: { from: 1, to: 4000 } });
    expect([binsOf(whole, 0, column("version")), binsOf(whole, 1, column("step")), binsOf(whole, 0, loss)]).toEqual([40, 50, 100]);
  });

  test("says how many versions it leaves out", () => {
    expect(densityWords(density(), loss, accuracy)).toBe("999,000 of 1,000,000 versions have numbers for val_loss and val_accuracy.");
    expect(densityWords(density({ counted: 1, found: 1 }), loss, loss)).toBe("The one version has a number for val_loss.");
  });
});

test("columns of numbers are offered, those of text are not", () => {
  const ids = numberColumns(table).map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining(["version", "created", "step", "size", "m:val_loss", "hp:size"]));
  expect(ids).not.toContain("hp:optimizer");
  expect(ids).not.toContain("model");
});
