/** Processors, memory and graphics processors, and how long the training took, side by side. Pure. */
import type { Hardware } from "./manifest";
import type { Member } from "./members";
import { type Cell, cell, type Row, row, UNKNOWN } from "./rows";
import { bytesText, grouped, significant, type Value, wholeOf } from "./text";

export function* hardwareRows(members: readonly Member[]): Generator<Row> {
  const found = members.map(({ manifest }) => manifest?.hardware ?? null);
  const said = (read: (hardware: Hardware) => Value) => found.map((each) => cellIfSaid(each && read(each)));
  yield row(
    "hardware",
    "cpu",
    "processor",
    said(({ cpu }) => cpu),
  );
  yield row(
    "hardware",
    "cores",
    "cores",
    said(({ cores }) => cores),
  );
  yield row(
    "hardware",
    "logical_cores",
    "logical cores",
    said(({ logicalCores }) => logicalCores),
  );
  yield row(
    "hardware",
    "memory",
    "memory",
    found.map((each) => memoryCell(each?.memoryBytes ?? 0n)),
  );
  yield row("hardware", "gpus", "graphics processors", found.map(gpuCell));
  yield row(
    "hardware",
    "training_seconds",
    "training time",
    members.map(({ manifest }) => timeCell(manifest?.trainingSeconds ?? 0)),
  );
}

/** "" and 0 are "not known". */
const cellIfSaid = (value: Value): Cell => (value ? cell(value) : UNKNOWN);

const memoryCell = (size: bigint): Cell => (size > 0 ? cell(size, bytesText(size)) : UNKNOWN);

function gpuCell(hardware: Hardware | null): Cell {
  if (!hardware) return UNKNOWN;
  const names = hardware.gpus.map(({ name, memoryBytes }) => name + (memoryBytes > 0 ? ` (${bytesText(memoryBytes)})` : ""));
  return cell(names.join(", ") || "none");
}

const timeCell = (seconds: number): Cell => (seconds > 0 && Number.isFinite(seconds) ? cell(seconds, duration(seconds)) : UNKNOWN);

function duration(seconds: number): string {
  if (seconds < 120) return `${significant(seconds, 3)} s`;
  const minutes = wholeOf(seconds / 60);
  return minutes < 120n ? `${minutes} min` : `${grouped(minutes / 60n)} h ${minutes % 60n} min`;
}
