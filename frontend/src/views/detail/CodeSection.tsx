/** The source code that made the version. */
import type { ComponentChildren } from "preact";
import type { Manifest } from "../../api/types";
import { formatCount } from "../../model/format";
import { commitLink, remoteName, repositoryLink } from "../../model/remote";
import { shellQuote } from "../../model/snippets";
import { anyRow, Code, CopyButton, Fold, Name, type RowOf, Rows, Section } from "./parts";

type CodeFacts = NonNullable<Manifest["code"]>;

function Commit({ code, commit }: { code: CodeFacts; commit: string }): ComponentChildren {
  const link = commitLink(code.remote, commit);
  const short = <code title={commit}>{commit.slice(0, 8)}</code>;
  return (
    <>
      {link ? (
        <a href={link} target="_blank" rel="noopener noreferrer">
          {short}
        </a>
      ) : (
        short
      )}
      <CopyButton text={commit} label="Copy the whole commit id" />
      {code.branch && (
        <span>
          {" "}
          on <Name>{code.branch}</Name>
        </span>
      )}
    </>
  );
}

function Remote({ remote }: { remote: string }): ComponentChildren {
  const link = repositoryLink(remote);
  if (!link) return <Name>{remoteName(remote)}</Name>;
  return (
    <a href={link} target="_blank" rel="noopener noreferrer">
      <Name>{remoteName(remote)}</Name>
    </a>
  );
}

function Dirty({ code }: { code: CodeFacts }): ComponentChildren {
  const files = code.dirtyFiles ?? [];
  const words = `dirty${files.length > 0 ? `, ${formatCount(files.length)} file${files.length === 1 ? "" : "s"}` : ""}`;
  if (files.length === 0) return <span class="dv-warn-chip">{words}</span>;
  return (
    <Fold summary={<span class="dv-warn-chip">{words}</span>}>
      {() => (
        <ul class="dv-list">
          {files.map((file) => (
            <li key={file}>
              <code>
                <Name>{file}</Name>
              </code>
            </li>
          ))}
        </ul>
      )}
    </Fold>
  );
}

/** Longer diffs are shown without colours. */
const MOST_COLOURED_LINES = 2000;

function lineKind(line: string): string | undefined {
  if (/^(?:\+\+\+|---|diff |index )/.test(line)) return "head";
  if (line.startsWith("@@")) return "place";
  if (line.startsWith("+")) return "new";
  return line.startsWith("-") ? "old" : undefined;
}

function Diff({ diff, cut }: { diff: string; cut: boolean }): ComponentChildren {
  const lines = diff.replace(/\n$/, "").split("\n");
  const coloured = lines.length <= MOST_COLOURED_LINES;
  return (
    <Fold summary={`Diff, ${formatCount(lines.length)} lines${cut ? ", cut" : ""}`}>
      {() => (
        <Code text={diff} label="Diff" wide>
          {coloured
            ? lines.map((line, index) => (
                <span key={index} data-kind={lineKind(line)}>
                  {`${line}\n`}
                </span>
              ))
            : diff}
        </Code>
      )}
    </Fold>
  );
}

function commandLine(code: CodeFacts): string {
  return [code.entryPoint ?? "", ...(code.arguments ?? []).map(shellQuote)].filter(Boolean).join(" ");
}

export function CodeSection({ code }: { code: CodeFacts | undefined }): ComponentChildren {
  if (!code) return null;
  const command = commandLine(code);
  const rows: RowOf[] = [
    ["commit", code.commit && <Commit code={code} commit={code.commit} />],
    ["branch", code.commit ? null : code.branch],
    ["remote", code.remote && <Remote remote={code.remote} />],
    ["work tree", code.dirty === undefined ? null : code.dirty ? <Dirty code={code} /> : "clean"],
    ["entry point", command && <code class="dv-command">{command}</code>],
  ];
  if (!anyRow(rows) && !code.diff) return null;
  return (
    <Section title="Code">
      <Rows rows={rows} />
      {code.diff && <Diff diff={code.diff} cut={code.diffTruncated === true} />}
    </Section>
  );
}
