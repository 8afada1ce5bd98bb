/** ECharts with what our charts need of it: one chunk that they share. */
import { LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, MarkAreaComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { LabelLayout } from "echarts/features";
import { CanvasRenderer } from "echarts/renderers";

echarts.use([LineChart, ScatterChart, GridComponent, MarkAreaComponent, LabelLayout, CanvasRenderer]);

export { echarts };
