/** `name=value` words; a word alone has the value `1`. The last of a name counts, as for most of the kernel's own. */
export function parseArguments(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const word of text.split(/\s+/).filter((piece) => piece !== '')) {
    const at = word.indexOf('=');
    if (at < 0) found.set(word, '1');
    else found.set(word.slice(0, at), word.slice(at + 1));
  }
  return found;
}
