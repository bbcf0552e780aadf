export declare const normaliseTypedText: (typed: string) => string;
export declare const withoutSeparators: (typed: string) => string;
export declare function otpIn(text: string): string | undefined;
