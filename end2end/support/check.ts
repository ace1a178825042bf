// `test` with a server and a cast; it fails whatever a page complains of, even where nobody looked.
import { test as base, expect, type BrowserContext } from '@playwright/test';
import { Organization, anotherBrowser, type Person } from './people';
import { Server } from './server';

interface Cast {
  /** Another organization than `acme`; its owner may be somebody known already. */
  organization: (name: string, owner?: Person) => Promise<Organization>;
  /** An organization of this test's own. */
  acme: Organization;
  /** Sees to it that pages have nothing to complain of. */
  complaints: string[];
}

let tests = 0;

export const test = base.extend<Cast, { server: Server }>({
  server: [async ({}, use) => {
    const server = await Server.start();
    await use(server);
    await server.stop();
  }, { scope: 'worker' }],

  baseURL: ({ server }, use) => use(server.url),

  // an address of its own for each test, since many tries from one address have to wait
  extraHTTPHeaders: ({}, use) => use({ 'X-Forwarded-For': `10.0.${++tests >> 8}.${tests & 255}` }),

  organization: async ({ server, browser, extraHTTPHeaders }, use) => {
    const open = () => anotherBrowser(browser, server.url, extraHTTPHeaders ?? {});
    await use((name, owner) => Organization.create(server, open, name, owner));
  },

  acme: async ({ organization }, use) => use(await organization('Acme Press')),

  complaints: [async ({ context, server }, use) => {
    const before = server.errors().length;
    const complaints = listen(context, server.url);
    await use(complaints);
    expect([...complaints, ...server.errors().slice(before)]).toEqual([]);
  }, { auto: true }],
});

export { expect };

/** Whatever a page complains of, and whatever it asks of others. */
export function listen(context: BrowserContext, url: string): string[] {
  const complaints: string[] = [];
  context.on('console', message => {
    // a page that is answered with 4xx is what the test asked for; what it loads is looked at below
    if (/^Failed to load resource: the server responded with a status of/.test(message.text())) return;
    // the letter's frame takes no scripts, and those that look into it here are Playwright's own
    if (/^Blocked script execution in '(about:blank|[^']*\/letter(\?[^']*)?)'/.test(message.text())) return;
    if (['error', 'warning'].includes(message.type())) complaints.push(`console: ${message.text()}`);
  });
  context.on('weberror', error => complaints.push(`error: ${error.error().stack ?? error.error().message}`));
  context.on('dialog', dialog => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  context.on('request', request => {
    const asked = new URL(request.url());
    if (/^https?:$/.test(asked.protocol) && asked.origin !== url) complaints.push(`asked of others: ${request.url()}`);
  });
  context.on('response', response => {
    const isPage = response.request().resourceType() === 'document';
    if (response.status() >= 500 || (response.status() >= 400 && !isPage)) complaints.push(`${response.status()}: ${response.url()}`);
  });
  return complaints;
}
