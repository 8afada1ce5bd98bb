/** TensorBoard's font arrives after the first picture. What measures or paints text does so again then. */
import { useEffect, useState } from "preact/hooks";

/** A number that grows each time fonts have arrived. */
export function useFonts(): number {
  const [arrivals, setArrivals] = useState(0);
  useEffect(() => {
    const arrived = (): void => setArrivals((count) => count + 1);
    document.fonts?.addEventListener("loadingdone", arrived);
    return () => document.fonts?.removeEventListener("loadingdone", arrived);
  }, []);
  return arrivals;
}
