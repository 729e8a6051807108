// The tag filter: `http.route=/a error=true note="two words"`, the way logfmt writes pairs.
//
// A key ends at '=' or white space; a value is bare up to white space, or quoted with \" and \\ inside.
// A key alone means key=true. Problems are told with their place instead of being guessed around.

export interface Tag {
  key: string;
  value: string;
}

export interface ParsedTags {
  tags: Tag[];
  /** What is wrong, and where (offset in the text); absent when all is well. */
  error?: { code: "no-key" | "open-quote" | "after-quote" | "twice"; at: number };
}

const space = /\s/;

export function parseTags(text: string): ParsedTags {
  const tags: Tag[] = [];
  let i = 0;
  for (;;) {
    while (i < text.length && space.test(text[i])) i++;
    if (i >= text.length) return { tags };
    const start = i;
    while (i < text.length && text[i] !== "=" && !space.test(text[i])) i++;
    const key = text.slice(start, i);
    if (key === "" || key.includes('"')) return { tags, error: { code: "no-key", at: start } };
    if (tags.some((t) => t.key === key)) return { tags, error: { code: "twice", at: start } };
    if (text[i] !== "=") {
      tags.push({ key, value: "true" });
      continue;
    }
    i++;
    if (text[i] === '"') {
      const quote = i;
      let value = "";
      for (i++; i < text.length && text[i] !== '"'; i++) {
        if (text[i] === "\\" && i + 1 < text.length) i++;
        value += text[i];
      }
      if (i >= text.length) return { tags, error: { code: "open-quote", at: quote } };
      i++;
      if (i < text.length && !space.test(text[i])) return { tags, error: { code: "after-quote", at: i } };
      tags.push({ key, value });
    } else {
      const from = i;
      while (i < text.length && !space.test(text[i])) i++;
      tags.push({ key, value: text.slice(from, i) });
    }
  }
}

/** A bare value cannot be empty-quoted away: white space, a leading quote, or nothing need quotes. */
export function quoteValue(value: string): string {
  return value === "" || /[\s"]/.test(value) ? `"${value.replace(/[\\"]/g, "\\$&")}"` : value;
}

export const formatTag = (tag: Tag): string => `${tag.key}=${quoteValue(tag.value)}`;
export const formatTags = (tags: readonly Tag[]): string => tags.map(formatTag).join(" ");

export interface Completion {
  /** "key": part of a key is before the cursor; "value": part of key's value is. */
  kind: "key" | "value";
  key: string;
  typed: string;
  /** The text the completion replaces. */
  from: number;
  to: number;
}

/** What can be completed at the cursor. */
export function completionAt(text: string, cursor: number): Completion {
  let i = 0;
  let token = 0;
  let quoted = false;
  for (; i < cursor; i++) {
    if (quoted && text[i] === "\\") i++;
    else if (text[i] === '"') quoted = !quoted;
    else if (!quoted && space.test(text[i])) token = i + 1;
  }
  let to = cursor;
  while (to < text.length && !space.test(text[to])) to++;
  const eq = text.indexOf("=", token);
  if (eq < 0 || eq >= cursor) return { kind: "key", key: "", typed: text.slice(token, cursor), from: token, to: eq >= 0 && eq < to ? eq : to };
  const raw = text.slice(eq + 1, cursor);
  const typed = raw.startsWith('"') ? raw.slice(1).replace(/\\(.)/g, "$1") : raw;
  return { kind: "value", key: text.slice(token, eq), typed, from: eq + 1, to };
}
