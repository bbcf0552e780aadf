/** A Spanish phone number in groups, as it is read aloud: +34 612 345 678. Others stay as they are. */
export const phoneInGroups = (phone: string): string =>
  phone.replace(/^(\+34)(\d{3})(\d{3})(\d{3})$/, '$1 $2 $3 $4');
