/** Decoder, book and kernel in a process of their own that does nothing else: what a message leaves on its heap. */
import { serve } from '../child.mjs';
import { DecoderFeed, specsOf } from '../decoder-feed.mjs';
import { loadFrames } from '../frames.mjs';
import { growthOf } from '../heap-growth.mjs';
import { KernelRig } from '../kernel-rig.mjs';
import { MemoryWatch } from '../memory-watch.mjs';

let feed;
let rig;
let source;
const memory = new MemoryWatch();

serve({
  async start({ messages }) {
    const { items, spec, source: from } = await loadFrames('spot', messages);
    source = `${items.length} messages, ${from}, again and again`;
    rig = new KernelRig(specsOf(spec, 1), 0);
    feed = new DecoderFeed(items, rig.instruments, (event) => rig.apply(event));
    return source;
  },

  warmUp({ messages }) {
    for (let i = 0; i < messages; i++) feed.step();
  },

  /** Bytes by which the heap has grown after so many messages, and the collections there were meanwhile. */
  async run({ messages }) {
    return await growthOf(() => feed.step(), messages, memory);
  },

  stop() {},
});
