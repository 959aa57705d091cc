// The state that survives a reload and ends with the window: token, caller, interview and drafts.

const storage = window.sessionStorage;

export const recall = (name) => storage.getItem(name);
export const keep = (name, value) => storage.setItem(name, value);
export const forget = (...names) => names.forEach((name) => storage.removeItem(name));

/** Returns the bearer token, or null. */
export const token = () => recall("token");

/** Returns whether the caller has a permission. */
export const may = (permission) => (recall("permissions") ?? "").split(" ").includes(`interviews:${permission}`);

/** Forgets everything but the language, which does not belong to the caller. */
export function forgetCaller() {
  for (const name of Object.keys(storage)) if (name !== "language") storage.removeItem(name);
}

/** Returns the Idempotency-Key for starting an interview of a kind. Retries use the same key until it is forgotten. */
export function startKey(kind) {
  if (!recall("start")) keep("start", `page-${crypto.getRandomValues(new Uint32Array(4)).join("-")}`);
  return `${recall("start")}-${kind}`;
}
