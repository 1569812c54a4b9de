// What a page of documentation mentions that must exist: commands in fenced shell blocks, scripts, paths, names of stacks
// and documents, links. Pages enter as text, mentions leave; whether they exist is for whoever asks (ci/test/docs.test.mjs).

/** The text of each fenced block of one of the languages, with the line its first line stands on. */
export function fencedBlocks(markdown, languages) {
  const blocks = [];
  let open;
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^\s*```(\w*)\s*$/.exec(line);
    if (!fence) open?.lines.push(line);
    else if (open === undefined) open = { language: fence[1], line: index + 2, lines: [] };
    else {
      if (languages.includes(open.language))
        blocks.push({ line: open.line, text: `${open.lines.join('\n')}\n` });
      open = undefined;
    }
  }
  return blocks;
}

/** Code a reader may type or look for: shell blocks, and spans between backticks outside of any block. */
export function codeOf(markdown) {
  const outside = markdown.replaceAll(/^\s*```[\s\S]*?^\s*```/gm, '');
  const spans = [...outside.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span);
  return { blocks: fencedBlocks(markdown, ['sh', 'bash']), spans };
}

/** One logical line to a command: continued lines joined, comments and blank lines left out. */
export function commandLines(text) {
  return text
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter(Boolean);
}

/** Targets of relative links, pictures included, each with its fragment. */
export function relativeLinks(markdown) {
  const outside = markdown.replaceAll(/^\s*```[\s\S]*?^\s*```/gm, '').replaceAll(/`[^`\n]*`/g, '');
  return [...outside.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path, fragment] = target.split('#');
      return { target, path, fragment };
    });
}

/** The fragment GitHub gives each heading. */
export function headingFragments(markdown) {
  const outside = markdown.replaceAll(/^\s*```[\s\S]*?^\s*```/gm, '');
  return [...outside.matchAll(/^#{1,6}\s+(.+)$/gm)].map(([, heading]) =>
    heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  );
}

const all = (text, pattern) => [...text.matchAll(pattern)];

/** Everything below by what it is; blocks and spans are searched alike. `environments`: names that stand in other names. */
export function mentions(markdown, environments) {
  const { blocks, spans } = codeOf(markdown);
  const lines = [...blocks.flatMap(({ text }) => commandLines(text)), ...spans.map((span) => span.trim())];
  const text = lines.join('\n');
  const environment = ['\\$ENVIRONMENT', '<\\w+>', ...environments].join('|');
  return {
    /** `npm run <name> -- <rest>`, `npm start` and `npm test`. */
    scripts: [
      ...all(text, /\bnpm run (?:--silent )?([\w:-]+)(?: -- ([^\n|]*))?/g),
      ...all(text, /\bnpm (start|test)\b()/g),
    ].map(([, name, rest]) => ({ name, rest: rest ?? '' })),
    /** What follows `tradewind.mjs` and `npm run tradewind --`. */
    tradewind: all(text, /(?:tradewind\.mjs|npm run tradewind --) +([a-z][^\n|>&]*)/g).map(([, rest]) =>
      rest.trim(),
    ),
    agent: all(text, /agent\.mjs +([a-z][^\n|>&]*)/g).map(([, rest]) => rest.trim()),
    release: all(text, /\btradewind-release +([a-z]+)/g).map(([, verb]) => verb),
    aws: lines.flatMap((line) =>
      all(line, /\baws ([a-z][a-z0-9-]+) ([a-z][a-z0-9-]+)((?:(?!\baws [a-z])[^|])*)/g).map(awsCall),
    ),
    /** `Tradewind-<environment>-<what>`: stacks, and documents of Systems Manager. */
    named: all(
      text,
      new RegExp(`\\bTradewind-(?:${environment})-(?:Dr-)?(?!Dr-)([A-Za-z][A-Za-z-]*)`, 'g'),
    ).map(([whole, what]) => ({ whole, what })),
    units: all(text, /\b(tradewind-(?!release)[a-z]+)(?=\.service|\.timer|[ `]|$)/gm)
      .map(([, unit]) => unit)
      .filter((unit) => !environments.some((name) => `tradewind-${name}`.startsWith(unit))),
    metrics: all(text, /--metric-name (\w+)/g).map(([, name]) => name),
    /** Settings of an environment file, with the value where one is given. */
    settings: spans
      .map((span) => /^([a-z][A-Za-z]*(?:\[\])?(?:\.[a-z][A-Za-z]*(?:\[\])?)+)(?:: (\S+))?$/.exec(span))
      .filter((match) => match !== null)
      .map(([, path, value]) => ({ path, value })),
    paths: all(text, /(?<![\w./:-])((?:ci|docs|engine|infra|runbooks|benchmarks)\/[\w./-]+)(?![\w<*])/g).map(
      ([, path]) => path,
    ),
  };
}

function awsCall([, service, operation, rest]) {
  return { service, operation, options: all(rest, /(?<=\s)--([a-z0-9-]+)/g).map(([, option]) => option) };
}
