import fc from 'fast-check';

const space = fc.constantFrom('', '', '', ' ', '\n', '\t\r ');

/** One JSON text for `value` among the many that parse to it: random whitespace, key order and escapes. */
export function jsonText(value: unknown): fc.Arbitrary<string> {
  return fc.tuple(body(value), space, space).map(([text, before, after]) => before + text + after);
}

function body(value: unknown): fc.Arbitrary<string> {
  if (typeof value === 'string') return stringText(value);
  if (Array.isArray(value)) {
    return fc
      .tuple(space, ...value.map((item) => jsonText(item)))
      .map(([inner, ...items]) => `[${inner}${items.join(',')}]`);
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([key, item]) =>
      fc
        .tuple(fc.tuple(space, stringText(key), space), jsonText(item))
        .map(([key, text]) => `${key.join('')}:${text}`),
    );
    return fc
      .tuple(
        space,
        fc.tuple(...members).chain((all) => fc.shuffledSubarray(all, { minLength: all.length })),
      )
      .map(([inner, shuffled]) => `{${inner}${shuffled.join(',')}}`);
  }
  return fc.constant(JSON.stringify(value));
}

/** Mostly plain; now and then each character in one of its escaped forms. */
function stringText(text: string): fc.Arbitrary<string> {
  return fc.integer({ min: 0, max: 9 }).chain((dice) => {
    if (dice > 0) return fc.constant(JSON.stringify(text));
    return fc.array(fc.boolean(), { minLength: text.length, maxLength: text.length }).map((escaped) => {
      const units = Array.from({ length: text.length }, (_, i) => {
        const hex = `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`;
        const low = text.charCodeAt(i) >= 0xd800 && text.charCodeAt(i) <= 0xdfff;
        return escaped[i] === true || low ? hex : JSON.stringify(text[i]).slice(1, -1);
      });
      return `"${units.join('')}"`;
    });
  });
}
