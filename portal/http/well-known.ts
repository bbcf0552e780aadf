import express from 'express';
import { type Language, languageFrom } from '../../domain/languages.ts';

interface Addresses {
  readonly asset: (name: string) => string;
  readonly passwordChangeIn: (language: Language) => string;
}

/** The addresses that browsers, password managers and search engines expect of every site. */
export function wellKnown({ asset, passwordChangeIn }: Addresses): express.Router {
  const router = express.Router();
  // A password manager opens it to have a password changed (W3C, A Well-Known URL for Changing Passwords).
  router.get('/.well-known/change-password', (request, response) => {
    const language = languageFrom(request.get('Accept-Language'));
    response.vary('Accept-Language').redirect(302, passwordChangeIn(language));
  });
  router.get('/favicon.ico', (_request, response) => {
    response.redirect(302, asset('clave.svg'));
  });
  router.get('/robots.txt', (_request, response) => {
    response.type('text/plain').send('User-agent: *\nDisallow: /*/journeys/\nDisallow: /*/desk\n');
  });
  return router;
}
