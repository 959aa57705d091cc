// Server-Sent Events (WHATWG HTML, section 9.2), as far as this service sends them.

/** The events of an answer as they come: `[name, data]`, the data parsed. One that was cut off is none. */
export async function* events(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let part = await next(reader); !part.done; part = await next(reader)) {
    const blocks = (text + part.value).split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      const name = /^event: (.*)$/m.exec(block)?.[1];
      if (name) yield [name, JSON.parse(/^data: (.*)$/m.exec(block)[1])];
    }
  }
}

/** What has come since; a connection that is cut ends like any other. */
const next = (reader) => reader.read().catch(() => ({ done: true }));
