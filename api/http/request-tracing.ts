import type { RequestHandler } from 'express';
import { traceRequest } from '../../platform/http-tracing.ts';
import { isFrontEnd } from './client-address.ts';
import type { ApiDependencies } from './dependencies.ts';

/** Continues the trace of a front-end that authenticates with its key. Every other request starts a new trace. */
export const traceRequests = ({ settings }: Pick<ApiDependencies, 'settings'>): RequestHandler =>
  traceRequest((request) => (isFrontEnd(request, settings) ? request.get('traceparent') : undefined));
