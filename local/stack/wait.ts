/** Returns whether the promise settles in time; rejects as it does. */
export async function settles(promise: Promise<unknown>, secs: number): Promise<boolean> {
  let timer;
  const late = new Promise<false>((resolve) => timer = setTimeout(() => resolve(false), secs * 1000));
  try {
    return await Promise.race([promise.then(() => true as const), late]);
  } finally {
    clearTimeout(timer);
  }
}
