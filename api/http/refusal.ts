import type { Problem } from './problems.ts';

/** Ends a request with a problem, from middleware that has no reply to return. */
export class Refusal extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.problem);
    this.problem = problem;
  }
}
