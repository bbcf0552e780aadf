import { parser } from '@prometheus-io/lezer-promql';

/** A vector selector of an expression. */
export interface Selector {
  readonly metric: string;
  /** `op` is `=`, `!=`, `=~` or `!~`. */
  readonly matchers: readonly { readonly label: string; readonly op: string; readonly value: string }[];
}

/** The metrics and labels that an expression refers to. */
export interface References {
  readonly selectors: readonly Selector[];
  /** Labels of `by` and `without`. */
  readonly groupedBy: readonly string[];
}

/** Parses PromQL with Prometheus' own grammar. @throws SyntaxError */
export function referencesOf(expression: string): References {
  const selectors: { metric: string; matchers: { label: string; op: string; value: string }[] }[] = [];
  const groupedBy: string[] = [];
  const text = ({ from, to }: { from: number; to: number }) => expression.slice(from, to);
  let isGrouping = false;
  parser.parse(expression).iterate({
    enter(node) {
      if (node.type.isError) throw new SyntaxError(`at ${node.from}: ${expression}`);
      if (node.name === 'VectorSelector') selectors.push({ metric: '', matchers: [] });
      if (node.name === 'GroupingLabels') isGrouping = true;
      const latest = selectors.at(-1);
      if (node.name === 'Identifier' && node.node.parent?.name === 'VectorSelector' && latest)
        latest.metric = text(node);
      if (node.name !== 'LabelName') return;
      if (isGrouping) groupedBy.push(text(node));
      else if (latest) {
        const [, label = '', op = '', value = ''] =
          /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/.exec(text(node.node.parent ?? node)) ?? [];
        latest.matchers.push({ label, op, value });
      }
    },
    leave(node) {
      if (node.name === 'GroupingLabels') isGrouping = false;
    },
  });
  return { selectors, groupedBy };
}
