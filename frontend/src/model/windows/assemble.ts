/** The page's table, made of the windows that it has. Pure. */
import type { Registry } from "../../api/registry";
import type { TableHead, VersionsPayload } from "../../api/types";
import { buildTable, type Table } from "../columns";
import type { Kept } from "../kept";
import { type Block, blocksOf, knownPart } from "../parts";
import { withRegistry } from "../registry/late";
import { wholeOf } from "../whole";
import type { Stretch } from "./items";
import { WINDOW } from "./kept";
import { joinedRegistries } from "./registries";

/** The rows of one answer. */
export interface Piece {
  blocks: Block[];
  count: number;
  ids: readonly string[];
  registry: Registry | null;
}

/** Throws where the answer lacks a part of its own rows. */
export function pieceOf({ parts, ...head }: VersionsPayload): Piece {
  const blocks = blocksOf(head, new Map(parts.map((part) => [part.digest, knownPart(part)])));
  if (!blocks) throw new Error("TensorBoard's answer is not complete.");
  const ids = blocks.flatMap((block) => block.parts.find((part) => part.columns.id)?.columns.id ?? []);
  return { blocks, count: ids.length, ids, registry: head.registry ?? null };
}

export interface Assembled {
  table: Table;
  stretches: Stretch[];
  registry: Registry | null;
}

/** `beside`: rows that are no part of the list, such as the opened version's. */
export function assemble(
  head: TableHead,
  windows: readonly (readonly [number: number, piece: Piece])[],
  beside: readonly Piece[],
  kept: Kept,
): Assembled {
  const stretches: Stretch[] = [];
  // A row that is also in the list is found there: the last one of an id counts.
  let row = beside.reduce((sum, { count }) => sum + count, 0);
  for (const [number, { count }] of windows) {
    stretches.push({ position: number * WINDOW, row, count });
    row += count;
  }
  const pieces = [...beside, ...windows.map(([, piece]) => piece)];
  const registry = joinedRegistries(pieces.map((piece) => piece.registry));
  const whole = wholeOf(
    head,
    pieces.flatMap(({ blocks }) => blocks),
    kept,
  );
  return { table: buildTable(withRegistry(whole, registry)), stretches, registry };
}
