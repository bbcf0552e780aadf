import { slowClients } from './slow-clients.ts';

// A process of its own, so that it can be started in a network namespace. The result is the last line.
const result = await slowClients();
process.stdout.write(`\n${JSON.stringify(result)}\n`, () => process.exit(0));
