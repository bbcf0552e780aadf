import type { RequestHandler } from 'express';
import { traceRequest } from '../../platform/http-tracing.ts';
import { isFrontEnd } from './client-address.ts';
import type { ApiDependencies } from './dependencies.ts';

/** A trace goes on from a front-end that shows its key; anybody else's request begins one of its own. */
export const traceRequests = ({ settings }: Pick<ApiDependencies, 'settings'>): RequestHandler =>
  traceRequest((request) =>
    isFrontEnd(request, settings.FRONT_END_KEY) ? request.get('traceparent') : undefined,
  );
