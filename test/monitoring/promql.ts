import { parser } from '@prometheus-io/lezer-promql';

/** One series that an expression asks for. */
export interface Selected {
  readonly metric: string;
  /** What its labels must be, as they are compared: `=`, `!=`, `=~` or `!~`. */
  readonly matchers: readonly { readonly label: string; readonly op: string; readonly value: string }[];
}

/** What an expression refers to. */
export interface Referred {
  readonly selected: readonly Selected[];
  /** Labels by which it groups. */
  readonly groupedBy: readonly string[];
}

/** Reads PromQL with Prometheus' own grammar. @throws SyntaxError where it is none */
export function referredTo(expression: string): Referred {
  const selected: { metric: string; matchers: { label: string; op: string; value: string }[] }[] = [];
  const groupedBy: string[] = [];
  const text = ({ from, to }: { from: number; to: number }) => expression.slice(from, to);
  let isGrouping = false;
  parser.parse(expression).iterate({
    enter(node) {
      if (node.type.isError) throw new SyntaxError(`at ${node.from}: ${expression}`);
      if (node.name === 'VectorSelector') selected.push({ metric: '', matchers: [] });
      if (node.name === 'GroupingLabels') isGrouping = true;
      const latest = selected.at(-1);
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
  return { selected, groupedBy };
}
