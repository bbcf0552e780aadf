import express from 'express';
import { readPolicy } from '../permanente/new-password/password-policy.ts';
import { forVisitor, type Visitor } from '../visitor/visitor.ts';
import { type ContentName, contentNames, contentOf } from './texts.ts';

/** The pages that only tell: their words are in `locales/<language>/content.json`. */
export const content = express.Router();

for (const name of contentNames)
  content.get(
    `/${name}`,
    forVisitor((visitor) => show(visitor, name)),
  );

content.get(
  '/web-map',
  forVisitor((visitor) => visitor.show('content/web-map.njk', { indexed: true })),
);

async function show(visitor: Visitor, name: ContentName): Promise<void> {
  const policy = name === 'password-features' ? await readPolicy(visitor) : undefined;
  visitor.show('content/content.njk', {
    name,
    policy,
    blocks: contentOf(visitor.language, name),
    indexed: true,
  });
}
