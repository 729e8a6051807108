// Types of synth.mjs, for the unit tests.
export interface SpanSpec {
  parent?: number;
  service: string;
  name: string;
  start: number;
  duration: number;
  kind?: number;
  status?: number;
  events?: { time: number; name: string }[];
  endBeforeStart?: boolean;
}
export class TraceBuilder {
  constructor(id: string, startNs: bigint | number);
  readonly n: number;
  readonly end: number;
  readonly cols: Record<"start" | "duration" | "parent" | "name" | "service" | "flags", number[]>;
  readonly events: { row: number; time: number; name: number }[];
  span(spec: SpanSpec): number;
  spanId(row: number): Buffer;
}
export const ROOT: number;
export const ORPHAN: number;
export function random(seed: number): () => number;
export function encodeSkeleton(trace: TraceBuilder, options?: { cut?: boolean; total?: number }): Buffer;
export function findBits(trace: TraceBuilder, text: string): Buffer;
export function checkoutTrace(id: string, startNs: bigint | number, linkTo: string): TraceBuilder;
export function bigTrace(id: string, startNs: bigint | number, n: number, seed?: number, options?: { depth?: number; total?: number }): TraceBuilder;
