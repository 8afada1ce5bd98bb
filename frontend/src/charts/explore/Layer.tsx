/** One canvas of several that lie on each other; drawn anew when its paint or its room changes. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { type Addition, Drawer, type Paint } from "./frames";

interface LayerProps {
  name: string;
  width: number;
  height: number;
  paint: Paint;
  added?: Addition | null;
}

export function Layer({ name, width, height, paint, added = null }: LayerProps): ComponentChildren {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawer = useRef<Drawer | null>(null);
  useEffect(() => {
    if (canvas.current) drawer.current = new Drawer(canvas.current);
    return () => drawer.current?.stop();
  }, []);
  useEffect(() => {
    if (width > 0 && height > 0) drawer.current?.draw({ width, height, paint, added });
  }, [paint, width, height]);
  const style = { width: `${width}px`, height: `${height}px` };
  return <canvas ref={canvas} class="ex-layer" data-layer={name} style={style} />;
}
