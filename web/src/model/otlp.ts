// OTLP/JSON values as people read them.
import type { AnyValue, KeyValue } from "../api/types";

/** One line or more of plain text; arrays and maps as indented JSON. */
export function valueText(v: AnyValue | undefined): string {
  const plain = valuePlain(v);
  if (typeof plain === "string") return plain;
  if (typeof plain === "object" && plain !== null) return JSON.stringify(plain, null, 2);
  return String(plain);
}

export function valuePlain(v: AnyValue | undefined): unknown {
  if (!v) return "";
  if (v.stringValue !== undefined) return v.stringValue;
  if (v.boolValue !== undefined) return v.boolValue;
  if (v.intValue !== undefined) {
    const n = Number(v.intValue);
    return Number.isSafeInteger(n) ? n : String(v.intValue);
  }
  if (v.doubleValue !== undefined) return v.doubleValue;
  if (v.arrayValue) return (v.arrayValue.values ?? []).map(valuePlain);
  if (v.kvlistValue) return Object.fromEntries((v.kvlistValue.values ?? []).map((kv) => [kv.key, valuePlain(kv.value)]));
  if (v.bytesValue !== undefined) return v.bytesValue;
  return "";
}

export function valueType(v: AnyValue | undefined): "string" | "number" | "bool" | "json" | "bytes" | "empty" {
  if (!v) return "empty";
  if (v.stringValue !== undefined) return "string";
  if (v.boolValue !== undefined) return "bool";
  if (v.intValue !== undefined || v.doubleValue !== undefined) return "number";
  if (v.arrayValue || v.kvlistValue) return "json";
  if (v.bytesValue !== undefined) return "bytes";
  return "empty";
}

export const attribute = (list: readonly KeyValue[] | undefined, key: string): string | undefined => {
  const kv = list?.find((a) => a.key === key);
  return kv ? valueText(kv.value) : undefined;
};
