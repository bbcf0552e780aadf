import express from 'express';
import { homeServices } from '../pages.ts';
import { withVisitor } from '../visitor/visitor.ts';

/** The home page: what a citizen can do here. */
export const home = express.Router().get(
  '/',
  withVisitor((visitor) => visitor.render('home/home.njk', { services: homeServices, indexed: true })),
);
