// Answers of the server, as they come. uint64s are decimal strings; zeros and empty lists may be missing.

export interface ServiceSummary {
  name: string;
  spanCount?: number;
  errorSpanCount?: number;
}

export interface TraceSummary {
  traceId: string;
  rootServiceName?: string;
  rootOperationName?: string;
  minStartTimeUnixNano: string;
  maxEndTimeUnixNano: string;
  spanCount?: number;
  errorSpanCount?: number;
  orphanSpanCount?: number;
  services?: ServiceSummary[];
}

export interface Operation {
  name: string;
  spanKind: string;
}

export interface TagKey {
  key: string;
  scope: "span" | "resource" | "scope" | "event" | "link";
}

export interface AnyValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: string | number;
  doubleValue?: number | string;
  arrayValue?: { values?: AnyValue[] };
  kvlistValue?: { values?: KeyValue[] };
  bytesValue?: string;
}

export interface KeyValue {
  key: string;
  value?: AnyValue;
}

export interface SpanEvent {
  timeUnixNano?: string;
  name?: string;
  attributes?: KeyValue[];
  droppedAttributesCount?: number;
}

export interface SpanLink {
  traceId?: string;
  spanId?: string;
  traceState?: string;
  attributes?: KeyValue[];
  droppedAttributesCount?: number;
  flags?: number;
}

export interface SpanDetail {
  row: number;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  traceState?: string;
  name?: string;
  kind?: number;
  flags?: number;
  startTimeUnixNano?: string;
  endTimeUnixNano?: string;
  attributes?: KeyValue[];
  droppedAttributesCount?: number;
  events?: SpanEvent[];
  droppedEventsCount?: number;
  links?: SpanLink[];
  droppedLinksCount?: number;
  status?: { code?: number; message?: string };
  resource?: { attributes?: KeyValue[]; droppedAttributesCount?: number };
  scope?: { name?: string; version?: string; attributes?: KeyValue[]; droppedAttributesCount?: number };
}

export interface Health {
  status: string;
  version: string;
}
