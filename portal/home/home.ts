import express from 'express';
import { forVisitor } from '../visitor/visitor.ts';

/** The way in: what can be done here. */
export const home = express.Router().get(
  '/',
  forVisitor((visitor) => visitor.show('home/home.njk', { indexed: true })),
);
