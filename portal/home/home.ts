import express from 'express';
import { withPageRequest } from '../page-request/page-request.ts';
import { firstServices, homeServices } from '../pages.ts';

/** The home page: what a citizen can do here. */
export const home = express.Router().get(
  '/',
  withPageRequest((page) =>
    page.render('home/home.njk', {
      indexed: true,
      firstServices,
      services: homeServices.filter((name) => !firstServices.includes(name)),
    }),
  ),
);
