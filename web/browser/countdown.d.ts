export declare const secondsUntil: (untilMs: number, nowMs?: number) => number;
