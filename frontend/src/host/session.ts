/** Texts that live as long as the browser's tab. A browser that forbids storage keeps them as long as the page. */
const kept = new Map<string, string>();

export function remember(name: string, text: string | null): void {
  if (text === null) kept.delete(name);
  else kept.set(name, text);
  try {
    if (text === null) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, text);
  } catch {
    // Storage is forbidden here.
  }
}

export function recall(name: string): string | null {
  try {
    return sessionStorage.getItem(name) ?? kept.get(name) ?? null;
  } catch {
    return kept.get(name) ?? null;
  }
}
