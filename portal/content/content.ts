import express from 'express';
import { readPasswordPolicy } from '../../web/new-password/password-policy.ts';
import type { WordingKey } from '../../web/views/wording.ts';
import { type PageRequest, withPageRequest } from '../page-request/page-request.ts';
import { pages, type Section } from '../pages.ts';
import { type ContentName, contentNames, contentOf } from './texts.ts';

// The headings of the web map, one for each section.
const headings: Readonly<Record<Section, WordingKey>> = {
  services: 'home.services',
  information: 'home.information',
  legal: 'site.legal',
};

// Pages whose texts tell the citizen to go to an office.
const pagesThatSendToOffice: readonly ContentName[] = ['how-it-works', 'lost-code', 'faq', 'contact'];

/** The pages without a form, whose texts are in `locales/<language>/content.json`, and the web map. */
export const content = express.Router();

for (const name of contentNames)
  content.get(
    `/${pages[name].path}`,
    withPageRequest((page) => renderContent(page, name)),
  );

content.get(
  '/web-map',
  withPageRequest((page) => page.render('content/web-map.njk', { headings, indexed: true })),
);

async function renderContent(page: PageRequest, name: ContentName): Promise<void> {
  const policy = name === 'password-features' ? await readPasswordPolicy(page) : undefined;
  const blocks = contentOf(page.language, name);
  const sendsToOffice = pagesThatSendToOffice.includes(name);
  page.render('content/content.njk', { name, policy, blocks, sendsToOffice, indexed: true });
}
