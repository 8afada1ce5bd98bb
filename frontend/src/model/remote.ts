/** Git remotes: how to show one, and the page of a commit where the host is known to have one. Pure. */

/** Web hosts whose pages of commits have a known address; every other remote stays text. */
const COMMIT_PAGES: ReadonlyMap<string, string> = new Map([
  ["github.com", "commit"],
  ["gitlab.com", "-/commit"],
  ["bitbucket.org", "commits"],
  ["codeberg.org", "commit"],
]);

const SEGMENT = /^[A-Za-z0-9._~-]+$/;
const COMMIT = /^[0-9a-f]{7,64}$/i;
const URL_FORM = /^(?:https?|ssh|git|git\+ssh):\/\/(?:[^@/]*@)?([A-Za-z0-9.-]+)(?::\d{1,5})?\/(.+)$/;
const SCP_FORM = /^(?:[A-Za-z0-9._-]+@)?([A-Za-z0-9.-]+):(?!\/)(.+)$/;

interface Place {
  host: string;
  path: string[];
}

/** Longer remotes stay text: a text of slashes takes the patterns below quadratic time. */
const LONGEST = 1024;

function place(remote: string): Place | null {
  if (remote.length > LONGEST) return null;
  const match = URL_FORM.exec(remote) ?? SCP_FORM.exec(remote);
  if (!match) return null;
  const [, host = "", rest = ""] = match;
  const path = rest
    .replace(/\/+$/, "")
    .replace(/\.git$/, "")
    .split("/");
  const clean = path.every((segment) => SEGMENT.test(segment) && segment !== "." && segment !== "..");
  return clean && path.length >= 2 ? { host: host.toLowerCase(), path } : null;
}

/** Address of the repository's page; null where the host is not one that we know. */
export function repositoryLink(remote: string | null | undefined): string | null {
  const found = place(remote ?? "");
  return found && COMMIT_PAGES.has(found.host) ? `https://${found.host}/${found.path.join("/")}` : null;
}

/** Address of the commit's page; null where the host is not one that we know, or the commit is no commit. */
export function commitLink(remote: string | null | undefined, commit: string | null | undefined): string | null {
  const found = place(remote ?? "");
  const repository = repositoryLink(remote);
  if (!found || !repository || !commit || !COMMIT.test(commit)) return null;
  return `${repository}/${COMMIT_PAGES.get(found.host)}/${commit.toLowerCase()}`;
}

/** "github.com/ann/digits" for a remote that can be read, the text itself for the rest. */
export function remoteName(remote: string): string {
  const found = place(remote);
  return found ? `${found.host}/${found.path.join("/")}` : remote;
}

/** The address as it is when it is http or https and carries no password; null for everything else. */
export function webLink(uri: string | null | undefined): string | null {
  if (!uri || !/^https?:\/\//i.test(uri)) return null;
  try {
    const url = new URL(uri);
    const web = url.protocol === "https:" || url.protocol === "http:";
    return web && !url.username && !url.password ? url.href : null;
  } catch {
    return null;
  }
}
