/** The demo administration as it is registered: everything that a relying party may have. */
export const demoParty = (origin: string) => ({
  name: {
    es: 'Administración de demostración',
    ca: 'Administració de demostració',
    gl: 'Administración de demostración',
    eu: 'Erakustaldiko administrazioa',
    'ca-valencia': 'Administració de demostració',
    en: 'Demonstration administration',
  },
  shortName: 'Demostracion',
  organisation: 'Cl@ve',
  dir3: 'E00000000',
  homeUrl: `${origin}/`,
  sector: 'demo-administration',
  protocol: 'oidc',
  floor: 'low',
  attributes: ['nif', 'profile', 'email', 'phone', 'registration_level'],
  redirectUris: [`${origin}/back`],
  postLogoutRedirectUris: [`${origin}/signed-out`],
  backchannelLogoutUri: `${origin}/backchannel-logout`,
  tokenEndpointAuthMethod: 'client_secret_basic',
});
