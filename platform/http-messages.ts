import { IncomingMessage, type RequestListener, type ServerOptions, ServerResponse } from 'node:http';
import type { Express } from 'express';

type HttpMessageClasses = Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'>;

const classesOf = new WeakMap<Express, HttpMessageClasses>();

/**
 * The classes of requests and responses for a server of this application: options of `createServer`. Express sets its prototypes
 * on every message; on these they are set already. Changing them costs more than all else that Express does for a short answer,
 * and retains memory until the next major collection (docs/adr/0065). For a listener that is no Express application: none.
 */
export function httpMessageClasses(application: RequestListener): HttpMessageClasses {
  if (!isExpress(application)) return {};
  // An application may have several servers.
  const classes = classesOf.get(application) ?? createClasses(application);
  classesOf.set(application, classes);
  return classes;
}

const isExpress = (application: RequestListener): application is Express =>
  'request' in application && 'response' in application;

function createClasses(application: Express): HttpMessageClasses {
  class ExpressRequest extends IncomingMessage {}
  class ExpressResponse<Request extends IncomingMessage> extends ServerResponse<Request> {}
  // Express sets these two as prototypes: to set the prototype that is set changes nothing.
  application.request = moveTo(ExpressRequest.prototype, application.request);
  application.response = moveTo(ExpressResponse.prototype, application.response);
  return { IncomingMessage: ExpressRequest, ServerResponse: ExpressResponse };
}

/** Gives a prototype all properties of another one, and its prototype. */
function moveTo<Prototype extends object>(target: object, source: Prototype): Prototype {
  Object.setPrototypeOf(target, Object.getPrototypeOf(source));
  return Object.defineProperties(target, Object.getOwnPropertyDescriptors(source)) as Prototype;
}
