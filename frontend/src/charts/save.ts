/** A chart as a file: the picture with its title and the names of its runs. A chunk of its own. */
import { LegendComponent, TitleComponent } from "echarts/components";
import type { EChartsCoreOption } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { Drawing } from "../model/curves/prepare";
import type { CurveLooks, Range } from "./curveAxes";
import { curveOption } from "./curveOption";
import { echarts } from "./echarts";

echarts.use([LegendComponent, TitleComponent, SVGRenderer]);

export interface Saved {
  title: string;
  drawing: Drawing;
  looks: CurveLooks;
  range: Range;
}

const WIDTH = 900;
const PLOT = 420;
const HEAD = 34;
const ROW = 20;

function optionOf({ title, drawing, looks, range }: Saved): { option: EChartsCoreOption; height: number } {
  const { paint } = looks;
  const runs = drawing.curves.map((each) => each.curve.run);
  const longest = Math.max(10, ...runs.map((run) => run.length));
  const perRow = Math.max(1, Math.floor(WIDTH / (longest * 6.5 + 50)));
  const legend = Math.ceil(runs.length / perRow) * ROW + 10;
  const height = HEAD + PLOT + legend;
  const option = curveOption(drawing, looks, range, { width: WIDTH, height: PLOT, lift: HEAD });
  const grid = option.grid as { top: number; bottom: number };
  const text = { color: paint.text, fontFamily: paint.font };
  return {
    height,
    option: {
      ...option,
      backgroundColor: paint.ground,
      grid: { ...grid, top: grid.top + HEAD, bottom: grid.bottom + legend },
      title: { text: title, left: 14, top: 10, textStyle: { ...text, fontSize: 14 } },
      legend: { data: runs, left: 14, bottom: 6, icon: "circle", itemHeight: 9, textStyle: { ...text, fontSize: 11 }, selectedMode: false },
    },
  };
}

function fileName(title: string, ending: string): string {
  return `${title.replace(/[^A-Za-z0-9._-]+/g, "_").slice(0, 80) || "chart"}.${ending}`;
}

function download(href: string, name: string): void {
  const link = document.createElement("a");
  link.href = href;
  link.download = name;
  link.click();
}

export function saveChart(saved: Saved, ending: "svg" | "png"): void {
  const { option, height } = optionOf(saved);
  const room = document.createElement("div");
  const chart = echarts.init(room, null, { renderer: ending === "svg" ? "svg" : "canvas", ssr: ending === "svg", width: WIDTH, height });
  try {
    chart.setOption(option);
    if (ending === "png") download(chart.getDataURL({ type: "png", pixelRatio: 2 }), fileName(saved.title, ending));
    else {
      const blob = new Blob([chart.renderToSVGString()], { type: "image/svg+xml" });
      const url = URL.createObjectURL(blob);
      download(url, fileName(saved.title, ending));
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    }
  } finally {
    chart.dispose();
  }
}
