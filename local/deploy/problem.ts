/** What keeps a deploy from going on. */
export interface Problem {
  what: string;
  /** What to do about it, in words for the person who deploys. */
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
