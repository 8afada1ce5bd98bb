/** The charts over many versions: one chunk, loaded when one of them is first shown. */
import { adopt } from "../../elements/css";
import { ACROSS_DENSITY, SCATTER_DENSITY } from "./Density";
import css from "./explore.css?inline";
import { MATRIX } from "./Matrix";
import { PARALLEL } from "./Parallel";
import { SCATTER } from "./Scatter";

adopt(css);

export { ACROSS_DENSITY, MATRIX, PARALLEL, SCATTER, SCATTER_DENSITY };
