/** The scatter matrix: every pair of the chosen columns. */
import type { ComponentChildren } from "preact";
import { AXES, exploreOf } from "../../state/explore";
import { useStore } from "../context";
import { AxesChoice } from "./AxesChoice";
import { Chart } from "./Chart";
import { ColorChoice } from "./ColorChoice";
import { Squares } from "./Squares";

function Head(): ComponentChildren {
  return (
    <>
      <AxesChoice limits={AXES.matrix} />
      <ColorChoice shapes />
    </>
  );
}

function Body(): ComponentChildren {
  const columns = exploreOf(useStore()).axes(AXES.matrix);
  return (
    <Chart name="Scatter matrix" axes={columns.length}>
      {(explore, room) => <Squares explore={explore} room={room} what="Scatter matrix" columns={columns} />}
    </Chart>
  );
}

export const MATRIX = { Head, Body };
