/** The manifest as it is. */
import type { ComponentChildren } from "preact";
import { formatBytes } from "../../model/format";
import { CopyButton, Digest, Rows, Scroll } from "./parts";
import type { TabProps } from "./props";

const KEEP_URL_MS = 60_000;

function download(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name.replace(/[^A-Za-z0-9._-]+/g, "_");
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(url), KEEP_URL_MS);
}

/** In an export the manifest's own bytes are not there. */
function Anew({ redacted, digest }: { redacted: readonly string[]; digest: string }): ComponentChildren {
  if (redacted.length === 0) return <p class="dim">Written anew for this export; the digest is that of the published file's own bytes.</p>;
  return (
    <p class="dv-redacted">
      Not the manifest as published: <b>{redacted.join(", ")}</b> taken out of this export.{" "}
      {digest ? "The digest is that of the published file." : "Its digest is left out too: guesses could be checked with it."}
    </p>
  );
}

export function RawTab({ payload }: TabProps): ComponentChildren {
  const { manifest_text: text, manifest_digest: digest } = payload;
  const { redacted } = payload;
  const bytes = new TextEncoder().encode(text).length;
  return (
    <section class="dv-section">
      <Rows
        rows={[
          ["manifest", digest && <Digest digest={digest} />],
          ["size", formatBytes(bytes)],
        ]}
      />
      {redacted && <Anew redacted={redacted} digest={digest} />}
      <p class="dv-buttons">
        <CopyButton text={text} label="Copy the manifest">
          Copy
        </CopyButton>
        <button type="button" class="dv-copy" onClick={() => download(text, `${payload.model}-${payload.number}-version_manifest.json`)}>
          Download
        </button>
      </p>
      <Scroll class="dv-scroll dv-raw" label="Text of the manifest">
        <pre>{text}</pre>
      </Scroll>
    </section>
  );
}
