// Calls to the server. Every failure becomes an ApiError that says what happened in words; answers are taken as
// optional in every field that the protocol lets be absent.
import { HEADER_BYTES, readSkeleton, skeletonBytes, type Skeleton } from "./skeleton";
import type { Health, Operation, SpanDetail, TagKey, TraceSummary } from "./types";
import { t } from "../ui/text";

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

async function request(url: string, signal?: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { ...(signal ? { signal } : {}), headers: { accept: "application/json, */*" } });
  } catch (e) {
    if (signal?.aborted) throw e;
    throw new ApiError(0, t.error.unreachable);
  }
  if (!response.ok) throw new ApiError(response.status, await errorText(response));
  return response;
}

/** The server's own message where it sent one, in either of its dialects. */
async function errorText(response: Response): Promise<string> {
  const text = await response.text().catch(() => "");
  try {
    const body = JSON.parse(text) as { error?: { message?: string }; errors?: { msg?: string }[] };
    const message = body.error?.message ?? body.errors?.[0]?.msg;
    if (message) return message;
  } catch {
    if (text && text.length < 300 && !text.startsWith("<")) return text.trim();
  }
  return t.error.status(response.status);
}

async function json<T>(url: string, signal?: AbortSignal): Promise<T> {
  const response = await request(url, signal);
  try {
    return (await response.json()) as T;
  } catch (e) {
    if (signal?.aborted) throw e;
    throw new ApiError(response.status, t.error.notJson);
  }
}

export async function searchTraces(query: URLSearchParams, signal?: AbortSignal): Promise<TraceSummary[]> {
  const body = await json<{ summaries?: TraceSummary[] }>(`/api/v3/trace-summaries?${query}`, signal);
  return body.summaries ?? [];
}

export async function services(): Promise<string[]> {
  return (await json<{ services?: string[] }>("/api/v3/services")).services ?? [];
}

export async function operations(service: string): Promise<string[]> {
  if (!service) return tagValues("name");
  const body = await json<{ operations?: Operation[] }>(`/api/v3/operations?service=${encodeURIComponent(service)}`);
  return [...new Set((body.operations ?? []).map((o) => o.name))];
}

export async function tagKeys(): Promise<TagKey[]> {
  return (await json<{ tags?: TagKey[] }>("/api/cairn/v1/tags")).tags ?? [];
}

export async function tagValues(key: string): Promise<string[]> {
  return (await json<{ values?: string[] }>(`/api/cairn/v1/tags/${encodeURIComponent(key)}/values?limit=200`)).values ?? [];
}

export const health = (): Promise<Health> => json<Health>("/health");

const traceUrl = (id: string): string => `/api/cairn/v1/traces/${id}`;

export const traceJsonUrl = (id: string): string => `/api/v3/traces/${id}`;

/** The whole trace's columns; progress is told as bytes so far and in all. */
export async function skeleton(id: string, signal: AbortSignal, progress: (bytes: number, total: number) => void): Promise<Skeleton> {
  const response = await request(`${traceUrl(id)}/skeleton`, signal);
  const body = response.body;
  if (!body) return readSkeleton(await response.arrayBuffer());
  // The header tells the size (Content-Length would be the compressed one), so the bytes go straight to their place.
  const reader = body.getReader();
  let buffer = new Uint8Array(64 * 1024);
  let got = 0;
  let total = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (got + value.length > buffer.length) buffer = grown(buffer, Math.max(total, got + value.length));
    buffer.set(value, got);
    got += value.length;
    if (total === 0 && got >= HEADER_BYTES) {
      total = skeletonBytes(buffer.buffer);
      if (total > buffer.length) buffer = grown(buffer, total);
    }
    progress(got, total);
  }
  if (got < total) throw new ApiError(response.status, t.error.cutAnswer);
  return readSkeleton(total === 0 ? buffer.buffer.slice(0, got) : buffer.buffer);
}

function grown(from: Uint8Array<ArrayBuffer>, bytes: number): Uint8Array<ArrayBuffer> {
  const to = new Uint8Array(bytes);
  to.set(from);
  return to;
}

export async function spans(id: string, rows: string, signal?: AbortSignal): Promise<SpanDetail[]> {
  return (await json<{ spans?: SpanDetail[] }>(`${traceUrl(id)}/spans?rows=${rows}`, signal)).spans ?? [];
}

export async function find(id: string, text: string, signal?: AbortSignal): Promise<Uint8Array> {
  const response = await request(`${traceUrl(id)}/find?q=${encodeURIComponent(text)}`, signal);
  return new Uint8Array(await response.arrayBuffer());
}
