import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Citizen } from './citizen.ts';

/** Personal data and secrets of the citizens in the logs of the processes, in words: there must be none. */
export function* leaksIn(logs: string, citizens: readonly Citizen[]): Generator<string> {
  const ids = new Set(citizens.map(({ data }) => data.nationalId));
  const secrets = citizens.flatMap(({ activationCode, voidCodes }) => [activationCode, ...voidCodes]);
  for (const name of readdirSync(logs)) {
    const text = readFileSync(join(logs, name), 'utf8');
    if (/Zzyzyx|Canaria|canary\.\d|Llueve-Poco|\+?34699\d{6}\b/.test(text))
      yield `${name} names a person or a password`;
    if ([...text.matchAll(/\b\d{8}[A-Z]\b/g)].some(([id]) => ids.has(id))) yield `${name} has a national id`;
    if (secrets.some((code) => code && text.includes(code))) yield `${name} has an activation code`;
    if (/"level":60/.test(text)) yield `${name}: a process ended itself: ${/.*"level":60.*/.exec(text)?.[0]}`;
  }
}
