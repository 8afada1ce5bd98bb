import { describe, expect, it } from "vitest";
import { commitLink, remoteName, repositoryLink, webLink } from "./remote";

const COMMIT = "a41c9e7b0d5f4c3e2a1b0c9d8e7f6a5b4c3d2e1f";

describe("commitLink", () => {
  it.each([
    ["https://github.com/ann/digits.git", `https://github.com/ann/digits/commit/${COMMIT}`],
    ["https://github.com/ann/digits/", `https://github.com/ann/digits/commit/${COMMIT}`],
    ["git@github.com:ann/digits.git", `https://github.com/ann/digits/commit/${COMMIT}`],
    ["ssh://git@GitHub.com:22/ann/digits", `https://github.com/ann/digits/commit/${COMMIT}`],
    ["git@gitlab.com:group/sub/digits.git", `https://gitlab.com/group/sub/digits/-/commit/${COMMIT}`],
    ["https://bitbucket.org/team/digits", `https://bitbucket.org/team/digits/commits/${COMMIT}`],
    ["https://codeberg.org/ann/digits.git", `https://codeberg.org/ann/digits/commit/${COMMIT}`],
  ])("%s has a page", (remote, link) => {
    expect(commitLink(remote, COMMIT)).toBe(link);
  });

  it.each([
    "",
    "https://git.example.org/ann/digits.git",
    "https://github.com.evil.example/ann/digits",
    "https://evilgithub.com/ann/digits",
    "https://github.com",
    "https://github.com/ann",
    "https://github.com/../../evil",
    "https://github.com/ann/digits?x=1",
    "https://github.com/ann/digits#x",
    "https://github.com/ann/di gits",
    "https://github.com/ann/<script>",
    "https://github.com\\@evil.example/ann/digits",
    "javascript:alert(1)//github.com/ann/digits",
    "data:text/html,github.com/ann/digits",
    "file:///github.com/ann/digits",
    "/home/ann/digits",
    "C:\\repos\\digits",
    "C:/repos/digits",
  ])("%s has none", (remote) => {
    expect(commitLink(remote, COMMIT)).toBeNull();
    expect(repositoryLink(remote)).toBeNull();
  });

  it.each(["", "main", "../../settings", "abc", "g".repeat(40), `${COMMIT}?x`, undefined])("%s is no commit", (commit) => {
    expect(commitLink("https://github.com/ann/digits", commit)).toBeNull();
  });
});

describe("remoteName", () => {
  it("is short where the remote can be read, and the text itself elsewhere", () => {
    expect(remoteName("git@github.com:ann/digits.git")).toBe("github.com/ann/digits");
    expect(remoteName("https://git.example.org/ann/digits.git")).toBe("git.example.org/ann/digits");
    expect(remoteName("/home/ann/digits")).toBe("/home/ann/digits");
  });
});

describe("webLink", () => {
  it("passes http and https only", () => {
    expect(webLink("https://example.org/a b")).toBe("https://example.org/a%20b");
    expect(webLink("HTTP://example.org/")).toBe("http://example.org/");
  });

  it.each([
    "javascript:alert(1)",
    " https://example.org",
    "java\nscript:alert(1)",
    "data:text/html,x",
    "gs://bucket/x",
    "s3://bucket/x",
    "file:///etc/passwd",
    "//example.org",
    "https://user:secret@example.org/",
    "https://",
    "",
    undefined,
  ])("%s is text", (uri) => {
    expect(webLink(uri)).toBeNull();
  });
});
