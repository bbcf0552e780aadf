import express from 'express';
import { pages, type Section } from '../pages.ts';
import { readPasswordPolicy } from '../permanente/new-password/password-policy.ts';
import type { WordingKey } from '../views/wording.ts';
import { type Visitor, withVisitor } from '../visitor/visitor.ts';
import { type ContentName, contentNames, contentOf } from './texts.ts';

// The headings of the web map, one for each section.
const headings: Readonly<Record<Section, WordingKey>> = {
  services: 'home.services',
  information: 'home.information',
  legal: 'site.legal',
  desk: 'page.desk',
};

/** The pages without a form, whose texts are in `locales/<language>/content.json`, and the web map. */
export const content = express.Router();

for (const name of contentNames)
  content.get(
    `/${pages[name].path}`,
    withVisitor((visitor) => renderContent(visitor, name)),
  );

content.get(
  '/web-map',
  withVisitor((visitor) => visitor.render('content/web-map.njk', { headings, indexed: true })),
);

async function renderContent(visitor: Visitor, name: ContentName): Promise<void> {
  const policy = name === 'password-features' ? await readPasswordPolicy(visitor) : undefined;
  const blocks = contentOf(visitor.language, name);
  visitor.render('content/content.njk', { name, policy, blocks, indexed: true });
}
