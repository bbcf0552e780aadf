/** A server of this machine could not be started or stopped. The message is one line, fit to be printed as it is. */
export class LocalServerError extends Error {
  constructor(line: string) {
    super(line.replace(/\s*\n\s*/g, ' ').trim());
    this.name = 'LocalServerError';
  }
}
