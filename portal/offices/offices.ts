import { readFileSync } from 'node:fs';
import express from 'express';
import { z } from 'zod';
import { withPageRequest } from '../page-request/page-request.ts';

const text = z.string().min(1).max(200);

/** The form of `offices.json`, described in docs/operations.md. */
const officesFile = z.strictObject({
  /** Whether the offices are invented; the page says so. */
  isSample: z.boolean(),
  offices: z.array(
    z.strictObject({
      name: text,
      address: text,
      postcode: z.string().regex(/^\d{5}$/),
      town: text,
      province: text,
      phone: z
        .string()
        .regex(/^\+?[\d ]{3,20}$/)
        .optional(),
      hours: text.optional(),
      appointmentUrl: z.url({ protocol: /^https$/ }).optional(),
    }),
  ),
});

/** Reads a file of offices. @throws ZodError if it does not have the form */
export const readOffices = (json: string) => officesFile.parse(JSON.parse(json));

const { isSample, offices: all } = readOffices(
  readFileSync(new URL('offices.json', import.meta.url), 'utf8'),
);
const provinces = [...new Set(all.map(({ province }) => province))].sort(new Intl.Collator('es').compare);

/** The registration offices, all or those of a province. The search is a form that asks: it works without JavaScript. */
export const offices = express.Router().get(
  '/offices',
  withPageRequest((page, request) => {
    const asked = provinces.find((province) => province === request.query['province']);
    page.render('offices/offices.njk', {
      indexed: true,
      isSample,
      provinces,
      province: asked ?? '',
      offices: all.filter(({ province }) => !asked || province === asked),
    });
  }),
);
