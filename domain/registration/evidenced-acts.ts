/** The acts of which evidence is kept in place of the citizen's signature: those that were done with a certificate. */
export const evidencedActs = ['registration', 'code-regeneration', 'identification-renewal'] as const;
export type EvidencedAct = (typeof evidencedActs)[number];
