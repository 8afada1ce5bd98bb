/** Drawings that wait for their turn: one in every second frame, so that each is seen before the next is made. */
const waiting = new Map<object, () => void>();
let frame = 0;

function next(): void {
  const turn = waiting.entries().next().value;
  frame = 0;
  if (!turn) return;
  waiting.delete(turn[0]);
  if (waiting.size > 0) frame = requestAnimationFrame(() => requestAnimationFrame(next));
  turn[1]();
}

/** Draws in one of the next frames. Who waits already keeps the place, with the newer drawing. */
export function inTurn(who: object, draw: () => void): void {
  waiting.set(who, draw);
  if (frame === 0) frame = requestAnimationFrame(next);
}

export function giveUpTurn(who: object): void {
  waiting.delete(who);
}
