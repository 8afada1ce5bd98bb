/** The longest wait: a page in the background never draws a frame. */
const AT_MOST_MS = 500;

/** Calls back once what is being rendered now is on the screen. Returns a function that cancels. */
export function afterPaint(done: () => void): () => void {
  let waiting = true;
  const once = (): void => {
    if (waiting) done();
    waiting = false;
  };
  // One frame to draw it, and a second one, which the browser begins when the first is shown.
  requestAnimationFrame(() => requestAnimationFrame(once));
  const timer = setTimeout(once, AT_MOST_MS);
  return () => {
    waiting = false;
    clearTimeout(timer);
  };
}
