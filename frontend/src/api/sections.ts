/** The compressed parts of an export: in the page itself, or as files beside it. Each is read when it is asked for, once. */

export interface Sections {
  /** What the section says. Throws a sentence where it is not there or can't be read. */
  read(name: string): Promise<unknown>;
}

type Source = (name: string) => Promise<ReadableStream<BufferSource>>;

const ELEMENT = "tbv/";
const DIGEST = /sha256:([0-9a-f]{64})/;
const DIGITS_IN_NAME = 16;

/** The file may come from a stranger: it must not unpack to gigabytes. */
export const LARGEST_SECTION = 128 * 1024 * 1024;

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

function streamOf(bytes: Uint8Array<ArrayBuffer>): ReadableStream<BufferSource> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
}

function limited(name: string): TransformStream<Uint8Array, Uint8Array> {
  let size = 0;
  return new TransformStream({
    transform(chunk, controller) {
      size += chunk.byteLength;
      if (size > LARGEST_SECTION) controller.error(new Error(`The part "${name}" of this export is larger than 128 MiB.`));
      else controller.enqueue(chunk);
    },
  });
}

const TOO_OLD = "This browser is too old for this page: it can't unpack what the page holds. Every browser since 2023 can.";

async function unpack(name: string, packed: ReadableStream<BufferSource>): Promise<unknown> {
  if (typeof DecompressionStream === "undefined") throw new Error(TOO_OLD);
  const text = packed.pipeThrough(new DecompressionStream("gzip")).pipeThrough(limited(name));
  try {
    return await new Response(text).json();
  } catch (error) {
    if (error instanceof Error && error.message.includes("larger than")) throw error;
    throw new Error(`The part "${name}" of this export can't be read: it is damaged. "tb-versions verify" says more.`);
  }
}

/** Keeps what was read; what failed may be asked for again. */
function kept(source: Source): Sections {
  const known = new Map<string, Promise<unknown>>();
  const load = async (name: string): Promise<unknown> => unpack(name, await source(name));
  return {
    read(name) {
      const found = known.get(name) ?? load(name);
      known.set(name, found);
      found.catch(() => known.delete(name));
      return found;
    },
  };
}

function missing(name: string): Error {
  return new Error(`This export has no part "${name}".`);
}

/** The sections of one file: elements that the browser does not run. */
export function embeddedSections(page: Document): Sections {
  return kept(async (name) => {
    const text = page.getElementById(ELEMENT + name)?.textContent?.trim();
    if (!text) throw missing(name);
    try {
      return streamOf(bytesOf(text));
    } catch {
      throw new Error(`The part "${name}" of this export can't be read: it is not Base64.`);
    }
  });
}

function fileName(section: string, digest: string | undefined): string {
  const digits = DIGEST.exec(digest ?? "")?.[1];
  if (digits === undefined) throw missing(section);
  return `data/${section.replaceAll("/", "-")}-${digits.slice(0, DIGITS_IN_NAME)}.bin`;
}

const FROM_DISK =
  'Opened from the disk, this page may not read the files beside it. Run "python -m http.server" (or "tb-versions serve .") in ' +
  "its folder and open the address that it prints, or ask for this export as one HTML file, which needs no server.";

async function download(name: string, url: URL): Promise<ReadableStream<BufferSource>> {
  if (url.protocol === "file:") {
    throw new Error(FROM_DISK);
  }
  const response = await fetch(url, { credentials: "same-origin" }).catch(() => null);
  if (!response?.ok || !response.body) {
    const answer = response ? `the server answered ${response.status}` : "the server does not answer";
    throw new Error(`The part "${name}" of this export could not be loaded: ${answer}.`);
  }
  return response.body;
}

/** The sections of a folder. `head`: that section's digest, as the page names it; it has those of the others. */
export function fetchedSections(base: string, head: string): Sections {
  const digest = async (name: string): Promise<string | undefined> => {
    if (name === "head") return head;
    const { sections } = (await all.read("head")) as { sections?: Record<string, unknown> };
    const found = sections && Object.hasOwn(sections, name) ? sections[name] : undefined;
    return typeof found === "string" ? found : undefined;
  };
  const all = kept(async (name) => download(name, new URL(fileName(name, await digest(name)), base)));
  return all;
}

/** The digest of head that the page of a folder names; null: the sections are in the page. */
function digestOfHead(page: Document): string | null {
  return page.querySelector<HTMLMetaElement>("meta[name=tbv-head]")?.content ?? null;
}

export function sectionsOf(page: Document): Sections {
  const head = digestOfHead(page);
  return head === null ? embeddedSections(page) : fetchedSections(page.baseURI, head);
}

/** The digest that says which export this is: of the whole file, on its last line, or of the head of a folder; null: none is named. */
export function digestOf(page: Document): string | null {
  const comments = [...page.childNodes].filter((node) => node.nodeType === Node.COMMENT_NODE);
  const last = DIGEST.exec(comments.at(-1)?.nodeValue ?? "");
  return digestOfHead(page) ?? last?.[0] ?? null;
}
