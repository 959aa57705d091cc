// What has to survive a reload, and ends with the window: who asks, which interview, what was typed so far.

const kept = window.sessionStorage;

export const recall = (name) => kept.getItem(name);
export const keep = (name, value) => kept.setItem(name, value);
export const forget = (...names) => names.forEach((name) => kept.removeItem(name));

/** The bearer token, or null. */
export const token = () => recall("token");

/** An Idempotency-Key for a start in a language, the same for each try until it is forgotten. */
export function startKey(language) {
  if (!recall("start")) keep("start", `page-${crypto.getRandomValues(new Uint32Array(4)).join("-")}`);
  return `${recall("start")}-${language}`;
}
