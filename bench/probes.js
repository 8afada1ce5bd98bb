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

  /** Milliseconds from a click on a header to all rows on screen in the new order, where the server orders them. */
  window.benchWindow = (id) => {
    const before = header(id).getAttribute("aria-sort");
    const there = () =>
      header(id)?.getAttribute("aria-sort") !== before &&
      !document.querySelector("table.versions tr.away, table.versions[aria-busy=true], [aria-busy=true] table.versions") &&
      first();
    return timed(() => header(id).querySelector("button.sort").click(), there, `an order by ${id}`);
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

  /** Whether something is drawn on a canvas: looked at in small, which is cheap. */
  const small = new OffscreenCanvas(24, 12).getContext("2d", { willReadFrequently: true });
  const inked = (canvas) => {
    if (!canvas?.width) return false;
    small.clearRect(0, 0, 24, 12);
    small.drawImage(canvas, 0, 0, 24, 12);
    return small.getImageData(0, 0, 24, 12).data.some((value) => value > 0);
  };
  const until = async (there, what) => {
    const began = performance.now();
    while (!there()) {
      if (performance.now() - began > 60_000) throw new Error(`waited in vain for ${what}`);
      await frame();
    }
    await drawn();
  };
  const timed = async (act, there, what) => {
    const began = performance.now();
    act();
    await until(there, what);
    return performance.now() - began;
  };
  const button = (text) => [...document.querySelectorAll("button, [role=tab]")].find((each) => each.textContent.trim().startsWith(text));

  /** Milliseconds from the click on "Compare" to the first curves drawn, and to all that are on screen. */
  window.benchCompare = async () => {
    const plots = () => [...document.querySelectorAll(".cmp-charts > *")].filter((each) => each.getBoundingClientRect().top < innerHeight);
    const done = (card) => inked(card.querySelector("canvas"));
    const began = performance.now();
    const first = await timed(() => button("Compare ").click(), () => plots().some(done), "curves");
    await until(() => plots().every(done), "all curves");
    return { first, all: performance.now() - began };
  };

  /** Milliseconds from the pointer's release to the zoomed curves drawn; the drag itself comes from outside. */
  window.benchZoom = () =>
    new Promise((resolve) => {
      const plot = document.querySelector(".curve-plot");
      const before = plot.dataset.range;
      const released = async () => {
        resolve(await timed(() => {}, () => plot.dataset.range !== before, "a zoom"));
      };
      addEventListener("pointerup", released, { capture: true, once: true });
    });

  /** Milliseconds from the click on a chart's tab to its last version drawn. */
  window.benchChart = (name) => timed(() => button(name).click(), () => layer("inside")?.dataset.drawn === "yes", name);
  const layer = (name) => document.querySelector(`[data-layer=${name}]`);
  const rows = () => document.querySelector("table.versions")?.getAttribute("aria-rowcount");
  window.benchRows = () => Number(rows());

  /** Milliseconds from a filter's last key to the table without the rows that it takes away. */
  window.benchFilter = (text) => {
    const input = document.querySelector('input[aria-label="Filter versions"]');
    const before = rows();
    input.focus();
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(input, text);
    const act = () => {
      input.dispatchEvent(new InputEvent("input", { bubbles: true }));
      input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
    };
    return timed(act, () => rows() !== before, `the filter ${text}`);
  };

  /** Milliseconds from the pointer's release to chart and table with the range. */
  window.benchBrush = () =>
    new Promise((resolve) => {
      const before = rows();
      const released = async () => {
        const there = () => rows() !== before && ["inside", "all"].every((name) => layer(name).dataset.drawn === "yes");
        resolve(await timed(() => {}, there, "a range"));
      };
      addEventListener("pointerup", released, { capture: true, once: true });
    });
})();
