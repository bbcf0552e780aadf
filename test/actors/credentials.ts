export const goodPassword = 'Llueve-Poco7';
export const otherPassword = 'Nieva_Mucho8';
export const wrongPassword = 'Wrong-Password-9!';

/** An activation code of the right shape that was never issued (a chance of 1 in 2^50). */
export const wrongCode = 'ZZZZZ-ZZZZZ';

/** Six digits that differ from the right ones. */
export const wrongOtp = (right: string): string => String((Number(right) + 1) % 1_000_000).padStart(6, '0');
