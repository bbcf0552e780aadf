/**
 * The citizen id (UUID layout) under which attempts with unknown data are queued and locked, so that they wait for one
 * another as attempts on a registered citizen do. `digest`: a MAC of the data, at least 16 bytes.
 */
export const decoyCitizenId = (digest: Buffer): string => {
  const hex = digest.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};
