import { execFileSync } from 'node:child_process';
import { readServiceSettings } from '../platform/config.ts';
import { draftMigration } from './schema-engine.ts';

/** `npm run migration:draft`: prints the SQL from the committed `schema.prisma` to the edited one. */
const settings = readServiceSettings();
const committed = execFileSync('git', ['show', 'HEAD:prisma/schema.prisma'], { encoding: 'utf8' });
process.stdout.write(await draftMigration(settings.DATABASE_OWNER_URL ?? settings.DATABASE_URL, committed));
process.exit(0);
