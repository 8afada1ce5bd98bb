/** A queue of drawings: one in every second frame, so that each is on the screen before the next is computed. */
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

/** Draws in one of the next frames. A chart that waits already keeps its place in the queue and draws the newer drawing. */
export function inTurn(who: object, draw: () => void): void {
  waiting.set(who, draw);
  if (frame === 0) frame = requestAnimationFrame(next);
}

export function giveUpTurn(who: object): void {
  waiting.delete(who);
}
