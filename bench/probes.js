// Runs in every frame before anything else: tells when there is something to see, and measures what a reader does.
(() => {
  const content = "table.versions tbody tr[data-index], #empty";
  if (window !== top) {
    const look = () => {
      const box = document.querySelector(content)?.getBoundingClientRect();
      if (!box?.height) return requestAnimationFrame(look);
      // After this frame's drawing.
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        if (!top.benchReady) top.benchReady = performance.timeOrigin + performance.now() - top.performance.timeOrigin;
      };
      channel.port2.postMessage(null);
    };
    requestAnimationFrame(look);
  }

  const tasks = [];
  new PerformanceObserver((list) => {
    // What TensorBoard's own page does in the same thread is not the tab's.
    for (const entry of list.getEntries()) if (entry.name !== "same-origin-ancestor") tasks.push(entry.duration);
  }).observe({ type: "longtask", buffered: true });
  window.benchTasks = () => tasks.splice(0);

  window.benchStatic = () =>
    performance
      .getEntriesByType("resource")
      .filter((entry) => entry.name.includes("/static/"))
      .reduce((sum, entry) => sum + entry.encodedBodySize, 0);

  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const drawn = async () => {
    await frame();
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  const scroller = () => document.querySelector(".scroller");
  const header = (id) => document.querySelector(`table.versions th[data-id="${CSS.escape(id)}"]`);
  const first = () => document.querySelector('table.versions tr[data-index="0"] input')?.getAttribute("aria-label");

  window.benchHeaders = () => [...document.querySelectorAll("table.versions th[data-id]")].map((cell) => cell.dataset.id);

  /** Milliseconds from a click on a header to other rows on screen. */
  window.benchClick = async (id) => {
    const cell = header(id);
    const before = { first: first(), sort: cell.getAttribute("aria-sort") };
    const began = performance.now();
    cell.querySelector("button.sort").click();
    while (header(id)?.getAttribute("aria-sort") === before.sort && first() === before.first) {
      if (performance.now() - began > 30_000) throw new Error(`a click on ${id} changed nothing`);
      await frame();
    }
    await drawn();
    return performance.now() - began;
  };

  window.benchAll = async () => {
    scroller().scrollTop = 0;
    await drawn();
  };

  /** From top to bottom in 40 leaps and back in small steps, one a frame; and sideways. */
  window.benchScroll = async () => {
    const box = scroller();
    const end = box.scrollHeight - box.clientHeight;
    for (let step = 0; step <= 40; step++) {
      box.scrollTop = (end * step) / 40;
      await frame();
    }
    for (let step = 0; step < 60; step++) {
      box.scrollTop -= 120;
      await frame();
    }
    for (let step = 0; step < 20; step++) {
      box.scrollLeft = step * 60;
      await frame();
    }
    await drawn();
  };
})();
