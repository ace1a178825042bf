// What the pages' scripts weigh, and that who runs none fetches none.
import { expect, test } from '../support/check';
import { signIn } from '../support/people';

/** Bytes, as a release sends them: with brotli. */
const MOST = 150_000;

test('scripts are small, and only for those who run them', async ({ page, acme, javaScriptEnabled }) => {
  const fetched: string[] = [];
  page.on('request', request => fetched.push(new URL(request.url()).pathname.split('/').pop()!));
  await signIn(page, acme.owner);
  await page.goto(acme.path('members'), { waitUntil: 'networkidle' });
  const scripts = fetched.filter(name => /\.(js|wasm)$/.test(name));
  if (javaScriptEnabled === false) {
    expect(scripts).toEqual([]);
    return;
  }
  expect([...new Set(scripts)].sort()).toEqual(['vestibule.js', 'vestibule.wasm']);
  const size = await page.evaluate(() => {
    const entries = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
    return entries.filter(entry => entry.name.endsWith('.wasm')).reduce((sum, entry) => sum + entry.encodedBodySize, 0);
  });
  expect(size).toBeGreaterThan(0);
  expect(size).toBeLessThan(MOST);
});
