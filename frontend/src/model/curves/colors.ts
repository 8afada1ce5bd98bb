/** One colour for each member of a comparison. Pure. */
import { each } from "../explore/color";
import { palette } from "../runs";

/** Colours of ours that are too near to one of TensorBoard's seven to follow them. */
const TOO_NEAR = [1, 7];

/** TensorBoard's run colours first, then ours. */
export function memberPalette(dark: boolean): readonly string[] {
  return [...palette(dark), ...each(dark).filter((_, index) => !TOO_NEAR.includes(index))];
}

/**
 * A colour for each member: the one that it asks for, its run's in TensorBoard, unless a member before it has that one;
 * then the next free one. Where there are more members than colours, colours come again.
 *
 * `asked`: null where the member has no run that TensorBoard knows.
 */
export function memberColors(asked: readonly (string | null)[], colors: readonly string[]): string[] {
  const firstToAsk = asked.map((color, index) => color !== null && asked.indexOf(color) === index);
  const taken = new Set(asked.filter((_, index) => firstToAsk[index]));
  return asked.map((color, index) => {
    if (color !== null && firstToAsk[index]) return color;
    const start = color === null ? 0 : Math.max(0, colors.indexOf(color));
    const inTurn = [...colors.slice(start), ...colors.slice(0, start)];
    const free = inTurn.find((each) => !taken.has(each)) ?? (inTurn[index % inTurn.length] as string);
    taken.add(free);
    return free;
  });
}
