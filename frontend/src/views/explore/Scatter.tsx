/** One column against another. */
import type { ComponentChildren } from "preact";
import { exploreOf } from "../../state/explore";
import { useStore } from "../context";
import { Chart } from "./Chart";
import { ColorChoice } from "./ColorChoice";
import { ColumnSelect } from "./ColumnSelect";
import { Squares } from "./Squares";

function Head(): ComponentChildren {
  const store = useStore();
  const [x, y] = exploreOf(store).pair.value;
  if (!x || !y) return null;
  return (
    <>
      <ColumnSelect label="x" name="x axis" value={x.id} onChange={(id) => store.view.set({ xy: [id, y.id] })} />
      <ColumnSelect label="y" name="y axis" value={y.id} onChange={(id) => store.view.set({ xy: [x.id, id] })} />
      <ColorChoice shapes />
    </>
  );
}

function Body(): ComponentChildren {
  const columns = exploreOf(useStore()).pair.value;
  return (
    <Chart name="Scatter" axes={columns.length}>
      {(explore, room) => <Squares explore={explore} room={room} what="Scatter chart" columns={columns} />}
    </Chart>
  );
}

export const SCATTER = { Head, Body };
