import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Certificate } from 'pkijs';
import type { FetchBounded } from '../../certificates/revocation/fetch-bounded.ts';
import { parseTrustFile } from '../../certificates/trust/trust-file.ts';
import { certificateProfiles } from '../../domain/certificates/profiles.ts';
import { describeCertificate } from './describe-entry.ts';
import { trySources } from './try-sources.ts';

/** What is wrong with a file or an option, a line for each defect. */
export class TrustError extends Error {
  readonly lines: readonly string[];
  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'TrustError';
    this.lines = lines;
  }
}

export interface TrustOptions {
  readonly file: string;
  readonly profile?: string;
  readonly root?: string;
  readonly issuer?: string;
  readonly ocsp?: readonly string[];
  readonly responder?: string;
  readonly crl?: readonly string[];
  readonly sample?: string;
  readonly accept?: string;
  readonly local?: boolean;
}

/** Shows each entry of a bundle with its fingerprints and policies, and what its responders and lists answer. */
export async function show({ file, local = false, sample }: TrustOptions, fetchBounded: FetchBounded) {
  return describe(JSON.parse(read(file)), { loopbackPermitted: local }, { fetchBounded, sample });
}

/**
 * Shows an entry made of PEM files, as `show` does; with `accept`, the fingerprint of its root as its authority publishes it,
 * adds it to the bundle, in the place of one of the same profile and root.
 */
export async function add(options: TrustOptions, fetchBounded: FetchBounded) {
  const { file, profile = '', root, issuer, ocsp = [], responder, crl = [], accept, local = false } = options;
  if (!root || !issuer) throw new TrustError(['--root and --issuer: both are needed']);
  const pinned = responder && { certificate: read(responder) };
  const entry = {
    profile,
    root: read(root),
    issuers: [{ certificate: read(issuer), ocsp: ocsp.map((url) => ({ url, ...pinned })), crl }],
    policies: profile in certificateProfiles ? certificateProfiles[profile as 'dnie'].policies : [],
  };
  const rules = { loopbackPermitted: local };
  const shown = await describe([entry], rules, { fetchBounded, sample: options.sample });
  if (!accept) return { written: false, entries: shown };
  const { fingerprint256 } = new X509Certificate(entry.root);
  if (plain(accept) !== plain(fingerprint256))
    throw new TrustError(['--accept: is not the fingerprint of the root']);
  const earlier = existsSync(file) ? (JSON.parse(read(file)) as (typeof entry)[]) : [];
  const others = earlier.filter((one) => one.profile !== profile || one.root !== entry.root);
  const text = `${JSON.stringify([...others, entry], null, 2)}\n`;
  const result = parseTrustFile(text, rules);
  if ('problems' in result) throw new TrustError(result.problems.map((problem) => `${file}: ${problem}`));
  writeFileSync(`${file}.new`, text, { mode: 0o644 });
  renameSync(`${file}.new`, file);
  return { written: true, entries: shown };
}

async function describe(
  content: unknown,
  rules: { loopbackPermitted: boolean },
  { fetchBounded, sample }: { fetchBounded: FetchBounded; sample: string | undefined },
) {
  const result = parseTrustFile(JSON.stringify(content), rules);
  if ('problems' in result) throw new TrustError(result.problems);
  const about = sample && Certificate.fromBER(new Uint8Array(new X509Certificate(read(sample)).raw));
  return Promise.all(
    result.bundle.issuers.map(async (issuer) => ({
      profile: issuer.profile,
      accepted: issuer.policies,
      root: describeCertificate(nodeOf(issuer.root)),
      issuer: describeCertificate(nodeOf(issuer.chain[0])),
      sources: await trySources(issuer, { fetchBounded, sample: about || undefined }),
    })),
  );
}

const nodeOf = (certificate: Certificate): X509Certificate =>
  new X509Certificate(Buffer.from(certificate.toSchema().toBER()));

const plain = (fingerprint: string): string => fingerprint.replace(/[^0-9a-fA-F]/g, '').toUpperCase();

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new TrustError([`${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`]);
  }
}
