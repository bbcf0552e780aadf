import { createPublicKey } from 'node:crypto';
import {
  authorityNames,
  newAuthority,
  newIssuer,
  newKey,
  newRoot,
} from '../../local/card-reader/pki/authorities.ts';
import {
  certificateKinds,
  fnmtExtensions,
  type KindOfCertificate,
} from '../../local/card-reader/pki/certificate-kinds.ts';
import { directoryName, dnsName } from '../../local/card-reader/pki/certificate-names.ts';
import type { DemoPki } from '../../local/card-reader/pki/demo-pki.ts';
import type { Der } from '../../local/card-reader/pki/der.ts';
import {
  authority,
  certificatePolicies,
  emailProtection,
  endEntity,
  extendedKeyUsage,
  keyUsage,
  subjectAlternativeName,
  unknownCritical,
} from '../../local/card-reader/pki/extensions.ts';
import { fnmtAlternativeName, fnmtSubject, lucia, petra } from '../../local/card-reader/pki/holders.ts';
import { issueCertificate, type Signer } from '../../local/card-reader/pki/issue-certificate.ts';

const day = 86_400_000;
const key = newKey();
const fnmtPolicy = '1.3.6.1.4.1.5734.3.10.1';

/** What an attacker, or an issuer by mistake, may present: DER, the leaf first. */
export function hostileCertificates({ issuers }: DemoPki, now: Date) {
  const { dnie, fnmt, accv } = issuers;
  const leaf = (issuer: Signer, content: KindOfCertificate): Buffer =>
    issueCertificate(issuer, {
      ...content,
      publicKey: createPublicKey(key),
      notBefore: new Date(now.getTime() - day),
      notAfter: new Date(now.getTime() + day),
    });
  const fnmtLeaf = certificateKinds.fnmt(lucia);
  const withExtensions = (...extensions: readonly Der[]): Buffer =>
    leaf(fnmt.issuer, { subject: fnmtSubject(lucia), extensions });
  const forgedRoot = newRoot(authorityNames['fnmt-root'], now);
  const forgedIssuer = newIssuer(authorityNames.fnmt, { root: forgedRoot, now });
  const stranger = newRoot({ CN: 'AC Desconocida' }, now);
  // An end-entity certificate, and an authority where the issuer may have none below it.
  const card: Signer = { name: fnmtSubject(lucia), privateKey: key };
  const below = newAuthority({ CN: 'AC de nadie' }, { root: fnmt.issuer, now, extensions: [authority()] });
  const unreadable = (bytes: number): Buffer => Buffer.alloc(bytes, 0x30);
  const loop = ['A', 'B'].map((CN) => ({ name: { CN }, privateKey: key })) as [Signer, Signer];
  const loopOf = (subject: Signer, issuer: Signer): Buffer =>
    leaf(issuer, { subject: subject.name, extensions: [authority(), keyUsage('keyCertSign')] });
  const names = (count: number): Der[] =>
    Array.from({ length: count }, (_, index) => dnsName(`n${index}.es`));

  return {
    'the signature certificate of the DNIe': [leaf(dnie.issuer, certificateKinds['dnie-signature'](lucia))],
    'a pseudonym': [
      leaf(dnie.issuer, {
        ...certificateKinds.dnie(lucia),
        subject: { ...certificateKinds.dnie(lucia).subject, pseudonym: 'LULÚ' },
      }),
    ],
    'a wrong letter': [leaf(dnie.issuer, certificateKinds.dnie({ ...lucia, nationalId: '50112233A' }))],
    'an alternative name of somebody else': [
      leaf(fnmt.issuer, {
        subject: fnmtSubject(lucia),
        extensions: fnmtExtensions(fnmtAlternativeName(petra), fnmtPolicy),
      }),
    ],
    'an organisation in the subject': [
      leaf(fnmt.issuer, {
        ...fnmtLeaf,
        subject: { ...fnmtLeaf.subject, organizationIdentifier: 'VATES-B00000000' },
      }),
    ],
    'a self-signed one': [leaf({ name: fnmtSubject(lucia), privateKey: key }, fnmtLeaf)],
    'an unknown issuer': [leaf(stranger, fnmtLeaf), stranger.certificate],
    'a forged issuer of the same name': [
      leaf(forgedIssuer, fnmtLeaf),
      forgedIssuer.certificate,
      forgedRoot.certificate,
    ],
    'a wrong policy': [
      leaf(fnmt.issuer, {
        ...fnmtLeaf,
        extensions: fnmtExtensions(fnmtAlternativeName(lucia), '1.3.6.1.4.1.5734.3.10.2'),
      }),
    ],
    'the policy of another issuer': [leaf(accv.issuer, { ...fnmtLeaf })],
    'no policy': [withExtensions(endEntity(), keyUsage('digitalSignature'))],
    'any policy': [withExtensions(keyUsage('digitalSignature'), certificatePolicies('2.5.29.32.0'))],
    'an end-entity certificate as an issuer': [
      leaf(card, fnmtLeaf),
      leaf(fnmt.issuer, fnmtLeaf),
      fnmt.issuer.certificate,
    ],
    'an authority below an issuer that may have none': [
      leaf(below, fnmtLeaf),
      below.certificate,
      fnmt.issuer.certificate,
    ],
    'an authority in the place of a person': [
      withExtensions(
        authority(),
        keyUsage('digitalSignature', 'keyCertSign'),
        certificatePolicies(fnmtPolicy),
        subjectAlternativeName(fnmtAlternativeName(lucia)),
      ),
    ],
    'an unknown critical extension': [
      leaf(fnmt.issuer, { ...fnmtLeaf, extensions: [...fnmtLeaf.extensions, unknownCritical()] }),
    ],
    'an extension twice': [
      leaf(fnmt.issuer, { ...fnmtLeaf, extensions: [...fnmtLeaf.extensions, keyUsage('digitalSignature')] }),
    ],
    'a key for signing only': [
      withExtensions(
        keyUsage('contentCommitment'),
        certificatePolicies(fnmtPolicy),
        subjectAlternativeName(fnmtAlternativeName(lucia)),
      ),
    ],
    'a key without a usage': [
      withExtensions(certificatePolicies(fnmtPolicy), subjectAlternativeName(fnmtAlternativeName(lucia))),
    ],
    'a key for mail only': [
      withExtensions(
        keyUsage('digitalSignature'),
        extendedKeyUsage(emailProtection),
        certificatePolicies(fnmtPolicy),
        subjectAlternativeName(fnmtAlternativeName(lucia)),
      ),
    ],
    'a chain of fifty': [leaf(stranger, fnmtLeaf), ...Array.from({ length: 49 }, () => stranger.certificate)],
    'a loop': [leaf(loop[0], fnmtLeaf), loopOf(loop[0], loop[1]), loopOf(loop[1], loop[0])],
    'a hundred names': [
      withExtensions(
        keyUsage('digitalSignature'),
        certificatePolicies(fnmtPolicy),
        subjectAlternativeName(...names(100)),
      ),
    ],
    'one MiB': [withExtensions(subjectAlternativeName(directoryName({ CN: 'x'.repeat(1_048_576) })))],
    'one MiB of nothing': [unreadable(1_048_576)],
    'no certificate': [Buffer.from('hello')],
    'an empty one': [Buffer.alloc(0)],
  };
}
