// Networks as people have them.
import type { Page } from '@playwright/test';

/** A slow 3G network: half a second to and fro, or this many milliseconds, and 50 KB in a second. */
export async function slow(page: Page, latency = 500): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    offline: false, latency, downloadThroughput: 50 * 1024, uploadThroughput: 50 * 1024,
  });
}
