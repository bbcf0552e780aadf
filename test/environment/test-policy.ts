import { type Policy, policyFrom } from '../../domain/policy.ts';
import { readPolicy } from '../../platform/config.ts';

/** The policy table with some of it replaced, as a policy file would. */
export function policyWith(overrides: Record<string, unknown> = {}): Policy {
  const result = policyFrom(overrides);
  if ('problems' in result) throw new Error(result.problems.join('; '));
  return Object.keys(overrides).length === 0 ? readPolicy(undefined) : result.policy;
}
