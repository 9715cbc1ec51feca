/** How the console is published: a folder of static files, two values that are no secrets, and a policy. */

/**
 * What the console may load. Only the core needs `wasm-unsafe-eval`, which allows WebAssembly and no other code.
 * `url` is that of the project.
 */
export function consolePolicy(url: string): string {
  return `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob: ${url}; ` +
    `connect-src 'self' ${url}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}

export function howToPublish(url: string): string {
  return `The console, for who is in queues.operators: \`make web\` builds it. Publish the folder web/console/dist on any host of
static files, with a file config.json in it and this header for all of it:

  config.json  {"url": "${url}", "key": "<the publishable key: sb_publishable_…>"}
  header       Content-Security-Policy: ${consolePolicy(url)}`;
}
