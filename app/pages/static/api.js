// The API as the pages use it: JSON in, the envelope out; a refusal is thrown.

import { events } from "./events.js";

const BASE = "/api/v1";
const JSON_TYPE = "application/json";
const EVENTS_TYPE = "text/event-stream";

/** A refusal: `status` (0: no answer came), `message`, `retryAfter` in seconds, `requestId` as the log has it. */
export class Refused extends Error {
  constructor(status, message, { retryAfter = 0, requestId = "" } = {}) {
    super(message);
    Object.assign(this, { status, retryAfter, requestId });
  }
}

/** The envelope of an answer that succeeded, or its text where `accept` asks for another type. Throws Refused.
 *  `key`: an Idempotency-Key. `hear`: gets the question that is being made, as far as it has come. */
export async function call(method, path, { token = null, body = null, key = null, accept = JSON_TYPE, hear = null } = {}) {
  const headers = { Accept: hear ? EVENTS_TYPE : accept };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  const answer = await reached(BASE + path, { method, headers, body: body && JSON.stringify(body) });
  const told = {
    retryAfter: Number(answer.headers.get("Retry-After") ?? 0),
    requestId: answer.headers.get("X-Request-ID") ?? "",
  };
  if (answer.headers.get("Content-Type")?.startsWith(EVENTS_TYPE)) return heard(answer, hear, told);
  if (answer.ok && accept !== JSON_TYPE) return answer.text();
  const envelope = await answer.json().catch(() => null);
  if (answer.ok && envelope) return envelope;
  throw new Refused(answer.ok ? 0 : answer.status, envelope?.message ?? answer.statusText, told);
}

/** What the event `result` brings: the same envelope; events that end without one are no answer. */
async function heard(answer, hear, told) {
  let question = "";
  for await (const [name, data] of events(answer)) {
    if (name === "question") hear((question += data.delta));
    if (name === "result") return data;
    if (name === "error") throw new Refused(data.code, data.message, told);
  }
  throw new Refused(0, "no answer", told);
}

async function reached(url, request) {
  try {
    return await fetch(url, request);
  } catch {
    throw new Refused(0, "no answer");
  }
}
