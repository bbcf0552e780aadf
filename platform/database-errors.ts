import { DatabaseError } from 'pg';

/** Whether a unique index rejected a row of hand-written SQL: a concurrent transaction inserted it first. */
export const isUniqueViolation = (error: unknown): boolean =>
  error instanceof DatabaseError && error.code === '23505';
