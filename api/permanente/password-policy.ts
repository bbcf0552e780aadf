import { z } from 'zod';
import { passwordPolicy } from '../../domain/permanente/password-policy.ts';
import { passwordPolicyText } from '../../platform/locales.ts';
import { route } from '../http/route.ts';

/** The password rules as data: a front-end checks a password against them while it is typed, without sending it. */
export const readPasswordPolicy = route({
  method: 'get',
  path: '/password-policy',
  summary: 'The rules for passwords, and recommendations, in the asked language',
  tag: 'Password policy',
  caller: 'anyone',
  replies: {
    200: z.object({
      rules: z.array(
        z.object({
          code: z.string(),
          needs: z
            .enum(['password', 'person', 'server'])
            .meta({ description: 'What it takes to check the rule.' }),
          parameters: z.record(z.string(), z.union([z.number(), z.string()])),
          text: z.string(),
        }),
      ),
      recommendations: z.array(z.object({ code: z.string(), text: z.string() })),
    }),
  },
  problems: [],
  async handle({ language }, { policy }) {
    const { rules, recommendations } = passwordPolicy(policy.password);
    return {
      status: 200,
      body: {
        rules: rules.map((rule) => ({
          ...rule,
          text: passwordPolicyText(rule.code, language, rule.parameters),
        })),
        recommendations: recommendations.map(({ code }) => ({
          code,
          text: passwordPolicyText(code, language, {}),
        })),
      },
    };
  },
});
