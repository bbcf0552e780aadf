import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { citizenTaskQueue, gatewayTaskQueue, smsTaskQueue } from '../../domain/task-queues.ts';
import { readCertificateSettings } from '../../platform/certificate-settings.ts';
import {
  readGatewaySettings,
  readPolicy,
  readPortalSettings,
  readServiceSettings,
  settingNames,
} from '../../platform/config.ts';
import { asDeployment, asJob, type Container, extensions, settingsOfNode } from './hardening.ts';
import { kubernetesSchema, type Manifest, manifestsIn } from './kubernetes.ts';
import { kindOf, standIns, withFilesThatThereAre } from './stand-ins.ts';

const folder = 'deploy/kubernetes';
const kustomizations = [
  'base',
  'migration',
  'components/keda',
  'components/monitoring',
  'components/tracing',
];

/** Every object of a folder's kustomization. */
const objectsOf = (part: string): Manifest[] =>
  (parse(readFileSync(join(folder, part, 'kustomization.yaml'), 'utf8')).resources as string[]).flatMap(
    (file) => manifestsIn(join(folder, part, file)),
  );
const all = kustomizations.flatMap(objectsOf);
const ofKind = (kind: string) => all.filter((manifest) => manifest.kind === kind);
const deployments = ofKind('Deployment').map(asDeployment);
const [migration] = ofKind('Job').map(asJob);
const containers: [string, Container][] = [
  ...deployments.map(({ metadata, spec }): [string, Container] => [
    metadata.name,
    spec.template.spec.containers[0],
  ]),
  ...(migration ? [['migration', migration.spec.template.spec.containers[0]] as [string, Container]] : []),
];
const settings = ofKind('ConfigMap')[0]?.['data'] as Record<string, string>;

