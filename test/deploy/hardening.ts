import { z } from 'zod';

/** Requirements on every pod of this project, beyond Kubernetes' own schema. */
const container = z.object({
  image: z.literal('clave-permanente', 'is named by an overlay'),
  command: z.tuple([z.literal('node'), z.string().regex(/^dist\/.+\.js$/)]),
  securityContext: z.object({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    privileged: z.undefined().optional(),
    capabilities: z.object({ drop: z.tuple([z.literal('ALL')]), add: z.undefined().optional() }),
  }),
  resources: z.object({
    requests: z.object({ cpu: z.string(), memory: z.string() }),
    limits: z.object({ memory: z.string() }),
  }),
  envFrom: z.array(z.object({ configMapRef: z.object({ name: z.string() }) })).optional(),
  env: z.array(
    z.object({
      name: z.string(),
      value: z.string().optional(),
      valueFrom: z.object({ secretKeyRef: z.object({ name: z.string(), key: z.string() }) }).optional(),
    }),
  ),
});

const probed = container.extend({ readinessProbe: z.looseObject({}), livenessProbe: z.looseObject({}) });

const pod = <Container extends z.ZodType>(of: Container) =>
  z.object({
    metadata: z.object({ labels: z.record(z.string(), z.string()) }),
    spec: z.object({
      automountServiceAccountToken: z.literal(false),
      hostNetwork: z.undefined().optional(),
      hostPID: z.undefined().optional(),
      securityContext: z.object({
        runAsNonRoot: z.literal(true),
        runAsUser: z.int().min(1),
        seccompProfile: z.object({ type: z.literal('RuntimeDefault') }),
      }),
      containers: z.tuple([of]),
      terminationGracePeriodSeconds: z.int().optional(),
      topologySpreadConstraints: z.array(z.object({})).optional(),
    }),
  });

const deployment = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    replicas: z.int().min(2).optional(),
    strategy: z.object({ rollingUpdate: z.object({ maxUnavailable: z.literal(0) }) }),
    selector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
    template: pod(probed),
  }),
});

const job = z.object({ spec: z.object({ template: pod(container) }) });

export type Container = z.infer<typeof container>;
export type Deployment = z.infer<typeof deployment>;

/** Environment variables that Node and the allocator read, not our settings. */
export const settingsOfNode: readonly string[] = ['NODE_OPTIONS', 'MALLOC_ARENA_MAX'];

/** Checks a Deployment against the requirements. @throws ZodError */
export const asDeployment = (manifest: unknown): Deployment => deployment.parse(manifest);
export const asJob = (manifest: unknown): z.infer<typeof job> => job.parse(manifest);

const trigger = z.strictObject({
  type: z.literal('temporal'),
  metadata: z.strictObject({
    endpoint: z.string(),
    namespace: z.string(),
    taskQueue: z.string(),
    queueTypes: z.string().regex(/^(workflow|activity)(,(workflow|activity))*$/),
    targetQueueSize: z.string().regex(/^\d+$/),
  }),
  authenticationRef: z.strictObject({ name: z.string() }),
});
const cpu = z.strictObject({
  type: z.literal('cpu'),
  metricType: z.literal('Utilization'),
  metadata: z.strictObject({ value: z.string().regex(/^\d+$/) }),
});
const metadata = z.strictObject({ name: z.string(), namespace: z.string().optional() });
const labels = z.strictObject({
  matchLabels: z.record(z.string(), z.string()).optional(),
  matchExpressions: z
    .array(z.strictObject({ key: z.string(), operator: z.literal('In'), values: z.array(z.string()) }))
    .optional(),
});

/** Schemas of custom resources, limited to the fields that the manifests use. */
export const extensions: Readonly<Record<string, z.ZodType>> = {
  'keda.sh/v1alpha1 ScaledObject': z.strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata,
    spec: z.strictObject({
      scaleTargetRef: z.strictObject({ name: z.string() }),
      minReplicaCount: z.int().min(2),
      maxReplicaCount: z.int(),
      pollingInterval: z.int(),
      cooldownPeriod: z.int(),
      triggers: z.array(z.discriminatedUnion('type', [trigger, cpu])),
    }),
  }),
  'keda.sh/v1alpha1 TriggerAuthentication': z.strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata,
    spec: z.strictObject({
      secretTargetRef: z.array(
        z.strictObject({
          parameter: z.enum(['ca', 'cert', 'key', 'apiKey']),
          name: z.string(),
          key: z.string(),
        }),
      ),
    }),
  }),
  'monitoring.coreos.com/v1 ServiceMonitor': z.strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata,
    spec: z.strictObject({
      selector: labels,
      endpoints: z.array(
        z.strictObject({
          port: z.string(),
          path: z.string(),
          interval: z.string(),
          scheme: z.literal('https').optional(),
          tlsConfig: z.strictObject({ serverName: z.string() }).optional(),
          authorization: z.strictObject({
            credentials: z.strictObject({ name: z.string(), key: z.string() }),
          }),
        }),
      ),
    }),
  }),
  'monitoring.coreos.com/v1 PodMonitor': z.strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata,
    spec: z.strictObject({
      selector: labels,
      podMetricsEndpoints: z.array(
        z.strictObject({ port: z.string(), path: z.string(), interval: z.string() }),
      ),
    }),
  }),
};
