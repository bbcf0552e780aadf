import type { DemoCitizen } from './demo-citizen.ts';

/** Where things are, once everything runs. */
export interface ServiceAddresses {
  /** By the name of localhost, which every browser trusts with cookies that are for TLS only. */
  readonly portal: string;
  /** The issuer of the gateway. */
  readonly gateway: string | undefined;
  /** A site of an administration that identifies citizens through it. */
  readonly demo: string | undefined;
  readonly api: string;
  readonly temporalUi: string | undefined;
  readonly phone: string | undefined;
  /** The simulated cards, and the listener to which they identify. */
  readonly cardReader: string | undefined;
  readonly certificates: string | undefined;
  /** Undefined where the caller has set it: then it is theirs, and is not shown. */
  readonly officeKey: string | undefined;
  readonly logs: string;
}

const demoPassword = 'Nunca-llueve-en-2030!';

const json = (expression: string, text: string): string => `node -p '${expression}' "${text}"`;

/** Three lines for bash, to be pasted one after the other: an activation from the code to the password. */
export function activationLines(api: string, phone: string, citizen: DemoCitizen): [string, string, string] {
  const { nationalId, email, activationCode } = citizen;
  const post = `curl -s -X POST -H 'Content-Type: application/json'`;
  const base = `${api}/api/v1`;
  const texts = `${phone}/messages.json?to=${encodeURIComponent(citizen.phone)}`;
  return [
    [
      `R=$(${post} -d '${JSON.stringify({ nationalId, email, activationCode })}' ${base}/activations)`,
      'echo "$R"',
      `ID=$(${json('JSON.parse(process.argv[1]).journey.id', '$R')})`,
      `TOKEN=$(${json('JSON.parse(process.argv[1]).token', '$R')})`,
    ].join('; '),
    [
      'sleep 1', // the text message is on its way
      `OTP=$(${json('JSON.parse(process.argv[1]).messages.at(-1).body.match(/\\b\\d{6}\\b/)[0]', `$(curl -s '${texts}')`)})`,
      `${post} -H "Authorization: Bearer $TOKEN" -d "{\\"otp\\":\\"$OTP\\"}" ${base}/journeys/$ID/otp; echo`,
    ].join('; '),
    `${post} -H "Authorization: Bearer $TOKEN" -d '{"password":"${demoPassword}"}' ${base}/journeys/$ID/password; echo`,
  ];
}

/** The text that is printed once everything is ready. `citizen`: to try an activation with, if there is one. */
export function welcome(where: ServiceAddresses, citizen: DemoCitizen | undefined): string {
  const places: [string, string | undefined][] = [
    ["The citizens' pages", where.portal],
    ['Demo administration', where.demo],
    ['The gateway', where.gateway],
    ['API', `${where.api}/api/v1`],
    ['API documentation', `${where.api}/docs`],
    ['Metrics', `${where.api}/metrics`],
    ['Temporal UI', where.temporalUi],
    ['The phone', where.phone],
    ['The card reader', where.cardReader],
    ['Certificates', where.certificates],
    ["The office's key", where.officeKey],
    ['Logs', where.logs],
  ];
  const lines = ['', 'Cl@ve Permanente is ready.', ''];
  for (const [name, value] of places) if (value) lines.push(`  ${name.padEnd(19)} ${value}`);
  if (citizen && where.phone) {
    const { nationalId, email, phone, activationCode } = citizen;
    lines.push(
      '',
      `A citizen to try it with: ${nationalId}, ${email}, ${phone}, activation code ${activationCode}`,
    );
    lines.push(
      'Paste into bash, one after the other:',
      '',
      ...activationLines(where.api, where.phone, citizen),
    );
    if (where.demo)
      lines.push('', `Then identify at ${where.demo}, as ${nationalId} with the password ${demoPassword}`);
  }
  return `${lines.join('\n')}\n\nCtrl-C stops everything.\n`;
}
