/** The basic alphabet of GSM 03.38: one place each in an SMS. */
export const gsmCharacters: ReadonlySet<string> = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);

/** Those that take an escape, and so two places. */
export const gsmExtendedCharacters: ReadonlySet<string> = new Set('\f^{}\\[~]|€');
