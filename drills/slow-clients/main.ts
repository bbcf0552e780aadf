import { slowClients } from './slow-clients.ts';

// A process of its own, so that it can be started in a network namespace. The result is the last line.
const [, , times = '1'] = process.argv;
const result = await slowClients(Number(times));
process.stdout.write(`\n${JSON.stringify(result)}\n`, () => process.exit(0));
