// The API as the pages use it: JSON in, the envelope out; a refusal is thrown.

const BASE = "/api/v1";

/** A refusal: `status` (0: no answer came), `message`, `retryAfter` in seconds, `requestId` as the log has it. */
export class Refused extends Error {
  constructor(status, message, { retryAfter = 0, requestId = "" } = {}) {
    super(message);
    Object.assign(this, { status, retryAfter, requestId });
  }
}

/** The envelope of an answer that succeeded. `key`: an Idempotency-Key. Throws Refused. */
export async function call(method, path, { token = null, body = null, key = null } = {}) {
  const headers = {};
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  const answer = await reached(BASE + path, { method, headers, body: body && JSON.stringify(body) });
  const told = {
    retryAfter: Number(answer.headers.get("Retry-After") ?? 0),
    requestId: answer.headers.get("X-Request-ID") ?? "",
  };
  const envelope = await answer.json().catch(() => null);
  if (answer.ok && envelope) return envelope;
  throw new Refused(answer.ok ? 0 : answer.status, envelope?.message ?? answer.statusText, told);
}

async function reached(url, request) {
  try {
    return await fetch(url, request);
  } catch {
    throw new Refused(0, "no answer");
  }
}
