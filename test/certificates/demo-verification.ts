import type { TrustBundle } from '../../certificates/trust/trust-bundle.ts';
import { parseTrustFile } from '../../certificates/trust/trust-file.ts';
import { createVerifier, type Verification } from '../../certificates/verification/verify-certificate.ts';
import type { CardId, DemoCard } from '../../local/card-reader/pki/cards.ts';
import { type DemoIssuer, type DemoPki, makeDemoPki } from '../../local/card-reader/pki/demo-pki.ts';
import { demoTrustEntries } from '../../local/card-reader/pki/trust-entries.ts';
import { respondersInMemory, respondersUrl } from './responders-in-memory.ts';

export const day = 86_400_000;

/** The demo PKI at an instant, and verifiers of its certificates without a network. */
export function demoVerification(now: Date) {
  const pki: DemoPki = makeDemoPki(now);
  const entries = demoTrustEntries(pki, respondersUrl);
  const trust = bundleOf(entries);

  /** A verifier with responders of its own, at an instant. `extra`: issuers that answer beside those of the demo. */
  function newVerifier({
    at = now,
    answersKeptMs = 0,
    bundle = trust,
    extra = {} as Record<string, DemoIssuer>,
  } = {}) {
    /** `answersAt`: of the responders, if their clock is another. */
    const time: { at: Date; answersAt?: Date } = { at };
    const responders = respondersInMemory(pki, () => time.answersAt ?? time.at, extra);
    const verifier = createVerifier({
      trust: bundle,
      fetchBounded: responders.fetchBounded,
      clock: { now: () => time.at.getTime() },
      answersKeptMs,
    });
    return { verifier, responders, time };
  }

  function cardOf(id: CardId): DemoCard {
    const card = pki.cards.find((one) => one.id === id);
    if (!card) throw new Error(`no card ${id}`);
    return card;
  }

  /** What a card sends. */
  const presented = (id: CardId): Buffer[] => [cardOf(id).certificate, cardOf(id).issuerCertificate];

  return { pki, entries, newVerifier, cardOf, presented };
}

/** The bundle of a trust file. @throws Error with its defects */
export function bundleOf(content: unknown): TrustBundle {
  const read = parseTrustFile(JSON.stringify(content), { loopbackPermitted: true });
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  return read.bundle;
}

/** The profile as which a certificate was accepted, or why it was refused. */
export const resultOf = (verification: Verification): string =>
  verification.kind === 'accepted' ? verification.profile : verification.reason;