let violations: (manifest: Manifest) => string[];
beforeAll(async () => {
  const schema = await kubernetesSchema();
  violations = (manifest) => {
    const extension = extensions[`${manifest.apiVersion} ${manifest.kind}`];
    const wrong = extension
      ? (extension
          .safeParse(manifest)
          .error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`) ?? [])
      : schema(manifest);
    return wrong ?? [`no schema for ${manifest.apiVersion} ${manifest.kind}`];
  };
}, 120_000);

describe('a manifest', () => {
  test.each(all.map((manifest) => [`${manifest.kind} ${manifest.metadata.name}`, manifest] as const))(
    '%s is what its schema says',
    (_name, manifest) => {
      expect(violations(manifest)).toEqual([]);
    },
  );

  const broken: [string, string, (spec: PodSpec & Record<string, unknown>, container: object) => unknown][] =
    [
      [
        'a probe that is misspelt',
        'readinesProbe',
        (_spec, container) => Object.assign(container, { readinesProbe: {} }),
      ],
      [
        'a port by its name where a number is asked for',
        'containerPort',
        (_spec, container) => Object.assign(container, { ports: [{ containerPort: 'http' }] }),
      ],
      ['no selector', 'selector', (spec) => Reflect.deleteProperty(spec, 'selector')],
      ['a field of another object', 'schedule', (spec) => Object.assign(spec, { schedule: '* * * * *' })],
    ];
  test.each(broken)('with %s is refused', (_what, named, harm) => {
    const manifest = structuredClone(ofKind('Deployment')[0]) as Manifest & {
      spec: PodSpec & Record<string, unknown>;
    };
    harm(manifest.spec, manifest.spec.template.spec.containers[0]);
    expect(violations(manifest).join('\n')).toContain(named);
  });

  test('of another project’s kind is refused where a word is wrong', () => {
    const scaled = structuredClone(ofKind('ScaledObject')[0]) as Manifest & {
      spec: { triggers: { metadata: object }[] };
    };
    Object.assign(scaled.spec.triggers[0]?.metadata ?? {}, { taskqueue: 'clave' });
    expect(violations(scaled).join()).toContain('taskqueue');
  });

  test('holds no secret', () => {
    expect(ofKind('Secret')).toEqual([]);
    const given = containers.flatMap(([, { env }]) => env).filter(({ value }) => value !== undefined);
    const names = [...given.map(({ name }) => name), ...Object.keys(settings)];
    // A key of TLS is given by the name of its file.
    const secret = /(?<!_TLS_)KEY$|TOKEN|SECRET|PASSWORD|DATABASE|_SID$/;
    expect(names.filter((name) => secret.test(name))).toEqual([]);
  });
});

describe('a deployment', () => {
  test.each(deployments.map((deployment) => [deployment.metadata.name, deployment] as const))(
    '%s selects its own pods, keeps most of them through disruptions, and spreads them',
    (name, { spec }) => {
      expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels);
      const budgets = ofKind('PodDisruptionBudget').map(({ spec: budget }) => budget);
      expect(budgets).toContainEqual({ maxUnavailable: 1, selector: spec.selector });
      expect(spec.template.spec.topologySpreadConstraints).toHaveLength(2);
      const policies = ofKind('NetworkPolicy').map(
        (policy) => (policy['spec'] as { podSelector: unknown }).podSelector,
      );
      expect(policies).toContainEqual({ matchLabels: { 'app.kubernetes.io/name': name } });
    },
  );

  test.each(deployments.map((deployment) => [deployment.metadata.name, deployment] as const))(
    '%s is given the time that its end takes',
    (_name, { spec: { template } }) => {
      const drain = Number(
        template.spec.containers[0].env.find(({ name }) => name === 'DRAIN_SECONDS')?.value ?? 0,
      );
      // Requests in progress, then calls to Temporal that they started (platform/graceful-shutdown.ts, api/main.ts).
      expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(drain + 6 + 5);
      // Longer than keepAliveTimeout.
      if (template.spec.containers[0].env.some(({ name }) => name === 'PORT'))
        expect(drain).toBeGreaterThan(5);
    },
  );

  test('serves every queue, and scales by those that there are', () => {
    const value = (wanted: string) =>
      containers.flatMap(([, { env }]) =>
        env.filter(({ name }) => name === wanted).map((entry) => entry.value),
      );
    expect(value('WORKER_QUEUES').sort()).toEqual(['citizens,gateway', 'sms']);
    const triggers = ofKind('ScaledObject').flatMap(
      ({ spec }) => (spec as { triggers: { metadata: { taskQueue?: string } }[] }).triggers,
    );
    const queues = triggers.flatMap(({ metadata }) => metadata.taskQueue ?? []);
    expect(queues).toEqual([citizenTaskQueue, gatewayTaskQueue, smsTaskQueue]);
    expect(all.map(({ metadata }) => metadata.name)).toEqual(
      expect.arrayContaining(['worker', 'sms-worker']),
    );
  });

  test('has a number of its own, or an autoscaler that keeps at least two: an apply would set that back', () => {
    const scaled = ofKind('HorizontalPodAutoscaler').map(
      ({ spec }) => spec as { scaleTargetRef: { name: string }; minReplicas: number },
    );
    for (const { minReplicas } of scaled) expect(minReplicas).toBeGreaterThanOrEqual(2);
    const without = deployments.filter(({ spec }) => spec.replicas === undefined);
    expect(without.map(({ metadata }) => metadata.name).sort()).toEqual(
      scaled.map(({ scaleTargetRef }) => scaleTargetRef.name).sort(),
    );
  });

  test('scales by the Temporal that its processes use', () => {
    const asked = ofKind('ScaledObject').map(({ spec }) => (spec as Scaled).triggers[0].metadata);
    for (const { endpoint, namespace } of asked)
      expect([endpoint, namespace]).toEqual([settings['TEMPORAL_ADDRESS'], settings['TEMPORAL_NAMESPACE']]);
    const { patches } = parse(readFileSync(join(folder, 'example', 'kustomization.yaml'), 'utf8'));
    const put = (kind: string, end: RegExp): unknown[] =>
      (patches as { target: { kind: string }; patch: string }[])
        .filter(({ target }) => target.kind === kind)
        .flatMap(({ patch }) => parse(patch) as Patch[])
        .flatMap(({ path, value }) => (end.test(path) ? [value] : []));
    const told = put('ConfigMap', /TEMPORAL_/);
    expect(told).toHaveLength(2);
    expect(put('ScaledObject', /metadata/)).toEqual(told);
  });

  test('is migrated under the policy under which it runs', () => {
    const [runs, migrates] = ['base', 'migration'].map((part) =>
      JSON.parse(readFileSync(join(folder, part, 'policy.json'), 'utf8')),
    );
    expect(migrates).toEqual(runs);
  });
});

describe('the settings of a container', () => {
  test.each(containers)(
    '%s are ones that it reads, and all that it needs',
    (name, { env, envFrom, command }) => {
      expect(existsSync(command[1].replace(/^dist\/(.*)\.js$/, '$1.ts'))).toBe(true);
      const shared = envFrom ? settings : {};
      const names = [...env.map((entry) => entry.name), ...Object.keys(shared)];
      const known = settingNames[kindOf(name)];
      expect(names.filter((each) => !known.has(each) && !settingsOfNode.includes(each))).toEqual([]);
      const given = Object.fromEntries(env.map((entry) => [entry.name, entry.value ?? standIns[entry.name]]));
      const environment = { ...shared, ...given, CLAVE_POLICY_FILE: `${folder}/base/policy.json` };
      if (name === 'portal') readPortalSettings(environment);
      else if (name === 'gateway') readGatewaySettings(environment);
      else if (name === 'certificates') readCertificateSettings(withFilesThatThereAre(environment));
      else if (name === 'migration') readPolicy(environment.CLAVE_POLICY_FILE);
      else readServiceSettings(withFilesThatThereAre(environment));
    },
  );

  test('are known where a component adds some, and what it adds is what the schema says', () => {
    for (const component of ['temporal-mtls', 'temporal-api-key', 'temporal-ca', 'tracing']) {
      const kustomization = parse(
        readFileSync(join(folder, 'components', component, 'kustomization.yaml'), 'utf8'),
      );
      const [{ path, target }] = kustomization.patches as [{ path: string; target: { name: string } }];
      const patch = parse(readFileSync(join(folder, 'components', component, path), 'utf8')) as Patch[];
      const isMeant = new RegExp(`^${target.name}$`);
      const meant = ofKind('Deployment').filter(({ metadata }) => isMeant.test(metadata.name));
      expect(meant.map(({ metadata }) => metadata.name)).toEqual(['api', 'worker', 'sms-worker']);
      for (const deployment of meant) {
        const patched = patch.reduce(added, structuredClone(deployment));
        expect(violations(patched)).toEqual([]);
        const names = asDeployment(patched).spec.template.spec.containers[0].env.map(({ name }) => name);
        expect(
          names.filter((name) => !settingNames.service.has(name) && !settingsOfNode.includes(name)),
        ).toEqual([]);
        expect(names.some((name) => /^(TEMPORAL_(TLS|API)|OTEL)_/.test(name))).toBe(true);
      }
    }
  });
});

describe('a kustomization', () => {
  const places = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => basename(file) === 'kustomization.yaml')
    .map((file) => dirname(file));

  test.each(places)('%s names files that there are, and patches objects that there are', (place) => {
    const said = parse(readFileSync(join(folder, place, 'kustomization.yaml'), 'utf8')) as Kustomization;
    const files = [
      ...(said.resources ?? []),
      ...(said.components ?? []),
      ...(said.patches ?? []).flatMap(({ path }) => path ?? []),
      ...(said.configMapGenerator ?? []).flatMap((generator) => generator.files ?? []),
    ];
    expect(files.filter((file) => !existsSync(join(folder, place, file)))).toEqual([]);
    for (const { target } of said.patches ?? []) {
      const isMeant = new RegExp(`^${target.name}$`);
      expect(ofKind(target.kind).some(({ metadata }) => isMeant.test(metadata.name))).toBe(true);
    }
  });
});

const kubectl = spawnSync('kubectl', ['version', '--client']).status === 0;
(kubectl ? test : test.skip)('the example is put together as it stands', () => {
  const built = execFileSync('kubectl', ['kustomize', `${folder}/example`], { encoding: 'utf8' });
  const manifests = parseAllDocuments(built).map((document) => document.toJS() as Manifest);
  expect(manifests.length).toBeGreaterThan(20);
  expect(manifests.flatMap((manifest) => violations(manifest))).toEqual([]);
  const elsewhere = manifests.filter(
    ({ kind, metadata }) => kind !== 'Namespace' && metadata.namespace !== 'clave-permanente',
  );
  expect(elsewhere.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([]);
});

interface PodSpec {
  readonly template: { readonly spec: { readonly containers: readonly [object] } };
}

interface Kustomization {
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly patches?: readonly { readonly target: { kind: string; name: string }; readonly path?: string }[];
  readonly configMapGenerator?: readonly { readonly files?: readonly string[] }[];
}

interface Scaled {
  readonly triggers: readonly [{ readonly metadata: Readonly<Record<string, string>> }];
}

interface Patch {
  readonly op: string;
  readonly path: string;
  readonly value: unknown;
}

/** The `add` operation of JSON Patch (RFC 6902), the only one that the components use. */
function added(manifest: Manifest, { op, path, value }: Patch): Manifest {
  expect(op).toBe('add');
  const steps = path.split('/').slice(1);
  const last = steps.pop() ?? '';
  // biome-ignore lint/suspicious/noExplicitAny: a manifest is read where the patch says
  const place = steps.reduce((at: any, step) => at[step], manifest);
  if (last === '-') place.push(value);
  else place[last] = value;
  return manifest;
}
