// The client of the API: sends JSON, returns the envelope and throws error responses.

import { events } from "./events.js";

// Relative to this file, so that the page works below any prefix.
const BASE = new URL("../api/v1", import.meta.url).pathname;
const JSON_TYPE = "application/json";
const EVENTS_TYPE = "text/event-stream";

/** An error response. `status` is 0 if there was no response. `retryAfter` is in seconds. `requestId` is in the log. */
export class ApiError extends Error {
  constructor(status, message, { retryAfter = 0, requestId = "" } = {}) {
    super(message);
    Object.assign(this, { status, retryAfter, requestId });
  }
}

/** Returns the envelope of a successful response, or its text if `accept` is another type. Throws ApiError.
 *  `key`: an Idempotency-Key. `onQuestion`: called with the part of the question that has arrived so far.
 *  `signal`: an AbortSignal; if it is aborted, the call throws its reason. */
export async function call(
  method,
  path,
  { token = null, body = null, key = null, accept = JSON_TYPE, onQuestion = null, signal = null } = {},
) {
  const headers = { Accept: onQuestion ? EVENTS_TYPE : accept };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  const response = await send(BASE + path, { method, headers, body: body && JSON.stringify(body), signal });
  const details = {
    retryAfter: Number(response.headers.get("Retry-After") ?? 0),
    requestId: response.headers.get("X-Request-ID") ?? "",
  };
  if (response.headers.get("Content-Type")?.startsWith(EVENTS_TYPE)) return readEvents(response, onQuestion, details);
  if (response.ok && accept !== JSON_TYPE) return response.text();
  const envelope = await response.json().catch(() => null);
  if (response.ok && envelope) return envelope;
  throw new ApiError(response.ok ? 0 : response.status, envelope?.message ?? response.statusText, details);
}

/** Returns the envelope of the `result` event. A stream that ends without one counts as no response. */
async function readEvents(response, onQuestion, details) {
  let question = "";
  for await (const [name, data] of events(response)) {
    if (name === "question") onQuestion((question += data.delta));
    if (name === "result") return data;
    if (name === "error") throw new ApiError(data.code, data.message, details);
  }
  throw new ApiError(0, "no response", details);
}

async function send(url, request) {
  try {
    return await fetch(url, request);
  } catch {
    request.signal?.throwIfAborted();
    throw new ApiError(0, "no response");
  }
}
