import express from 'express';
import { readPasswordPolicy } from '../permanente/new-password/password-policy.ts';
import { type Visitor, withVisitor } from '../visitor/visitor.ts';
import { type ContentName, contentNames, contentOf } from './texts.ts';

/** The pages that only tell: their words are in `locales/<language>/content.json`. */
export const content = express.Router();

for (const name of contentNames)
  content.get(
    `/${name}`,
    withVisitor((visitor) => show(visitor, name)),
  );

content.get(
  '/web-map',
  withVisitor((visitor) => visitor.render('content/web-map.njk', { indexed: true })),
);

async function show(visitor: Visitor, name: ContentName): Promise<void> {
  const policy = name === 'password-features' ? await readPasswordPolicy(visitor) : undefined;
  visitor.render('content/content.njk', {
    name,
    policy,
    blocks: contentOf(visitor.language, name),
    indexed: true,
  });
}
