/** Remembers what was made last under each name, so that a newer table makes only what follows from something new. */

interface Made {
  sources: readonly unknown[];
  value: unknown;
}

export class Kept {
  private readonly made = new Map<string, Made>();

  /** What was made under this name if its sources are the same objects as then; else makes it. */
  of<T>(name: string, sources: readonly unknown[], make: () => T): T {
    const before = this.made.get(name);
    if (before && before.sources.length === sources.length && before.sources.every((each, at) => Object.is(each, sources[at]))) {
      return before.value as T;
    }
    const value = make();
    this.made.set(name, { sources, value });
    return value;
  }
}
