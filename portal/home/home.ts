import express from 'express';
import { withVisitor } from '../visitor/visitor.ts';

/** The way in: what can be done here. */
export const home = express.Router().get(
  '/',
  withVisitor((visitor) => visitor.render('home/home.njk', { indexed: true })),
);
