/** What prevents a deploy. */
export interface Problem {
  what: string;
  /** What the person who deploys can do about it. */
  remedy: string;
}

/** Ends a deploy. */
export class Refused extends Error {
  constructor(readonly problems: Problem[]) {
    super(problems.map(({ what }) => what).join("; "));
  }
}

export function refuse(what: string, remedy: string): never {
  throw new Refused([{ what, remedy }]);
}
