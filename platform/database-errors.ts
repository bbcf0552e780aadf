import { Prisma } from '../prisma/generated/client.ts';

/** A unique index refused a row: somebody else was first. */
export const isUniqueViolation = (error: unknown): boolean =>
  error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002';
