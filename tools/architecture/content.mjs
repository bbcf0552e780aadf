// Checks the content of a file: banned calls, comment keys without an entry in docs/sources.md, and its length.

/** A defect wherever it appears, or within some folders, with the files that are the one right place for it. */
const banned = [
  {
    pattern: /\bMath\.random\b/,
    why: 'secrets come from a CSPRNG',
    // A mutation that this rule has to refuse.
    except: ['.test.ts', 'drills/mutations/table/'],
  },
  { pattern: /\bjest\.(mock|unstable_mockModule|doMock)\b/, why: 'pass a narrower dependency', except: [] },
  {
    pattern: /\bprocess\.env\b/,
    why: 'settings are read in one place',
    except: ['platform/config.ts', 'bench/', 'drills/', 'local/', 'test/', 'prisma/'],
  },
  { pattern: /\buuid4\b/, why: 'seeded in workflows, so no secret', except: [] },
  { pattern: /as any\b|@ts-ignore|@ts-nocheck/, why: 'types are not argued away', except: [] },
  {
    // A variable that can be written to, at the top level or on a class.
    pattern:
      /^(?:export )?(?:let|var)\b|^(?:export )?const [^=]*=\s*(?:new (?:Weak)?(?:Map|Set)(?:<.*>)?\(\)|new Array\b|Object\.create\b|\[\]|\{\});?|^ +(?:private |public )?static (?!readonly)/m,
    why: 'all workflows of a thread share their modules: a value kept there leaks into others',
    within: ['workflows/', 'domain/'],
    except: ['.test.ts', 'domain/permanente/common-passwords.ts'],
  },
  {
    pattern: /\bDateTime\.(?:fromObject|fromISO|local|now)\b|\bSettings\b/,
    why: "luxon remembers the zone's offset for the whole thread",
    within: ['workflows/', 'domain/'],
    except: ['.test.ts'],
  },
];

const comment = /\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm;

/** Each call that is a defect. */
export function* callFindings(sources) {
  for (const [file, text] of sources) {
    const code = text.replace(comment, '');
    for (const { pattern, why, within = [''], except } of banned)
      if (
        pattern.test(code) &&
        within.some((place) => file.startsWith(place)) &&
        !except.some((place) => file.startsWith(place) || file.endsWith(place))
      )
        yield `${file}: ${pattern.source} (${why})`;
  }
}

/** Each key of a source, such as `[NIST]`, in a comment or a decision, that docs/sources.md does not explain. */
export function* sourceFindings(sources, documents) {
  const table = documents.get('docs/sources.md') ?? '';
  const known = new Set([...table.matchAll(/^\| \[([^\]]+)\]/gm)].map(([, key]) => key));
  for (const [file, text] of sources)
    for (const [words] of text.matchAll(comment)) yield* unknownKeys(file, words, known);
  for (const [file, text] of documents)
    if (file.startsWith('docs/adr/')) yield* unknownKeys(file, text, known);
}

function* unknownKeys(file, text, known) {
  // Neither a link, `[text](…)`, nor an index, `rows[at]`.
  for (const [, key] of text.matchAll(/(?<![\w\])[.`])\[([A-Za-z][\w-]*)\](?![(\w[:])/g))
    if (!known.has(key)) yield `${file}: [${key}] is not in docs/sources.md`;
}

/** Each file so long that it holds more than one idea. */
export function* lengthFindings(sources) {
  for (const [file, text] of sources) {
    const lines = text.split('\n').length;
    if (lines > 300) yield `${file}: ${lines} lines`;
  }
}
