import { Prisma } from '../prisma/generated/client.ts';

/** Whether a unique index rejected a row: a concurrent transaction inserted it first. */
export const isUniqueViolation = (error: unknown): boolean =>
  error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002';
