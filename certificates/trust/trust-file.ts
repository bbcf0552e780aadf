import { X509Certificate } from 'node:crypto';
import { Certificate } from 'pkijs';
import { z } from 'zod';
import { certificateProfileNames, certificateProfiles } from '../../domain/certificates/profiles.ts';
import type { TrustBundle, TrustedIssuer } from './trust-bundle.ts';

export interface TrustRules {
  /** Outside production only. */
  readonly loopbackPermitted: boolean;
}

/** [RFC8252] 8.3: also by the name of localhost, and of names below it. */
const isLoopback = (hostname: string): boolean =>
  /^(?:(?:.+\.)?localhost|\[::1\]|127(?:\.\d{1,3}){3})$/.test(hostname);

const responderUrl = ({ loopbackPermitted }: TrustRules) =>
  z
    .string()
    .max(500)
    .superRefine((text, context) => {
      const url = URL.canParse(text) ? new URL(text) : undefined;
      if (!url || !['http:', 'https:'].includes(url.protocol) || url.username || url.password || url.hash)
        context.addIssue('must be an http or https address, without a user and without a fragment');
      else if (!loopbackPermitted && isLoopback(url.hostname))
        context.addIssue('is of this machine, which is not for production');
    });

/** PEM with one certificate. */
const certificate = z
  .string()
  .max(20_000)
  .transform((pem, context) => {
    try {
      if (pem.split('-----BEGIN CERTIFICATE-----').length !== 2) throw new Error('not one certificate');
      const node = new X509Certificate(pem);
      return { node, parsed: Certificate.fromBER(new Uint8Array(node.raw)) };
    } catch {
      context.addIssue('must be one certificate as PEM');
      return z.NEVER;
    }
  });

const entrySchema = (rules: TrustRules) =>
  z
    .strictObject({
      profile: z.enum(certificateProfileNames, `must be one of ${certificateProfileNames.join(', ')}`),
      root: certificate,
      issuers: z
        .array(
          z
            .strictObject({
              certificate,
              ocsp: z
                .array(z.strictObject({ url: responderUrl(rules), certificate: certificate.optional() }))
                .max(5),
              crl: z.array(responderUrl(rules)).max(5),
            })
            .refine(({ ocsp, crl }) => ocsp.length + crl.length > 0, 'must have a responder or a list'),
        )
        .min(1)
        .max(20),
      policies: z.array(z.string()).min(1).max(20),
    })
    .superRefine(({ profile, policies, root, issuers }, context) => {
      const known: readonly string[] = certificateProfiles[profile].policies;
      for (const [index, policy] of policies.entries())
        if (!known.includes(policy))
          context.addIssue({
            code: 'custom',
            path: ['policies', index],
            message: `is none of ${profile}: ${known.join(', ')}`,
          });
      if (!root.node.ca)
        context.addIssue({ code: 'custom', path: ['root'], message: 'must be an authority' });
      const nodes = issuers.map(({ certificate: { node } }) => node);
      for (const [index, issuer] of nodes.entries())
        if (!issuer.ca || chainOf(issuer, nodes, root.node) === undefined)
          context.addIssue({
            code: 'custom',
            path: ['issuers', index, 'certificate'],
            message: 'must be an authority that the root, or another issuer of the entry, has certified',
          });
    });

/**
 * Reads the content of CERTIFICATE_TRUST_FILE, in the form of `docs/operations.md`, certificates as PEM. Returns the bundle,
 * or one line for each defect.
 */
export function parseTrustFile(
  text: string,
  rules: TrustRules,
): { bundle: TrustBundle } | { problems: string[] } {
  const json = parseJson(text);
  if (json === undefined) return { problems: ['is not JSON'] };
  const result = z.array(entrySchema(rules)).min(1, 'must have an entry').max(50).safeParse(json);
  if (!result.success)
    return {
      problems: result.error.issues.flatMap((issue) =>
        issue.code === 'unrecognized_keys'
          ? issue.keys.map((key) => `${[...issue.path, key].join('.')}: no such name`)
          : [`${issue.path.join('.') || 'the file'}: ${issue.message}`],
      ),
    };
  return { bundle: { issuers: result.data.flatMap(trustedIssuers) } };
}

function trustedIssuers({
  profile,
  policies,
  root,
  issuers,
}: z.infer<ReturnType<typeof entrySchema>>): TrustedIssuer[] {
  const nodes = issuers.map(({ certificate: { node } }) => node);
  return issuers.map(({ certificate: { node, parsed }, ocsp, crl }) => ({
    ...{ profile, policies, crl },
    root: root.parsed,
    chain: [
      parsed,
      ...(chainOf(node, nodes, root.node) ?? []).map((above) =>
        Certificate.fromBER(new Uint8Array(above.raw)),
      ),
    ],
    ocsp: ocsp.map(({ url, certificate: pinned }) => ({
      url,
      ...(pinned && { certificate: pinned.parsed }),
    })),
  }));
}

/** Who certified an issuer, up to the root and without it; undefined if the root is not reached. */
function chainOf(
  issuer: X509Certificate,
  others: readonly X509Certificate[],
  root: X509Certificate,
): X509Certificate[] | undefined {
  const chain: X509Certificate[] = [];
  for (let current = issuer; !isIssuedBy(current, root); ) {
    const above = others.find((other) => other !== current && isIssuedBy(current, other));
    if (!above || chain.includes(above) || above === issuer) return undefined;
    chain.push(above);
    current = above;
  }
  return chain;
}

const isIssuedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
