/** The page's colours for a canvas. */
import type { Paint } from "./option";

/** The tokens of the page as colours that a canvas understands. */
export function paintOf(box: HTMLElement): Paint {
  const probe = document.createElement("span");
  box.append(probe);
  const color = (token: string): string => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };
  const paint = {
    text: color("--text"),
    dim: color("--dim"),
    line: color("--line"),
    ground: color("--bg"),
    accent: color("--accent"),
    good: color("--good"),
    band: color("--tint"),
    // ECharts writes the value unescaped into attributes of a saved SVG.
    font: getComputedStyle(probe).fontFamily.replaceAll('"', "'"),
  };
  probe.remove();
  return paint;
}
