import type { Mutation } from '../mutation.ts';

const own = 'test/registration/own-acts.test.ts';
const online = 'test/registration/online-registration.test.ts';
const evidence = 'test/registration/online-evidence.test.ts';
const clock = 'test/workflows/identification-clock.test.ts';

/** Promise 38. */
export const certifiedActMutations: readonly Mutation[] = [
  {
    promise: '38',
    name: 'any-certificate-renews-the-five-years',
    file: 'api/registration/identification-renewals.ts',
    before: "      if (subject.holder && !subject.holder.isStrong) return { problem: 'dnie-needed' };\n",
    after: '',
    tests: [own],
  },
  {
    promise: '38',
    name: 'any-certificate-is-an-identification-in-person',
    file: 'activities/registration-statements.ts',
    before: "online?.isStrong ? { atMs, by: 'dnie' } : undefined",
    after: "online ? { atMs, by: 'dnie' } : undefined",
    tests: [online],
  },
  {
    promise: '38',
    name: 'another-certificate-clears-the-identification-in-person',
    file: 'activities/registration-statements.ts',
    before: 'coalesce(excluded."strongIdentifiedAt", citizen."strongIdentifiedAt")',
    after: 'excluded."strongIdentifiedAt"',
    tests: [clock],
  },
  {
    promise: '38',
    name: 'any-certificate-lifts-a-suspension',
    file: 'api/registration/online-registrations.ts',
    before: "  if (citizen?.suspendedAt && !holder.isStrong) return { problem: 'office-needed' };\n",
    after: '',
    tests: [online],
  },
  {
    promise: '38',
    name: 'an-act-needs-no-evidence',
    file: 'activities/registrations.ts',
    before: '!found.isReady || ',
    after: '',
    tests: [evidence],
  },
  {
    promise: '38',
    name: 'the-phone-of-another-gets-a-code',
    file: 'api/registration/online-registrations.ts',
    before: "  if (await isPhoneInUse(db, body.phone, citizen?.id)) return { problem: 'phone-in-use' };\n",
    after: '',
    tests: [online],
  },
  {
    promise: '38',
    name: 'a-certificate-token-opens-many-acts',
    file: 'api/certificates/certificate-use.ts',
    before: 'if (!(await reserveCertificateIdentification(db, id, { messageId, requestId })))',
    after: 'if (!(await reserveCertificateIdentification(db, id, { messageId, requestId })) && !messageId)',
    tests: [evidence],
  },
];
