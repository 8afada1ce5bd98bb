/** The files of the version, and what is known of them. */
import { type ComponentChildren, Fragment } from "preact";
import type { FilesElsewhere, Manifest, VersionPayload } from "../../api/types";
import { formatBytes, formatCount, toNumber } from "../../model/format";
import { verifyCommand } from "../../model/snippets";
import { Code, Digest, Name, type RowOf, Rows, Section, useMore } from "./parts";
import type { TabProps } from "./props";
import { TrustWords } from "./TrustSection";
import { targetOf } from "./UseIt";

type Change = VersionPayload["files_changed"][number]["what"];

interface Line {
  path: string;
  size: string | undefined;
  digest: string | undefined;
  change: Change | undefined;
}

const CHANGES: ReadonlyMap<string, string> = new Map([
  ["missing", "missing"],
  ["extra", "not in the manifest"],
  ["size", "other size"],
]);

/** A path that is broken behind a slash where it has no room. */
function FolderPath({ path }: { path: string }): ComponentChildren {
  const parts = path.split(/(?<=\/)/);
  return (
    <code class="dv-command">
      {parts.map((part, at) => (
        <Fragment key={at}>
          {at > 0 && <wbr />}
          {part}
        </Fragment>
      ))}
    </code>
  );
}

/** Where files are that do not lie beside the manifest. */
function Elsewhere({ source, path, bound_to }: FilesElsewhere): ComponentChildren {
  return (
    <>
      <FolderPath path={path} /> of source <Name>{source}</Name>
      {bound_to === null ? ", which is bound to no folder here" : ", which is "}
      {bound_to !== null && <FolderPath path={bound_to} />}
    </>
  );
}

/** Changed files and those that only the folder has first, then the manifest's order. */
function lines(payload: VersionPayload): Line[] {
  const changes = new Map(payload.files_changed.map((change) => [change.path, change.what]));
  const files = payload.manifest?.files ?? [];
  const known = new Set(files.map((file) => file.path));
  const listed = files.map((file): Line => ({ path: file.path, size: file.size, digest: file.digest, change: changes.get(file.path) }));
  const extra = payload.files_changed
    .filter((change) => !known.has(change.path))
    .map((change): Line => ({ path: change.path, size: undefined, digest: undefined, change: change.what }));
  return [...listed.filter((line) => line.change), ...extra, ...listed.filter((line) => !line.change)];
}

function FileRow({ line }: { line: Line }): ComponentChildren {
  return (
    <tr>
      <th scope="row">
        <Name>{line.path}</Name>
        {line.change && <span class="dv-bad-chip">{CHANGES.get(line.change) ?? "changed"}</span>}
        {line.digest && <Digest digest={line.digest} />}
      </th>
      <td class="num">{line.change === "extra" && line.size === undefined ? "" : formatBytes(line.size ?? 0)}</td>
    </tr>
  );
}

function Table({ all, total }: { all: Line[]; total: number | null }): ComponentChildren {
  const [shown, more] = useMore(all, 200);
  return (
    <>
      <table class="dv-table" aria-label="Files">
        <thead>
          <tr>
            <th scope="col">path</th>
            <th scope="col" class="num">
              size
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((line) => (
            <FileRow key={line.path} line={line} />
          ))}
        </tbody>
        {total !== null && (
          <tfoot>
            <tr>
              <th scope="row">
                {formatCount(all.length)} file{all.length === 1 ? "" : "s"}
              </th>
              <td class="num" title={`${formatCount(total)} bytes`}>
                {formatBytes(total)}
              </td>
            </tr>
          </tfoot>
        )}
      </table>
      {more}
    </>
  );
}

function fingerprintRows(manifest: Manifest | null): RowOf[] {
  const parts = manifest?.savedModel?.fingerprint;
  return [
    ["graph", parts?.graphDefProgramHash],
    ["signature", parts?.signatureDefHash],
    ["object graph", parts?.savedObjectGraphHash],
    ["checkpoint", parts?.checkpointHash],
    ["saved_model.pb", parts?.savedModelChecksum],
  ];
}

function Checked({ words }: { words: string }): ComponentChildren {
  return (
    <>
      Checked: <Name>{words}</Name>.
    </>
  );
}

function ListedBeside({ count, size }: { count: number | null; size: number | null }): ComponentChildren {
  return (
    <Section title="Files">
      <p>
        {count === null ? "Its files" : `${formatCount(count)} files`}
        {size !== null && `, ${formatBytes(size)},`} are listed in version_files.jsonl in the folder, not in the manifest. So they are not
        shown here.
      </p>
    </Section>
  );
}

/** Whether somebody compared the contents with the manifest, and when. */
function Contents({ payload }: TabProps): ComponentChildren {
  const row = payload.trust?.find(({ what }) => what === "files");
  return (
    row && (
      <p class="dv-contents">
        Contents <TrustWords row={row} />
      </p>
    )
  );
}

export function FilesTab(props: TabProps): ComponentChildren {
  const { payload } = props;
  const { manifest } = payload;
  const all = lines(payload);
  const fingerprint = fingerprintRows(manifest);
  const digest = manifest?.digest;
  return (
    <>
      <Section title="Folder">
        <Rows
          rows={[
            ["folder", payload.folder && <FolderPath path={payload.folder} />],
            ["files elsewhere", payload.elsewhere && <Elsewhere {...payload.elsewhere} />],
            ["digest", digest && <Digest digest={digest} />],
          ]}
        />
        <Contents {...props} />
        <p class="dim">
          {payload.checked ? <Checked words={payload.checked} /> : "Nothing of the files was checked here."} TensorBoard never reads their
          contents. This command does:
        </p>
        <Code text={verifyCommand(targetOf(payload))} label="Verify the contents" />
      </Section>
      {manifest?.fileList && <ListedBeside count={toNumber(manifest.fileList.count)} size={toNumber(manifest.sizeBytes)} />}
      {all.length > 0 && (
        <Section title={manifest?.fileList ? "Files that differ" : "Files"}>
          <Table all={all} total={manifest?.fileList ? null : toNumber(manifest?.sizeBytes)} />
        </Section>
      )}
      {fingerprint.some(([, value]) => value) && (
        <Section title="Fingerprint">
          <p class="dim">Parts of TensorFlow's own fingerprint.pb. They tell graphs apart; only the digests prove the files.</p>
          <Rows rows={fingerprint} />
        </Section>
      )}
    </>
  );
}
