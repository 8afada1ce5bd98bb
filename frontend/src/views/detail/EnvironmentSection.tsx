/** Software and machine that made the version. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Manifest } from "../../api/types";
import { formatBytes, formatCount, formatDuration, toNumber } from "../../model/format";
import { pairs } from "./manifest";
import { anyRow, Fold, Name, type RowOf, Rows, Section } from "./parts";

function Packages({ packages }: { packages: [string, string][] }): ComponentChildren {
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const found = packages.filter(([name]) => name.toLowerCase().includes(wanted));
  return (
    <>
      <input
        type="search"
        class="dv-search"
        placeholder="Find a package"
        aria-label="Find a package"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reachable by the keyboard */}
      <ul class="dv-packages" tabIndex={0} aria-label="Installed packages">
        {found.map(([name, version]) => (
          <li key={name}>
            <Name>{name}</Name> <span class="dim">{version}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="dim">No package has this in its name.</p>}
    </>
  );
}

export function EnvironmentSection({ environment, format }: Pick<Manifest, "environment" | "format">): ComponentChildren {
  const packages = pairs(environment?.packages);
  const cuda = [environment?.cuda, environment?.cudnn && `cuDNN ${environment.cudnn}`].filter(Boolean).join(", ");
  const rows: RowOf[] = [
    ["format of the files", format === "files" ? null : format],
    ["Python", environment?.python],
    ["TensorFlow", environment?.tensorflow],
    ["Keras", environment?.keras],
    ["NumPy", environment?.numpy],
    ["CUDA", cuda],
    ["system", environment?.os],
  ];
  if (!anyRow(rows) && packages.length === 0) return null;
  return (
    <Section title="Environment">
      <Rows rows={rows} />
      {packages.length > 0 && (
        <Fold summary={`${formatCount(packages.length)} installed package${packages.length === 1 ? "" : "s"}`}>
          {() => <Packages packages={packages} />}
        </Fold>
      )}
    </Section>
  );
}

function cores(hardware: NonNullable<Manifest["hardware"]>): string {
  const physical = hardware.cores ? `${hardware.cores} core${hardware.cores === 1 ? "" : "s"}` : "";
  const logical = hardware.logicalCores && hardware.logicalCores !== hardware.cores ? `${hardware.logicalCores} logical` : "";
  return [physical, logical].filter(Boolean).join(", ");
}

function gpuWords(gpus: NonNullable<NonNullable<Manifest["hardware"]>["gpus"]>): ComponentChildren {
  const counts = new Map<string, number>();
  for (const gpu of gpus) {
    const memory = toNumber(gpu.memoryBytes) ? `, ${formatBytes(gpu.memoryBytes)}` : "";
    const words = `${gpu.name || "unnamed"}${memory}`;
    counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  if (counts.size === 0) return null;
  return [...counts].map(([words, count]) => (
    <div key={words}>
      {count > 1 && `${count} × `}
      <Name>{words}</Name>
    </div>
  ));
}

/** Machine, seeds and the time that training took. */
export function HardwareSection({ manifest }: { manifest: Manifest | null }): ComponentChildren {
  const hardware = manifest?.hardware ?? {};
  const seeds = pairs(manifest?.seeds).map(([name, seed]) => `${name} ${seed}`);
  const memory = toNumber(hardware.memoryBytes);
  const seconds = toNumber(manifest?.trainingSeconds);
  const rows: RowOf[] = [
    ["training took", seconds ? formatDuration(seconds) : null],
    ["seeds", seeds.join(", ")],
    ["CPU", [hardware.cpu, cores(hardware)].filter(Boolean).join(", ")],
    ["memory", memory ? formatBytes(memory) : null],
    ["GPU", gpuWords(hardware.gpus ?? [])],
  ];
  return anyRow(rows) ? (
    <Section title="Training">
      <Rows rows={rows} />
    </Section>
  ) : null;
}
