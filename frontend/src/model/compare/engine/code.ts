/** Commits, uncommitted changes and how the training was started, side by side. Pure. */
import type { Code } from "./manifest";
import type { Member } from "./members";
import { ABSENT, type Cell, cell, cellOf, plain, type Row, row, UNKNOWN } from "./rows";
import { count, firstCharacters, lines, some, visible } from "./text";

const REMOTE =
  /^(?:(?:https?|ssh|git):\/\/(?:[^/@ \t\n\r\f\v]*@)?|(?:[A-Za-z0-9._-]+@)?)([A-Za-z0-9.-]+)(?::[0-9]+(?=\/)|)[/:]([A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)+?)(?:\.git)?\/?$/;
const COMMIT = /^[0-9a-f]{7,64}$/;

/** Host to the addresses of a commit and of a range, below https://host/path. */
const HOSTS: ReadonlyMap<string, (now: string, old: string | null) => string> = new Map([
  ["github.com", (now, old) => (old ? `compare/${old}...${now}` : `commit/${now}`)],
  ["gitlab.com", (now, old) => (old ? `-/compare/${old}...${now}` : `-/commit/${now}`)],
  ["bitbucket.org", (now, old) => (old ? `branches/compare/${now}%0D${old}` : `commits/${now}`)],
  ["codeberg.org", (now, old) => (old ? `compare/${old}...${now}` : `commit/${now}`)],
]);

export function* codeRows(members: readonly Member[], baseline: number): Generator<Row> {
  const codes = members.map(({ manifest }) => manifest?.code ?? null);
  const base = codes[baseline] ?? null;
  const commits = codes.map((code, i) => commitCell(code, i === baseline ? null : base));
  yield row("code", "commit", "commit", commits);
  yield row("code", "dirty", "uncommitted changes", codes.map(dirtyCell));
  yield row("code", "diff", "diff to the commit", codes.map(diffCell));
  const said = (read: (code: Code) => string) => codes.map((code) => cellOf(code && (read(code) || null), (text) => text));
  yield row(
    "code",
    "branch",
    "branch",
    said((code) => code.branch),
  );
  yield row(
    "code",
    "remote",
    "repository",
    said((code) => code.remote),
  );
  yield row(
    "code",
    "entry_point",
    "script",
    said((code) => code.entryPoint),
  );
  const started = codes.map((code) => cellOf(code?.entryPoint ? code : null, (each) => each.arguments.join(" ")));
  yield row("code", "arguments", "arguments", started);
}

function linkOf(remote: string, now: string, old: string | null): string | null {
  const found = repositoryOf(remote);
  if (!found || !COMMIT.test(now) || (old !== null && !COMMIT.test(old))) return null;
  return `https://${found}/${HOSTS.get(found.split("/", 1)[0] ?? "")?.(now, old)}`;
}

/** Host and path of a remote on a known host; every character of them is harmless in a link. */
function repositoryOf(remote: string): string | null {
  const [, host = "", path = ""] = (remote.length <= 2_048 && REMOTE.exec(remote)) || [];
  const [known, inner] = [host.toLowerCase(), path.replace(/\.git$/, "")];
  return HOSTS.has(known) && inner.split("/").every((part) => /[^.]/.test(part)) ? `${known}/${inner}` : null;
}

function commitCell(code: Code | null, base: Code | null): Cell {
  if (!code?.commit) return UNKNOWN;
  const text = firstCharacters(code.commit, 10);
  const details = { link: linkOf(code.remote, code.commit, null), compare: null as string | null };
  if (!base?.commit) return cell(code.commit, text, { details });
  const isSame = base.commit === code.commit;
  if (!isSame && repositoryOf(base.remote) === repositoryOf(code.remote)) details.compare = linkOf(code.remote, code.commit, base.commit);
  return cell(code.commit, text, { verdict: isSame ? "same commit" : "other commit", details });
}

function dirtyCell(code: Code | null): Cell {
  if (!code || code.dirty === null) return UNKNOWN;
  if (!code.dirty) return cell(false, "none");
  const files = code.dirtyFiles.map(visible);
  const named = some(code.dirtyFiles, 3);
  return cell(files.join(", ") || true, named ? `${count(files.length, "file")}: ${named}` : "yes", { details: { files } });
}

function diffCell(code: Code | null): Cell {
  if (!code || (code.dirty && !code.diff)) return UNKNOWN;
  if (!code.diff) return ABSENT;
  const found = lines(code.diff).map(visible);
  return plain(`${count(found.length, "line")}${code.diffTruncated ? " (cut)" : ""}`, found.join("\n"));
}
