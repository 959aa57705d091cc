// Server-sent events (WHATWG HTML, section 9.2), as far as this service uses them.

/** Yields the events of a response as they arrive: `[name, data]` with parsed data. Ignores an incomplete event. */
export async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let part = await read(reader); !part.done; part = await read(reader)) {
    const blocks = (text + part.value).split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      const name = /^event: (.*)$/m.exec(block)?.[1];
      if (name) yield [name, JSON.parse(/^data: (.*)$/m.exec(block)[1])];
    }
  }
}

/** Reads the next part. A lost connection counts as the end of the response. */
const read = (reader) => reader.read().catch(() => ({ done: true }));
