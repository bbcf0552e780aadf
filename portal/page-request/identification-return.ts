/**
 * The id of an identification at the gateway, to which a new password leads back; undefined for anything else. It is
 * opaque, and opens nothing without the cookies of the browser that started it.
 */
export const identificationId = (typed: string): string | undefined =>
  /^[\w-]{8,100}$/.test(typed) ? typed : undefined;

/** The address of that identification. `gatewayUrl`: the origin of the gateway, from the settings only. */
export const addressOfIdentification = (gatewayUrl: string, id: string): string =>
  `${gatewayUrl}/identify/${id}`;
